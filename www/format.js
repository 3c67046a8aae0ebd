// @ts-check
// Formats amounts without floats: the digits of the text are kept.

import { bare, own } from "./own.js";

/**
 * A currency's form in a locale, which the build took from `Intl`: the first use of `Intl` in a page
 * takes longer than everything else that the selector needs.
 * @typedef {{ prefix: string, suffix: string, group: string, decimal: string, digits: number }} AmountPattern
 * @typedef {{ lang: string, amounts: Record<string, AmountPattern>, isOwn?: boolean }} AmountLocale
 *   `isOwn`: the patterns are those of another language, and give the number of digits only
 */

/**
 * Formats an integer of minor units: 12800 CNY is `CN¥128.00`. A currency whose minor unit is not
 * known stays in minor units, as in `contract::Amount`.
 * @param {number} value
 * @param {string} currency ISO 4217 code
 * @param {AmountLocale} locale
 */
export function formatMinorUnits(value, currency, locale) {
  const pattern = patternOf(currency, locale);
  const decimals = pattern ? pattern.digits : 0;
  const digits = String(value).padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  return formatAmount(decimals ? `${digits.slice(0, point)}.${digits.slice(point)}` : digits, currency, locale);
}

/**
 * Formats decimal text such as `128.00` in the currency's and the language's form.
 * @param {string} value
 * @param {string} currency ISO 4217 code
 * @param {AmountLocale} locale
 */
export function formatAmount(value, currency, locale) {
  const pattern = patternOf(currency, locale);
  const [whole, decimals] = value.split(".");
  if (!pattern || locale.isOwn) return formatByIntl(whole, decimals || "", currency, locale.lang);
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, pattern.group);
  return pattern.prefix + grouped + (decimals ? pattern.decimal + decimals : "") + pattern.suffix;
}

/** @param {string} currency @param {AmountLocale} locale */
const patternOf = (currency, { amounts }) => /** @type {AmountPattern | undefined} */ (own(amounts, currency));

/**
 * `Intl` formats the whole part, which is an exact integer; the decimals are inserted unchanged. The
 * digits are Latin in each language, as in the patterns and in the countdown.
 * @param {string} whole
 * @param {string} decimals
 * @param {string} currency
 * @param {string} lang
 */
function formatByIntl(whole, decimals, currency, lang) {
  const { length } = decimals;
  /** @type {Intl.NumberFormatOptions} */
  const options = { style: "currency", currency, minimumFractionDigits: length, maximumFractionDigits: length };
  try {
    const parts = new Intl.NumberFormat(`${lang}-u-nu-latn`, bare(options)).formatToParts(Number(whole));
    return parts.map((part) => (part.type === "fraction" ? decimals : part.value)).join("");
  } catch {
    return `${currency}\u00a0${whole}${length ? `.${decimals}` : ""}`; // Not a currency that this browser knows.
  }
}
