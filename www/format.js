// @ts-check
// Amounts as text. No float holds money: the digits of the text are kept as they are.

import { bare } from "./own.js";

const DECIMALS = bare({ CNY: 2, HKD: 2, USD: 2, EUR: 2, GBP: 2, SGD: 2, MOP: 2 });

/**
 * Writes an integer of minor units as decimal text in major units: 12800 CNY is `128.00`. A
 * currency whose minor unit is not known stays in minor units, as in `contract::Amount`.
 * @param {number} value
 * @param {string} currency
 */
export function majorUnits(value, currency) {
  const decimals = /** @type {Record<string, number>} */ (DECIMALS)[currency] || 0;
  const digits = String(value).padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  return decimals ? `${digits.slice(0, point)}.${digits.slice(point)}` : digits;
}

/**
 * Formats decimal text such as `128.00` in the currency's and the language's form. `Intl` formats
 * the whole part, which is an exact integer; the decimals are put in as they are.
 * @param {string} value
 * @param {string} currency ISO 4217 code
 * @param {string} lang
 */
export function formatAmount(value, currency, lang) {
  const [whole, decimals = ""] = value.split(".");
  const digits = decimals.length;
  /** @type {Intl.NumberFormatOptions} */
  const options = { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits };
  try {
    const parts = new Intl.NumberFormat(lang, bare(options)).formatToParts(Number(whole));
    return parts.map((part) => (part.type === "fraction" ? decimals : part.value)).join("");
  } catch {
    return `${currency}\u00a0${value}`; // Not a currency that this browser knows.
  }
}
