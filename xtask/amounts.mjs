// Writes `www/amounts.json`: amount formats of Intl as data, for the selector, where the first use of
// Intl is slow, and for servers without Intl. Committed, so that builds with another Node.js draw
// the same amounts. Usage: node xtask/amounts.mjs
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

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
  // Latin digits in each language, as in the countdown.
  const format = new Intl.NumberFormat(`${locale}-u-nu-latn`, { style: "currency", currency });
  const parts = format.formatToParts(1_234_567.89);
  const first = parts.findIndex(({ type }) => type === "integer");
  const last = parts.findLastIndex(({ type }) => type === "integer" || type === "fraction");
  // Between U+200E, as in Hebrew's data: in a line from right to left, CN¥ would be shown as ¥CN.
  const mark = locale === "ar" ? "\u200e" : "";
  const text = (/** @type {Intl.NumberFormatPart[]} */ some) => some.map(({ type, value }) => (type === "currency" ? mark + value + mark : value)).join("");
  const of = (/** @type {string} */ type) => parts.find((part) => part.type === type)?.value ?? "";
  return {
    prefix: text(parts.slice(0, first)),
    suffix: text(parts.slice(last + 1)),
    group: of("group"),
    decimal: of("decimal") || ".",
    digits: format.resolvedOptions().maximumFractionDigits ?? 0,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const www = fileURLToPath(new URL("../www/", import.meta.url));
  const files = (await readdir(join(www, "locales"))).filter((name) => name.endsWith(".json")).sort();
  const langs = files.map((name) => name.slice(0, -".json".length));
  const lines = langs.map((lang) => {
    const patterns = Object.entries(amountPatterns(lang)).map(([currency, pattern]) => `    "${currency}": ${JSON.stringify(pattern)}`);
    return `  "${lang}": {\n${patterns.join(",\n")}\n  }`;
  });
  // Spaces and marks that cannot be seen are escaped.
  const escape = (/** @type {string} */ text) => text.replace(/[\u00a0\u200e\u200f\u2009\u202f]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
  await writeFile(join(www, "amounts.json"), escape(`{\n${lines.join(",\n")}\n}\n`));
}
