// The lists of names, the documents, the templates and the style sheet agree about the public API.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";

import { EVENTS, METHODS, OPTIONS, PARTS, VARIABLES, kebab } from "../../www/names.js";
import { ENVIRONMENTS } from "../../www/environment.js";
import { readOptions } from "../../www/options.js";

const ROOT = new URL("../../", import.meta.url);
const read = (/** @type {string} */ path) => readFile(new URL(path, ROOT), "utf8");
const sorted = (/** @type {Iterable<string>} */ names) => [...new Set(names)].sort();

/** The names in code spans of the cells of one column, below a heading. @param {string} heading @param {number} [column] */
async function documented(heading, column = 0) {
  const section = (await read("docs/embedding.md")).split(`\n${heading}\n`)[1]?.split(/\n## /)[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| `")).map((line) => line.split("|")[column + 1] ?? "");
  return rows.flatMap((cell) => [...cell.matchAll(/`(?:OpenCashier\.)?([\w-]+)[^`]*`/g)].map(([, name]) => name ?? ""));
}

test("every option has its row, and its attribute in kebab case", async () => {
  assert.deepEqual(sorted(await documented("## Options")), sorted(OPTIONS));
  assert.deepEqual(sorted(await documented("## Options", 1)), sorted(OPTIONS.map(kebab)));
});

test("every option is read, and nothing else", () => {
  Object.assign(globalThis, { document: { baseURI: "https://shop.example/" }, location: { href: "https://shop.example/" } });
  /** @type {string[]} */
  const asked = [];
  readOptions((name) => void asked.push(name));
  assert.deepEqual(sorted(asked), sorted(OPTIONS));
});

test("every event has its row", async () => {
  assert.deepEqual(sorted(await documented("## Events")), sorted(EVENTS));
});

test("every method has its row", async () => {
  const statics = ["preload", "assetBase", "hasReturned"];
  assert.deepEqual(sorted(await documented("## Methods")), sorted([...METHODS, ...statics]));
});

test("every part and variable has its row, and every part of the views is in the list", async () => {
  const looks = await documented("## Appearance");
  assert.deepEqual(sorted(looks), sorted([...VARIABLES, ...PARTS]));
  const views = (await readdir(new URL("src/view/", ROOT))).filter((name) => name.endsWith(".rs"));
  const sources = await Promise.all([...views.map((name) => `src/view/${name}`), "www/failure.js", "www/preview.js", "www/markup.js"].map(read));
  const used = sources.flatMap((source) =>
    [...source.matchAll(/\bpart(?:=|: |", |: &'static str = )`?"([a-z -]+)"/g)].flatMap(([, names]) => (names ?? "").split(" ")));
  const unknown = used.filter((name) => !(/** @type {readonly string[]} */ (PARTS)).includes(name));
  assert.deepEqual(unknown, []);
});

test("the style sheet reads exactly the variables", async () => {
  const css = (await read("www/theme.css")) + (await read("www/opencashier.css"));
  const properties = [...css.matchAll(/--oc-[a-z-]+/g)].map(([name]) => name);
  assert.deepEqual(sorted(properties), sorted(VARIABLES.map((name) => `--oc-${kebab(name)}`)));
});

test("the playground has every event, variable, environment and locale", async () => {
  const source = await read("docs/playground/playground.js");
  const listed = (/** @type {string} */ name) => [...(new RegExp(`const ${name} = \\[([^\\]]*)\\]`).exec(source)?.[1] ?? "").matchAll(/"([\w-]+)"/g)].map(([, value]) => value ?? "");
  assert.deepEqual(sorted(listed("EVENTS")), sorted(EVENTS));
  assert.deepEqual(sorted([...listed("COLORS"), ...listed("LENGTHS")]), sorted(VARIABLES));
  const locales = (await readdir(new URL("www/locales/", ROOT))).filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -".json".length));
  assert.deepEqual(sorted(listed("LOCALES")), sorted(["auto", ...locales]));
  assert.deepEqual(sorted(listed("ENVIRONMENTS")), sorted(["auto", ...ENVIRONMENTS]));
});

test("every error code has its section in ERRORS.md, and nothing else has one", async () => {
  const sections = [...(await read("docs/ERRORS.md")).matchAll(/^## (\w+)$/gm)].map(([, name]) => name ?? "");
  const contract = [...(await read("crates/contract/src/problem.rs")).matchAll(/pub const [A-Z_]+: &str = "(\w+)"/g)].map(([, code]) => code ?? "");
  const loader = (await Promise.all(["fault", "start-fault", "press-outcome"].map((name) => read(`www/${name}.js`))))
    .flatMap((text) => [...text.matchAll(/fault\(\s*"\w+",\s*"(\w+)"/g)].map(([, code]) => code ?? ""));
  assert.deepEqual(sorted(sections), sorted([...contract, ...loader, "wallet_unavailable"]));
});
