// @ts-check
// The texts of opencashier-nomodule.js. The build replaces this module by one with the texts of
// each locale, of `www/locales`; both are ES5.

/**
 * `browser_too_old`, `hosted`, and the direction of each locale.
 * @type {Record<string, [string, string, string]>}
 */
export var TEXTS = {
  en: ["This browser is too old for the checkout. Pay on the shop’s payment page instead.", "Pay on the shop’s payment page", "ltr"]
};

/** Locales by each language tag, in lower case, that leads to them. @type {Record<string, string>} */
export var TAGS = { en: "en" };
