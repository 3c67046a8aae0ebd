// The widget's texts, so that controls are found by their labels.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { ROOT } from "./servers.mjs";

/** The texts of one language. @param {string} lang @returns {Promise<Record<string, string>>} */
async function table(lang) {
  return JSON.parse(await readFile(join(ROOT, "www", "locales", `${lang}.json`), "utf8"));
}

/** The languages of the widget. */
export const LANGS = (await readdir(join(ROOT, "www", "locales"))).map((name) => name.replace(/\.json$/, ""));

/** Texts by locale, and by a tag that many pages have. @type {Record<string, Record<string, string>>} */
const TABLES = Object.fromEntries(await Promise.all(LANGS.map(async (lang) => [lang, await table(lang)])));
TABLES["zh-CN"] = TABLES["zh-Hans"];

/**
 * A text by its key; each `{placeholder}` fits anything, and `{amount}` what has a digit: "Pay {amount}" is
 * not "Pay another way".
 * @param {string} lang
 * @param {string} key
 */
export function textPattern(lang, key) {
  const text = TABLES[lang]?.[key];
  if (typeof text !== "string") throw new Error(`www/locales/${lang}.json has no text ${key}`);
  const parts = text.split(/(\{[a-z_]+\})/).map((part, at) => {
    if (at % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return part === "{amount}" ? ".*\\d.*" : ".+";
  });
  return new RegExp(`^\\s*${parts.join("")}`, "s");
}
