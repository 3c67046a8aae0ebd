// Gives each file of the built widget a name by its content, so that it may be cached for ever, and
// writes what a storefront needs to load them early. `opencashier.js` keeps its name as well: pages
// embed it by that, and it is asked for anew whenever its cache time is over.
// Usage: node publish.mjs FOLDER
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , folder] = process.argv;
const LOADER = "opencashier.js";
const read = (/** @type {string} */ name) => readFileSync(join(folder, name));
const hash = (/** @type {Buffer} */ bytes, how = "sha256") => createHash(how).update(bytes);

/** The name with the first 40 bits of its content's hash in it. @param {string} name */
const named = (name) => name.replace(/(\.\w+)$/, `-${hash(read(name)).digest("hex").slice(0, 10)}$1`);

/** @type {Record<string, { file: string, bytes: number, integrity: string }>} */
const manifest = {};
/** @param {string} name @param {string} file */
const enter = (name, file) => {
  const bytes = read(file);
  manifest[name] = { file, bytes: bytes.length, integrity: `sha384-${hash(bytes, "sha384").digest("base64")}` };
};

const locales = readdirSync(join(folder, "locales")).sort().map((name) => `locales/${name}`);
let loader = read(LOADER).toString();
for (const name of ["opencashier.wasm", ...locales]) {
  const file = named(name);
  renameSync(join(folder, name), join(folder, file));
  const parts = loader.split(`"${name}"`);
  if (parts.length !== 2) throw new Error(`${LOADER} names "${name}" ${parts.length - 1} times and not once`);
  loader = parts.join(`"${file}"`);
  enter(name, file);
}
writeFileSync(join(folder, LOADER), loader);
const own = named(LOADER);
copyFileSync(join(folder, LOADER), join(folder, own));
enter(LOADER, own);
writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);

// Where the widget lies by default; pages that have it elsewhere put their own address there.
const base = "/opencashier/";
for (const locale of locales) {
  const [, lang] = /** @type {RegExpExecArray} */ (/([\w-]+)\.js$/.exec(locale));
  const hints = [
    `<link rel="modulepreload" href="${base}${own}" integrity="${manifest[LOADER].integrity}">`,
    // As the loader fetches it, or it would be fetched twice.
    `<link rel="preload" href="${base}${manifest["opencashier.wasm"].file}" as="fetch" type="application/wasm" crossorigin>`,
    `<link rel="modulepreload" href="${base}${manifest[locale].file}">`,
    `<script type="module" src="${base}${own}" integrity="${manifest[LOADER].integrity}"></script>`,
  ];
  writeFileSync(join(folder, `head.${lang}.html`), `${hints.join("\n")}\n`);
}
