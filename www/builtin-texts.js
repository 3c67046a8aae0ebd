// @ts-check
// The texts of the failure screen where no locale could be loaded, in English and Chinese only: all
// languages would cost every shopper 1,200 bytes.

import { hosted, load_failed, reference, try_again, unavailable } from "./locales/en.json";
import * as chinese from "./locales/zh-Hans.json";

/** @typedef {{ lang: string, texts: Record<string, string> }} Words texts, and their language */

/** @type {Words} */
const ENGLISH = { lang: "en", texts: { hosted, load_failed, reference, try_again, unavailable } };
/** @type {Words} */
const CHINESE = {
  lang: "zh-Hans",
  texts: {
    hosted: chinese.hosted,
    load_failed: chinese.load_failed,
    reference: chinese.reference,
    try_again: chinese.try_again,
    unavailable: chinese.unavailable,
  },
};

/** Returns the built-in texts for a language. @param {string} lang */
export const builtinTexts = (lang) => (lang.startsWith("zh") ? CHINESE : ENGLISH);
