// Prints what a Wasm file with its name section is made of: code by crate, then by function.
// Bytes before compression, which say where to look; what a change brings, only a build says.
// Usage: node weigh-wasm.mjs FILE.wasm [how many functions]
import { readFileSync } from "node:fs";

const [, , path, count = "40"] = process.argv;
const wasm = readFileSync(path);

/** Reads an unsigned LEB128 number at `at`: its value and where it ends. */
function number(at) {
  let value = 0;
  let shift = 0;
  let byte;
  do {
    byte = wasm[at++];
    value += (byte & 127) * 2 ** shift;
    shift += 7;
  } while (byte & 128);
  return [value, at];
}

/** @type {Map<number | string, [number, number]>} Where each section's body is; a custom one's after its name. */
const sections = new Map();
for (let at = 8; at < wasm.length; ) {
  const [size, body] = number(at + 1);
  if (wasm[at] === 0) {
    const [length, name] = number(body);
    sections.set(wasm.toString("utf8", name, name + length), [name + length, body + size]);
  } else {
    sections.set(wasm[at], [body, body + size]);
  }
  at = body + size;
}

const section = (/** @type {number | string} */ id) => sections.get(id) ?? [0, 0];

function importedFunctions() {
  const [start, end] = section(2);
  if (start === end) return 0;
  const limits = (from) => {
    const [, next] = number(from + 1);
    return wasm[from] & 1 ? number(next)[1] : next;
  };
  let functions = 0;
  let [left, at] = number(start);
  while (left--) {
    for (let part = 0; part < 2; part++) {
      const [length, text] = number(at);
      at = text + length;
    }
    const kind = wasm[at++];
    if (kind === 0) {
      functions++;
      [, at] = number(at);
    } else if (kind === 1) at = limits(at + 1);
    else if (kind === 2) at = limits(at);
    else at += 2;
  }
  return functions;
}

/** The names of functions, by index. */
function functionNames() {
  const names = new Map();
  let [at, end] = section("name");
  while (at < end) {
    const kind = wasm[at];
    const [size, body] = number(at + 1);
    if (kind === 1) {
      let [left, place] = number(body);
      while (left--) {
        const [index, length] = number(place);
        const [bytes, text] = number(length);
        names.set(index, wasm.toString("utf8", text, text + bytes));
        place = text + bytes;
      }
    }
    at = body + size;
  }
  return names;
}

/** The crate that a function's name begins with, or that of the type it is written for. */
function crateOf(/** @type {string} */ name) {
  const written = /^(?:<|&|\*|mut |const |dyn |\(|\[)*([a-z_][a-z0-9_]*)(?:\[[0-9a-f]+\])?::/.exec(name);
  const generic = /^(?:<.*? as )?(?:core|alloc|std)\b/.test(name) && /\b(yew|opencashier|checkout|contract|gloo_net|qrcodegen)(?:\[[0-9a-f]+\])?::/.exec(name);
  if (generic) return `${written?.[1] ?? "core"} for ${generic[1]}`;
  return written?.[1] ?? "(none)";
}

const names = functionNames();
if (!names.size) throw new Error(`${path} has no name section`);
const functions = [];
let index = importedFunctions();
const [start] = section(10);
let [left, at] = number(start);
while (left--) {
  const [size, body] = number(at);
  functions.push({ size, name: names.get(index) ?? `function ${index}` });
  at = body + size;
  index++;
}

const total = functions.reduce((sum, { size }) => sum + size, 0);
/** @type {Map<string, [number, number]>} */
const crates = new Map();
for (const { size, name } of functions) {
  const crate = crateOf(name);
  const [bytes, many] = crates.get(crate) ?? [0, 0];
  crates.set(crate, [bytes + size, many + 1]);
}
const line = (bytes, text) => console.log(`${String(bytes).padStart(8)} ${((100 * bytes) / total).toFixed(1).padStart(5)}%  ${text}`);
line(total, `all code, ${functions.length} functions`);
const [dataStart, dataEnd] = section(11);
line(dataEnd - dataStart, "data (beside the code)");
for (const [crate, [bytes, many]] of [...crates].sort((one, other) => other[1][0] - one[1][0])) {
  line(bytes, `${crate} (${many})`);
}
functions.sort((one, other) => other.size - one.size);
for (const { size, name } of functions.slice(0, Number(count))) line(size, name);
