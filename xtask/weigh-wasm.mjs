// Prints what a Wasm file with its name section is made of: code by crate, then by function.
// Bytes before compression, which say where to look; what a change brings, only a build says.
// Usage: node weigh-wasm.mjs FILE.wasm [how many functions]
import { readFileSync } from "node:fs";
import { CODE, DATA, IMPORTS, functionNames, imports, number, sections } from "./wasm.mjs";

const [, , path, count = "12"] = process.argv;
const wasm = readFileSync(path);
const all = sections(wasm);
const section = (/** @type {number} */ kind) => all.find((one) => one.kind === kind) ?? { start: 0, end: 0 };

/** The crate that a function is of; generic code of the library counts for the crate whose type it is made for. */
function crateOf(/** @type {string} */ known) {
  const crates = [...known.matchAll(/\b([a-z_][a-z0-9_]*)::/g)].map(([, crate]) => crate);
  const [own] = crates.filter((crate) => OURS.has(crate));
  const [first = "(no crate)"] = crates;
  return LIBRARY.has(first) && own ? `${own}, in ${first}` : first;
}

const LIBRARY = new Set(["core", "alloc", "std"]);
const OURS = new Set([
  "opencashier", "checkout", "contract", "yew", "qrcodegen", "gloo_net", "serde_wasm_bindgen", "js_sys", "web_sys",
]);

const names = functionNames(wasm);
if (!names.size) throw new Error(`${path} has no name section`);
const functions = [];
let index = all.some(({ kind }) => kind === IMPORTS)
  ? imports(wasm, section(IMPORTS)).filter(({ kind }) => kind === 0).length
  : 0;
let [left, at] = number(wasm, section(CODE).start);
while (left--) {
  const [size, body] = number(wasm, at);
  functions.push({ size, name: names.get(index) ?? `function ${index}` });
  at = body + size;
  index++;
}

const total = functions.reduce((sum, { size }) => sum + size, 0);
/** @type {Map<string, [number, number]>} */
const crates = new Map();
for (const { size, name: known } of functions) {
  const crate = crateOf(known);
  const [bytes, many] = crates.get(crate) ?? [0, 0];
  crates.set(crate, [bytes + size, many + 1]);
}
function line(/** @type {number} */ bytes, /** @type {string} */ text) {
  console.log(`${String(bytes).padStart(9)} ${((100 * bytes) / total).toFixed(1).padStart(5)} %  ${text.slice(0, 140)}`);
}
line(total, `all code, raw, ${functions.length} functions`);
line(section(DATA).end - section(DATA).start, "data, beside the code");
for (const [crate, [bytes, many]] of [...crates].sort((one, other) => other[1][0] - one[1][0])) {
  line(bytes, `${crate} (${many})`);
}
functions.sort((one, other) => other.size - one.size);
for (const { size, name: known } of functions.slice(0, Number(count))) line(size, known);
