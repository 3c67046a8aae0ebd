// Amount formats of Intl as data: for servers without Intl, and for pages, where its first use is slow.

/** The currencies whose minor unit `contract::Currency` knows. */
const CURRENCIES = ["CNY", "EUR", "GBP", "HKD", "JPY", "KRW", "MOP", "SGD", "USD"];

/** @typedef {{ prefix: string, suffix: string, group: string, decimal: string, digits: number }} AmountPattern */

/**
 * The pattern of each currency in a locale.
 * @param {string} locale
 * @returns {Record<string, AmountPattern>}
 */
export function amountPatterns(locale) {
  return Object.fromEntries(CURRENCIES.map((currency) => [currency, pattern(locale, currency)]));
}

/** @param {string} locale @param {string} currency @returns {AmountPattern} */
function pattern(locale, currency) {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  const parts = format.formatToParts(1_234_567.89);
  const first = parts.findIndex(({ type }) => type === "integer");
  const last = parts.findLastIndex(({ type }) => type === "integer" || type === "fraction");
  const text = (/** @type {Intl.NumberFormatPart[]} */ some) => some.map(({ value }) => value).join("");
  const of = (/** @type {string} */ type) => parts.find((part) => part.type === type)?.value ?? "";
  return {
    prefix: text(parts.slice(0, first)),
    suffix: text(parts.slice(last + 1)),
    group: of("group"),
    decimal: of("decimal") || ".",
    digits: format.resolvedOptions().maximumFractionDigits ?? 0,
  };
}
