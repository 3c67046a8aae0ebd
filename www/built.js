// @ts-check
// The files beside the loader. The build replaces this module: it inserts the names, which contain
// the hash of the content, and the version of the templates.

/** @typedef {import("./assets.js").Asset} Asset */

/** Version of the templates and the style sheet; an `embed` of another version is not used. */
export const VERSION = "dev";
/** @type {Asset} */
export const APP = { name: "app.js", url: new URL("./app.js", import.meta.url).href, integrity: "" };
/** @type {Asset} */
export const WASM = { name: "opencashier.wasm", url: new URL("./opencashier.wasm", import.meta.url).href, integrity: "" };
/** The style sheet as a file, for browsers that can share no style sheet. @type {Asset} */
export const CSS = { name: "opencashier.css", url: new URL("./opencashier.css", import.meta.url).href, integrity: "" };
/** @type {Record<string, Asset>} */
export const LOCALES = Object.fromEntries(
  ["en", "zh-Hans", "zh-Hant-TW", "zh-Hant-HK", "ja", "ko", "th", "vi", "ms", "id", "ru", "es", "fr", "pt-BR", "ar"].map((lang) => [
    lang,
    { name: `locales/${lang}.js`, url: new URL(`./locales/${lang}.js`, import.meta.url).href, integrity: "" },
  ]),
);
