// The widget's own words, so that controls are found by what shoppers read.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { ROOT } from "./servers.mjs";

/** The table of one language. */
async function table(lang) {
  const source = await readFile(join(ROOT, "www", "locales", `${lang}.js`), "utf8");
  const module = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  return module.default;
}

const TABLES = { en: await table("en"), "zh-CN": await table("zh-CN") };

/** A text by its key; each `{place}` fits anything. */
export function words(lang, key) {
  const text = TABLES[lang]?.[key];
  if (typeof text !== "string") throw new Error(`www/locales/${lang}.js has no text ${key}`);
  const parts = text.split(/\{[a-z_]+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^\\s*${parts.join(".+")}`, "s");
}
