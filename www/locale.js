// @ts-check
// Selects the widget's language for the shopper, and fetches its texts and templates.

import { addressOf, importAsset } from "./assets.js";
import { LOCALES } from "./built.js";
import { loadFailed } from "./fault.js";

/**
 * @typedef {[string, Record<string, string>, ...(string | Tree)[]]} Tree an element as data:
 *   tag, attributes, children
 * @typedef {{ lang: string, texts: Record<string, string>, selectors: Record<string, Tree>,
 *   amounts: Record<string, import("./format.js").AmountPattern> }} Locale
 */

/** @type {Map<string, Promise<Locale>>} */
const locales = new Map();
let failures = 0;

/**
 * Loads one of LOCALES; English if it cannot be loaded. Rejects with a Fault.
 * @param {string} lang
 * @returns {Promise<Locale>}
 */
export function loadLocale(lang) {
  let locale = locales.get(lang);
  if (!locale) {
    locale = importAsset(LOCALES[lang], addressOf(LOCALES[lang], failures)).then(
      (module) => module.default,
      () => {
        failures += 1;
        locales.delete(lang);
        if (lang === "en") throw loadFailed(LOCALES.en.name);
        return loadLocale("en");
      },
    );
    locales.set(lang, locale);
  }
  return locale;
}

/**
 * Returns the locale to use: for the requested language, or that of the page around the element, or
 * the shopper's own. A locale of the whole tag takes precedence over one of the same language.
 * @param {string} locale
 * @param {Element} [element]
 */
export function negotiate(locale, element) {
  const wanted = locale === "auto" ? [languageAround(element), ...navigator.languages] : [locale];
  const known = Object.keys(LOCALES);
  for (const tag of wanted) {
    const [language, ...rest] = subtags(tag);
    const related = known.filter((lang) => subtags(lang)[0] === language);
    const found = related.find((lang) => subtags(lang).slice(1).join() === rest.join()) || related[0];
    if (found) return found;
  }
  return "en";
}

/** @param {string} tag */
const subtags = (tag) => tag.toLowerCase().split(/[-_]/);

/** @param {Element} [element] */
function languageAround(element) {
  /** @type {Node | null | undefined} */
  let node = element || document.documentElement;
  while (node instanceof Element) {
    const near = node.closest("[lang]");
    if (near) return near.getAttribute("lang") || "";
    // Continues outside of a shadow root of the page's own component.
    node = /** @type {ShadowRoot} */ (node.getRootNode()).host;
  }
  return "";
}

/** Returns the direction of a locale's script, as its templates have it. @param {Locale} locale */
export const directionOf = ({ selectors }) => selectors.accordion[1].dir || "ltr";

/**
 * Returns a locale's texts with the page's `translations` over them: by key, or by language and key.
 * @param {Locale} locale
 * @param {string} lang
 * @param {[string, unknown][]} translations
 */
export function wordsOf({ texts }, lang, translations) {
  /** @type {Record<string, string>} */
  const words = Object.assign(Object.create(null), texts);
  const nested = translations.filter(([key, value]) => key === lang && value && typeof value === "object");
  for (const [key, value] of [...translations, ...nested.flatMap(([, value]) => Object.entries(Object(value)))]) {
    if (typeof value === "string" && key in words) words[key] = value;
  }
  return words;
}
