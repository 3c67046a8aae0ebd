// @ts-check
// The texts that are needed before a locale is loaded, or if none can be loaded.

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

/** Returns the built-in texts of a locale; the English ones if it has none. @param {string} lang */
export const builtinTexts = (lang) => TEXTS[lang] || TEXTS.en;
