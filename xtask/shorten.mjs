// Shortens the names between the Wasm and its glue, in both alike, and drops what the glue has
// for imports that are gone. They are words such as `__wbg_addEventListener_2d985aa8a656f6dc`;
// nobody reads them, and they do not compress. Fails if a name of the Wasm is not found in the
// glue exactly where it must be. Runs last on the Wasm, and takes the functions' own names away
// and puts them in their last order.
// Usage: node shorten.mjs IN.wasm GLUE.js OUT.wasm OUT.js
import { readFileSync, writeFileSync } from "node:fs";
import { order } from "./order.mjs";
import { CUSTOM, EXPORTS, IMPORTS, exports, imports, leb, rewrite, text } from "./wasm.mjs";

const [, , wasmIn, glueIn, wasmOut, glueOut] = process.argv;
const wasm = readFileSync(wasmIn);
const MODULE = "a";
/** Names that the tests look for, and that are words. */
const WORDS = /^(?:mount|memory|handle_\w+)$/;

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
let glue = readFileSync(glueIn, "utf8");

function short(/** @type {number} */ index) {
  const first = index < LETTERS.length ? "" : LETTERS[Math.floor(index / LETTERS.length) - 1];
  return first + LETTERS[index % LETTERS.length];
}

/** Replaces what must be there. */
function replace(/** @type {RegExp} */ pattern, /** @type {string} */ by, /** @type {string} */ name) {
  if (!pattern.test(glue)) throw new Error(`shorten: ${name} is not in the glue`);
  glue = glue.replace(pattern, by);
}

const small = rewrite(wasm, (section) => {
  if (section.kind === CUSTOM) return null;
  if (section.kind === IMPORTS) {
    const all = imports(wasm, section);
    const start = glue.indexOf("const imports = {");
    const from = glue.indexOf("{", start + 17) + 1;
    const to = glue.indexOf("\n} };", from);
    if (start < 0 || to < 0) throw new Error("shorten: the glue has no imports");
    // Members begin at their own depth: `name: …`, quoted or not.
    const members = new Map();
    for (const member of glue.slice(from, to).split(/^(?= {8}["'\w])/m)) {
      const name = /^\s*["']?(\w+)["']?:/.exec(member)?.[1];
      if (name) members.set(name, member.slice(member.indexOf(":") + 1));
    }
    const memberOf = (/** @type {{ module: string, name: string }} */ { module, name }) => {
      const member = members.get(name)?.trimEnd().replace(/,$/, "");
      if (!member || !glue.includes(`"${module}": {`)) throw new Error(`shorten: ${module} ${name} is not in the glue`);
      return member;
    };
    // What does the same is one member, of several types if need be. Members are known by their
    // place, as a list has the names 0, 1, 2 and so on, and those that are alike stand together.
    const kept = [...new Set(all.map(memberOf))].sort();
    const parts = all.flatMap((one) => [...text(MODULE), ...text(String(kept.indexOf(memberOf(one)))), one.type]);
    glue = `${glue.slice(0, start)}const imports = { ${MODULE}: [\n${kept.join(",\n")}${glue.slice(to).replace("} };", "] };")}`;
    return [leb(all.length), ...parts];
  }
  if (section.kind === EXPORTS) {
    const all = exports(wasm, section);
    const parts = all.flatMap(({ name, what }, index) => {
      if (WORDS.test(name)) return [...text(name), what];
      replace(new RegExp(`wasm\\.${name}\\b`, "g"), `wasm.${short(index)}`, name);
      return [...text(short(index)), what];
    });
    return [leb(all.length), ...parts];
  }
  return undefined;
});
writeFileSync(wasmOut, order(small));
writeFileSync(glueOut, glue);
