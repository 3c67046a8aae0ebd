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
export const LOCALES = {
  en: { name: "locales/en.js", url: new URL("./locales/en.js", import.meta.url).href, integrity: "" },
  "zh-CN": { name: "locales/zh-CN.js", url: new URL("./locales/zh-CN.js", import.meta.url).href, integrity: "" },
};
