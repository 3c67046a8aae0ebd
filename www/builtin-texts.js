// @ts-check
// The texts that are needed before a locale is loaded, or when none can be.

import { hosted, load_failed, loading, reference, try_again, unavailable } from "./locales/en.json";
import * as zhCn from "./locales/zh-CN.json";

/** @type {Record<string, Record<string, string>>} */
const TEXTS = {
  en: { hosted, load_failed, loading, reference, try_again, unavailable },
  "zh-CN": {
    hosted: zhCn.hosted,
    load_failed: zhCn.load_failed,
    loading: zhCn.loading,
    reference: zhCn.reference,
    try_again: zhCn.try_again,
    unavailable: zhCn.unavailable,
  },
};

/** Returns the texts of a locale; English for one that has none here. @param {string} lang */
export const builtinTexts = (lang) => TEXTS[lang] || TEXTS.en;
