// @ts-check
// Names of what lies beside the loader. The build replaces this module: it writes in the names that
// carry their content's hash, and the version of the templates.

/** Version of the templates and the style sheet; an `embed` of another version is not used. */
export const VERSION = "dev";
export const APP = "app.js";
export const WASM = "opencashier.wasm";
/** The style sheet as a file, for browsers that can share no style sheet. */
export const CSS = "opencashier.css";
/** @type {Record<string, string>} */
export const LOCALES = { en: "locales/en.js", "zh-CN": "locales/zh-CN.js" };
