// Shortens the names of the Wasm's imports, in the Wasm and in wasm-bindgen's glue alike.
// They are words such as `__wbg_addEventListener_2d985aa8a656f6dc`; nobody reads them, and they
// do not compress. Fails if a name of the Wasm is not found in the glue exactly where it must be.
// Usage: node shorten.mjs IN.wasm GLUE.js OUT.wasm OUT.js
import { readFileSync, writeFileSync } from "node:fs";

const [, , wasmIn, glueIn, wasmOut, glueOut] = process.argv;
const wasm = readFileSync(wasmIn);
const MODULE = "./a";

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

function leb(value) {
  const bytes = [];
  do {
    const rest = Math.floor(value / 128);
    bytes.push((value & 127) | (rest ? 128 : 0));
    value = rest;
  } while (value);
  return Buffer.from(bytes);
}

const text = (string) => [leb(Buffer.byteLength(string)), Buffer.from(string)];

/** Where the description of an import ends that begins at `at` (its kind). */
function endOfImport(at) {
  const limits = (from) => {
    const [, end] = number(from + 1);
    return wasm[from] & 1 ? number(end)[1] : end;
  };
  switch (wasm[at]) {
    case 0: return number(at + 1)[1];
    case 1: return limits(at + 2);
    case 2: return limits(at + 1);
    case 3: return at + 3;
    default: throw new Error(`shorten: an import of kind ${wasm[at]} is not known`);
  }
}

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const names = new Map();
const modules = new Set();

function short(name) {
  if (!names.has(name)) {
    const index = names.size;
    const first = index < LETTERS.length ? "" : LETTERS[Math.floor(index / LETTERS.length) - 1];
    names.set(name, first + LETTERS[index % LETTERS.length]);
  }
  return names.get(name);
}

const out = [wasm.subarray(0, 8)];
for (let at = 8; at < wasm.length; ) {
  const [size, body] = number(at + 1);
  const end = body + size;
  if (wasm[at] === 2) {
    let [count, place] = number(body);
    const parts = [leb(count)];
    while (count--) {
      const [moduleSize, moduleAt] = number(place);
      modules.add(wasm.toString("utf8", moduleAt, moduleAt + moduleSize));
      const [nameSize, nameAt] = number(moduleAt + moduleSize);
      const description = nameAt + nameSize;
      place = endOfImport(description);
      const name = wasm.toString("utf8", nameAt, description);
      parts.push(...text(MODULE), ...text(short(name)), wasm.subarray(description, place));
    }
    const section = Buffer.concat(parts);
    out.push(Buffer.from([2]), leb(section.length), section);
  } else {
    out.push(wasm.subarray(at, end));
  }
  at = end;
}

let glue = readFileSync(glueIn, "utf8");
if (modules.size !== 1) throw new Error(`shorten: one import module was expected, not ${[...modules]}`);
const [module] = modules;
if (!glue.includes(`"${module}"`)) throw new Error(`shorten: the glue does not name ${module}`);
glue = glue.replaceAll(`"${module}"`, `"${MODULE}"`);
for (const [name, letter] of names) {
  // A member of the imports object: `name: function…`, quoted or not.
  const member = new RegExp(`^(\\s+)(["']?)${name}\\2:`, "gm");
  const found = glue.match(member)?.length ?? 0;
  if (found !== 1) throw new Error(`shorten: ${name} stands ${found} times in the glue's imports`);
  glue = glue.replace(member, `$1${letter}:`);
}
writeFileSync(wasmOut, Buffer.concat(out));
writeFileSync(glueOut, glue);
