// Writes wasm-bindgen's glue anew: its imports and exports, on a runtime of a third of the size.
// wasm-bindgen's own serves every browser and every way to load; ours have reference types and
// streaming, and the loader hands over a response. Exports that the new glue has no use for, and
// functions in the table that nobody calls, go from the Wasm, so that what is behind them can go, too. Fails where the glue is not what this
// was written for, which a newer wasm-bindgen may bring.
// Usage: node tighten.mjs IN.wasm GLUE.js OUT.wasm OUT.js
import { readFileSync, writeFileSync } from "node:fs";
import { ELEMENTS, EXPORTS, elements, exports, functionNames, leb, rewrite, slots, text } from "./wasm.mjs";

const [, , wasmIn, glueIn, wasmOut, glueOut] = process.argv;

/** What stands for wasm-bindgen's helpers of the same names. */
const RUNTIME = `
let wasm;
let WASM_VECTOR_LEN;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
const isLikeNone = (x) => x === undefined || x === null;
const getDataViewMemory0 = () => new DataView(wasm.memory.buffer);
const getArrayU8FromWasm0 = (at, length) => new Uint8Array(wasm.memory.buffer, at >>> 0, length);
const getStringFromWasm0 = (at, length) => decoder.decode(getArrayU8FromWasm0(at, length));
const passStringToWasm0 = (text) => {
  const encoded = encoder.encode(text);
  const at = wasm.__wbindgen_malloc((WASM_VECTOR_LEN = encoded.length), 1) >>> 0;
  getArrayU8FromWasm0(at, WASM_VECTOR_LEN).set(encoded);
  return at;
};
const addToExternrefTable0 = (value) => {
  const index = wasm.__externref_table_alloc();
  wasm.__wbindgen_externrefs.set(index, value);
  return index;
};
const takeFromExternrefTable0 = (index) => {
  const value = wasm.__wbindgen_externrefs.get(index);
  wasm.__externref_table_dealloc(index);
  return value;
};
const getArrayJsValueFromWasm0 = (at, length) => {
  const indices = new Uint32Array(wasm.memory.buffer, at >>> 0, length);
  const values = Array.from(indices, (index) => wasm.__wbindgen_externrefs.get(index));
  wasm.__externref_drop_slice(at, length);
  return values;
};
const orNone = (value) => (isLikeNone(value) ? 0 : addToExternrefTable0(value));
const putText = (at, value) => {
  const text = isLikeNone(value) ? 0 : passStringToWasm0(value);
  getDataViewMemory0().setInt32((at >>> 0) + 4, WASM_VECTOR_LEN, true);
  getDataViewMemory0().setInt32(at >>> 0, text, true);
};
const catching = (run) => (...args) => {
  try {
    return run(...args);
  } catch (error) {
    wasm.__wbindgen_exn_store(addToExternrefTable0(error));
  }
};
const closures = (isMut) => (a, b, run) => {
  let count = 1;
  const real = (...args) => {
    count++;
    const own = a;
    if (isMut) a = 0;
    try {
      return run(own, b, ...args);
    } finally {
      a = own;
      real._wbg_cb_unref();
    }
  };
  real._wbg_cb_unref = () => {
    if (--count === 0) {
      wasm.__wbindgen_destroy_closure(a, b);
      a = 0;
    }
  };
  return real;
};
const makeMutClosure = /* @__PURE__ */ closures(true);
const makeClosure = /* @__PURE__ */ closures(false);
`;

/** Begins the Wasm of a response. The loader has looked at its status. */
const INIT = `
export async function init(response) {
  let begun;
  if (response.headers.get("Content-Type") === "application/wasm") {
    begun = await WebAssembly.instantiateStreaming(response, imports);
  } else {
    console.warn("opencashier: Wasm that is not served as application/wasm is compiled more slowly");
    begun = await WebAssembly.instantiate(await response.arrayBuffer(), imports);
  }
  wasm = begun.instance.exports;
  wasm.__wbindgen_start();
}
`;

/**
 * What stands in the table for wasm-bindgen to find, or for an executor that nothing here uses, and
 * is never called from there: JavaScript calls closures by an export. An empty slot traps.
 */
const ONLY_DESCRIBED = /^wasm_bindgen::convert::closures::.*::invoke::<|^js_sys::futures::/;

/**
 * What wasm-bindgen and its serde say of mistakes in their use, which the widget does not make: it
 * hands over what is its own, keys that are texts, and is called through www/element.js only. Such
 * an error would end in the error screen like any other; its first word is left to be told by.
 */
const NEVER_SAID = [
  "attempted to take ownership of Rust value while it was borrowed",
  "recursive use of an object detected which would lead to unsafe aliasing in rust",
  "null pointer passed to rust",
  "closure invoked recursively or after being dropped",
  "FnOnce called more than once",
  "called `Option::unwrap_throw()` on a `None` value",
  "called `Result::unwrap_throw()` on an `Err` value",
  "Map key is not a string and cannot be an object key",
];

/** Leaves blanks where those words stood. @param {Buffer} wasm */
function hush(wasm) {
  for (const words of NEVER_SAID) {
    const first = words.indexOf(" ");
    for (let at = wasm.indexOf(words); at >= 0; at = wasm.indexOf(words, at)) {
      wasm.fill(" ", at + first, at + words.length);
    }
  }
  return wasm;
}

const glue = readFileSync(glueIn, "utf8").replace(/^\s*\/\*\*[^]*?\*\/\n/gm, "").replace(/^\s*\/\/.*\n/gm, "");

function between(/** @type {string} */ start, /** @type {string} */ end) {
  const from = glue.indexOf(start);
  const to = glue.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`tighten: the glue has no ${JSON.stringify(start)} … ${JSON.stringify(end)}`);
  return glue.slice(from + start.length, to);
}

/** Replaces what must be there exactly once. */
function once(/** @type {string} */ source, /** @type {RegExp} */ pattern, /** @type {string} */ by) {
  const found = source.match(new RegExp(pattern, "g"))?.length ?? 0;
  if (found !== 1) throw new Error(`tighten: ${pattern} is ${found} times in the glue, not once`);
  return source.replace(pattern, by);
}

const module = between('    return {\n        __proto__: null,\n        "', '": import0');
const members = between("const import0 = {\n        __proto__: null,", "\n    };\n    return {")
  .replace(/function\(\) \{ return handleError\(function \(([^)]*)\) \{([^]*?)\n {8}\}, arguments\); \}/g, "catching(($1) => {$2\n        })")
  .replace(/: function\(([^)]*)\) \{/g, ": ($1) => {")
  .replace(
    /let result;\s*try \{\s*result = (arg0 instanceof \w+);\s*\} catch \(_\) \{\s*result = false;\s*\}\s*const ret = result;/g,
    "const ret = $1;",
  )
  .replace(/const ret = (.*);\s*return isLikeNone\(ret\) \? 0 : addToExternrefTable0\(ret\);/g, "return orNone($1);")
  .replace(
    /(?:var|const) ptr1 = .*passStringToWasm0\(ret, wasm\.__wbindgen_malloc, wasm\.__wbindgen_realloc\);\s*(?:var|const) len1 = WASM_VECTOR_LEN;\s*getDataViewMemory0\(\)\.setInt32\(\(arg0 >>> 0\) \+ 4 \* 1, len1, true\);\s*getDataViewMemory0\(\)\.setInt32\(\(arg0 >>> 0\) \+ 4 \* 0, ptr1, true\);/g,
    "putText(arg0, ret);",
  );
const shims = between("\n    };\n}\n", "const HandleFinalization");

let api = between("", "function __wbg_get_imports");
api = once(api, /static __wrap\(ptr\) \{[^]*?\n {4}\}/, "constructor(ptr) {\n        this.__wbg_ptr = ptr;\n    }");
api = once(api, /__destroy_into_raw\(\) \{[^]*?\n {4}\}/, "");
api = once(api, /free\(\) \{[^]*?\n {4}\}/, "free() {\n        wasm.__wbg_handle_free(this.__wbg_ptr, 0);\n    }");
api = once(api, /if \(Symbol\.dispose\).*\n/, "");
api = once(api, /Handle\.__wrap\(/, "new Handle(");
api = once(api, /export class/, "class");

const tight = `${RUNTIME}\n${shims}\n${api}\nconst imports = { "${module}": {${members}\n} };\n${INIT}`;
for (const [, helper] of tight.matchAll(/(?<![.\w])(\w+0|make\w+|handleError|\w*Finalization|\w*_DTORS|__wbindgen_enum\w*|__wbg_\w+)\(/g)) {
  if (!RUNTIME.includes(`const ${helper} =`)) throw new Error(`tighten: the glue needs ${helper}, which is not written here`);
}

const wasm = readFileSync(wasmIn);
const isUsed = (/** @type {string} */ name) => new RegExp(`wasm\\.${name}\\b`).test(tight);
const names = functionNames(wasm);
const small = rewrite(wasm, (section) => {
  if (section.kind === ELEMENTS) {
    const isUsed = (/** @type {number} */ index) => !ONLY_DESCRIBED.test(names.get(index) ?? "");
    return elements(new Map([...slots(wasm, section)].filter(([, index]) => isUsed(index))));
  }
  if (section.kind !== EXPORTS) return undefined;
  const kept = exports(wasm, section).filter(({ name }) => isUsed(name));
  return [leb(kept.length), ...kept.flatMap(({ name, what }) => [...text(name), what])];
});
writeFileSync(wasmOut, hush(small));
writeFileSync(glueOut, tight);
