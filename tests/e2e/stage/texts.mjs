// The widget's texts, so that controls are found by their labels.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { ROOT } from "./servers.mjs";

/** The texts of one language. @param {string} lang @returns {Promise<Record<string, string>>} */
async function table(lang) {
  return JSON.parse(await readFile(join(ROOT, "www", "locales", `${lang}.json`), "utf8"));
}

const TABLES = /** @type {Record<string, Record<string, string>>} */ ({ en: await table("en"), "zh-CN": await table("zh-CN") });

/** A text by its key; each `{placeholder}` fits anything. @param {string} lang @param {string} key */
export function textPattern(lang, key) {
  const text = TABLES[lang]?.[key];
  if (typeof text !== "string") throw new Error(`www/locales/${lang}.json has no text ${key}`);
  const parts = text.split(/\{[a-z_]+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^\\s*${parts.join(".+")}`, "s");
}
