// @ts-check
// Selects the widget's language for the shopper, and fetches its texts and templates.

import { addressOf, importAsset } from "./assets.js";
import { LOCALES } from "./built.js";
import { loadFailed } from "./fault.js";
import NEGOTIATION from "./negotiation.json" with { type: "json" };
import { own } from "./own.js";

/**
 * @typedef {[string, Record<string, string>, ...(string | Tree)[]]} Tree an element as data:
 *   tag, attributes, children
 * @typedef {{ lang: string, texts: Record<string, string>, selectors: Record<string, Tree>,
 *   amounts: Record<string, import("./format.js").AmountPattern>, isOwn?: boolean }} Locale
 *   `isOwn`: the page brings the texts of a language that the build lacks
 * @typedef {[string, unknown][]} Translations
 */

/** @type {Map<string, Promise<Locale>>} */
const locales = new Map();
let failures = 0;

/** Forgets the locales, so that those that do not arrive are requested again. */
export function forgetLocales() {
  locales.clear();
  failures += 1;
}

/**
 * Loads a locale; if it cannot be loaded, its fallback, and last English. A language that the build
 * lacks is English, under the texts that the page brings. Rejects with a Fault.
 * @param {string} lang
 * @param {boolean} [isFallback]
 * @returns {Promise<Locale>}
 */
export function loadLocale(lang, isFallback) {
  const asset = /** @type {import("./assets.js").Asset | undefined} */ (own(LOCALES, lang));
  if (!asset) return loadLocale("en").then((locale) => ({ ...locale, lang, isOwn: true }));
  let locale = locales.get(lang);
  if (!locale) {
    locale = importAsset(asset, addressOf(asset, failures)).then(
      (module) => module.default,
      () => {
        failures += 1;
        locales.delete(lang);
        if (lang === "en") throw loadFailed(asset.name);
        const next = !isFallback && own(NEGOTIATION.fallbacks, lang);
        return loadLocale(next ? String(next) : "en", true);
      },
    );
    locales.set(lang, locale);
  }
  return locale;
}

/**
 * Returns the language to use: that of the page's own texts if they name it, or else the first that
 * is known of the requested one, or of the page's around the element and the shopper's own.
 * @param {string} locale
 * @param {Element} [element]
 * @param {Translations} [translations]
 */
export function negotiate(locale, element, translations = []) {
  const wanted = locale === "auto" ? [languageAround(element), ...navigator.languages] : [locale];
  /** Languages that only the page has. @type {string[]} */
  const brought = [];
  for (const [key, value] of translations) {
    const isName = key === "lang";
    const tag = isName ? String(value) : isTable(value) ? key : "";
    if (!/^[a-z]{2,3}(-[a-z\d]+)*$/i.test(tag)) continue;
    if (!match(tag)) brought.push(tag);
    if (isName) wanted.unshift(tag);
  }
  for (const tag of wanted) {
    const found = match(tag, brought);
    if (found) return found;
  }
  return "en";
}

/**
 * Looks a language tag up (RFC 4647, section 3.4): the whole tag, then without its last subtags, each
 * as a locale or an alias; then any locale of the same language. Empty if there is none.
 * `crates/merchant/src/locale.rs` does the same.
 * @param {string} tag
 * @param {string[]} [brought] other known languages
 */
export function match(tag, brought = []) {
  const known = [...Object.keys(LOCALES), ...brought];
  const subtags = tag.toLowerCase().split(/[-_]/);
  for (let { length } = subtags; length; length -= 1) {
    const range = subtags.slice(0, length).join("-");
    const alias = own(NEGOTIATION.aliases, range);
    const found = known.find((lang) => lang.toLowerCase() === range) || known.find((lang) => lang === alias);
    if (found) return found;
  }
  return known.find((lang) => lang.toLowerCase().split("-")[0] === subtags[0]) || "";
}

/** @param {unknown} value */
const isTable = (value) => !!value && typeof value === "object";

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

/**
 * Returns a locale's texts with the page's `translations` over them: by key, or by language and key.
 * @param {Locale} locale
 * @param {string} lang
 * @param {Translations} translations
 */
export function wordsOf({ texts }, lang, translations) {
  /** @type {Record<string, string>} */
  const words = Object.assign(Object.create(null), texts);
  const nested = translations.filter(([key, value]) => isTable(value) && (key === lang || match(key) === lang));
  for (const [key, value] of [...translations, ...nested.flatMap(([, value]) => Object.entries(Object(value)))]) {
    if (typeof value === "string" && key in words) words[key] = value;
  }
  return words;
}
