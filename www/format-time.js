// @ts-check
// Formats the moments that a shopper reads.

import { bare } from "./own.js";

/**
 * Formats a moment in the shopper's time zone: the time, and the day unless it is today. The digits
 * are Latin in each language, as in amounts and in the countdown.
 * @param {number} unixMs
 * @param {string} lang
 */
export function formatTime(unixMs, lang) {
  const moment = new Date(unixMs);
  const isToday = moment.toDateString() === new Date().toDateString();
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { hour: "numeric", minute: "2-digit" };
  if (!isToday) Object.assign(options, { month: "short", day: "numeric" });
  return moment.toLocaleString(`${lang}-u-nu-latn`, bare(options));
}
