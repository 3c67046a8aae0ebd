// Writes `dist/` from what cargo, wasm-bindgen, wasm-opt and the prerenderer have made.
// Usage: node dist.mjs WWW GLUE.js WIDGET.wasm PRERENDERED.json OUT
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { es5, script, styles, valueModule } from "./bundle.mjs";
import { Dist } from "./publish.mjs";
import { parse, serverLayout, treeOf } from "./templates.mjs";

const [, , www, glue, wasmPath, prerenderedPath, out] = process.argv;

/** HTML by locale and layout. @type {Record<string, Record<string, string>>} */
const prerendered = JSON.parse(await readFile(prerenderedPath, "utf8"));
const readJson = async (/** @type {string[]} */ ...path) => JSON.parse(await readFile(join(www, ...path), "utf8"));
/** Texts by locale. @type {Record<string, Record<string, string>>} */
const texts = {};
for (const file of (await readdir(join(www, "locales"))).sort()) {
  if (file.endsWith(".json")) texts[file.slice(0, -".json".length)] = await readJson("locales", file);
}
/** Amount patterns by locale and currency. @type {Record<string, Record<string, unknown>>} */
const amounts = await readJson("amounts.json");
/** Locales by language tag. @type {{ aliases: Record<string, string> }} */
const { aliases } = await readJson("negotiation.json");
const langs = Object.keys(texts);
if (langs.join() !== Object.keys(prerendered).sort().join()) {
  throw new Error(`the prerenderer drew ${Object.keys(prerendered)}, but www/locales has ${langs}`);
}
const unpriced = langs.filter((lang) => !amounts[lang]);
if (unpriced.length) throw new Error(`www/amounts.json lacks ${unpriced}; run node xtask/amounts.mjs`);

const css = (await styles(www, "theme.css")) + (await styles(www, "opencashier.css"));
if (css.includes("</")) throw new Error("theme.css or opencashier.css contains </, which would end an inline <style>");
/** The styles of the screens after the selector, which the app brings. */
const screensCss = await styles(www, "screens.css");
const selectors = Object.fromEntries(langs.map((lang) => [lang, eachLayout(lang, (html) => treeOf(parse(html), texts[lang]))]));
/** Version of selector and style sheet, so that a server-rendered selector never meets another style. */
const version = createHash("sha256").update(JSON.stringify([prerendered, css])).digest("hex").slice(0, 10);

await mkdir(join(out, "locales"), { recursive: true });
const dist = new Dist(out);
const wasm = await dist.add("opencashier.wasm", await readFile(wasmPath));
/** @type {Record<string, import("./bundle.mjs").File>} */
const locales = {};
for (const lang of langs) {
  const module = { lang, texts: widgetTexts(texts[lang]), selectors: selectors[lang], amounts: amounts[lang] };
  locales[lang] = await dist.add(`locales/${lang}.js`, await valueModule(module));
}
// For a `<link>`, which is added once: it has the styles of all screens.
const sheet = await dist.add("opencashier.css", css + screensCss);
const parts = { glue, css, screensCss, built: { VERSION: version, WASM: wasm, LOCALES: locales, CSS: sheet } };
const app = await dist.add("app.js", await script(join(www, "app.js"), parts));
const loader = await dist.add("opencashier.js", await script(join(www, "opencashier.js"), { ...parts, built: { ...parts.built, APP: app } }));
// Pages embed these by their plain names; the loader has a name by its content as well.
await dist.copy(loader.name, "opencashier.js");
await writeFile(join(out, "opencashier-classic.js"), await script(join(www, "classic.js"), { ...parts, classic: true }));
await writeFile(join(out, "opencashier-nomodule.js"), await es5(join(www, "nomodule.js"), oldBrowserTexts()));
await copyFile(join(www, "opencashier.d.ts"), join(out, "opencashier.d.ts"));

const selector = {
  version,
  script: loader.name,
  integrity: loader.integrity,
  styles: { file: sheet.name, integrity: sheet.integrity, css },
  aliases,
  locales: Object.fromEntries(langs.map((lang) => [lang, {
    dir: direction(lang),
    amounts: amounts[lang],
    layouts: eachLayout(lang, (html) => serverLayout(html, version)),
  }])),
};
await writeFile(join(out, "selector.json"), `${JSON.stringify(selector, null, 1)}\n`);
await dist.writeManifest();
await dist.writeHints(langs);

/** The texts without those of the hosted page, which the backend has. @param {Record<string, string>} table */
function widgetTexts(table) {
  return Object.fromEntries(Object.entries(table).filter(([key]) => !key.startsWith("hosted_page.")));
}

/** The members of `www/old-browser-texts.js`. */
function oldBrowserTexts() {
  const TEXTS = Object.fromEntries(langs.map((lang) => [lang, [texts[lang].browser_too_old, texts[lang].hosted, direction(lang)]]));
  const languages = langs.map((lang) => [lang.split("-")[0], lang]);
  const TAGS = Object.fromEntries([...languages, ...Object.entries(aliases), ...langs.map((lang) => [lang.toLowerCase(), lang])]);
  return { TEXTS, TAGS };
}

/**
 * @template T
 * @param {string} lang
 * @param {(html: string) => T} change
 * @returns {Record<string, T>}
 */
function eachLayout(lang, change) {
  return Object.fromEntries(Object.entries(prerendered[lang]).map(([layout, html]) => [layout, change(html)]));
}

/** The direction that the prerenderer gave the language. @param {string} lang */
function direction(lang) {
  const root = parse(Object.values(prerendered[lang])[0]);
  return root.attrs.find(({ name }) => name === "dir")?.value ?? "ltr";
}
