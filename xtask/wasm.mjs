// Reading and writing the parts of a Wasm file that the build and the scales look at.

/** Reads an unsigned LEB128 number at `at`: its value and where it ends. */
export function number(/** @type {Buffer} */ wasm, /** @type {number} */ at) {
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

export function leb(/** @type {number} */ value) {
  const bytes = [];
  do {
    const rest = Math.floor(value / 128);
    bytes.push((value & 127) | (rest ? 128 : 0));
    value = rest;
  } while (value);
  return Buffer.from(bytes);
}

/** Reads a name at `at`: it and where it ends. */
export function name(/** @type {Buffer} */ wasm, /** @type {number} */ at) {
  const [size, start] = number(wasm, at);
  return [wasm.toString("utf8", start, start + size), start + size];
}

export const text = (/** @type {string} */ string) => [leb(Buffer.byteLength(string)), Buffer.from(string)];

/** The sections in their order: kind, and where the body begins and ends. */
export function sections(/** @type {Buffer} */ wasm) {
  const all = [];
  for (let at = 8; at < wasm.length; ) {
    const [size, start] = number(wasm, at + 1);
    all.push({ kind: wasm[at], start, end: start + size });
    at = start + size;
  }
  return all;
}

/**
 * The file with the bodies of some sections replaced. `change` returns undefined for those that
 * stay, and null for those that go.
 */
export function rewrite(/** @type {Buffer} */ wasm, /** @type {(section: any) => Buffer[] | null | undefined} */ change) {
  const out = [wasm.subarray(0, 8)];
  for (const section of sections(wasm)) {
    const parts = change(section);
    if (parts === null) continue;
    const body = parts ? Buffer.concat(parts) : wasm.subarray(section.start, section.end);
    out.push(Buffer.from([section.kind]), leb(body.length), body);
  }
  return Buffer.concat(out);
}

/** The imports of an import section: module, name, kind, and the bytes of kind and type. */
export function imports(/** @type {Buffer} */ wasm, /** @type {{ start: number }} */ { start }) {
  const limits = (/** @type {number} */ at) => {
    const [, end] = number(wasm, at + 1);
    return wasm[at] & 1 ? number(wasm, end)[1] : end;
  };
  const endOf = (/** @type {number} */ at) => {
    switch (wasm[at]) {
      case 0: return number(wasm, at + 1)[1];
      case 1: return limits(at + 2);
      case 2: return limits(at + 1);
      case 3: return at + 3;
      default: throw new Error(`an import of kind ${wasm[at]} is not known`);
    }
  };
  const all = [];
  let [count, at] = number(wasm, start);
  while (count--) {
    const [module, afterModule] = name(wasm, at);
    const [known, afterName] = name(wasm, afterModule);
    at = endOf(afterName);
    all.push({ module, name: known, kind: wasm[afterName], type: wasm.subarray(afterName, at) });
  }
  return all;
}

/** The exports of an export section: name, and the bytes of kind and index. */
export function exports(/** @type {Buffer} */ wasm, /** @type {{ start: number }} */ { start }) {
  const all = [];
  let [count, at] = number(wasm, start);
  while (count--) {
    const [known, afterName] = name(wasm, at);
    [, at] = number(wasm, afterName + 1);
    all.push({ name: known, what: wasm.subarray(afterName, at) });
  }
  return all;
}

/** The names of functions, by index. */
export function functionNames(/** @type {Buffer} */ wasm) {
  const names = new Map();
  for (const { kind, start, end } of sections(wasm)) {
    if (kind !== CUSTOM) continue;
    let [title, at] = name(wasm, start);
    while (title === "name" && at < end) {
      const what = wasm[at];
      const [size, body] = number(wasm, at + 1);
      if (what === 1) {
        let [left, place] = number(wasm, body);
        while (left--) {
          const [index, text] = number(wasm, place);
          const [known, after] = name(wasm, text);
          names.set(index, known.replace(/\[[0-9a-f]{5,}\]/g, ""));
          place = after;
        }
      }
      at = body + size;
    }
  }
  return names;
}

/** The slots of a table that are filled at the start: slot and function index, by slot. */
export function slots(/** @type {Buffer} */ wasm, /** @type {{ start: number }} */ { start }) {
  /** @type {Map<number, number>} */
  const all = new Map();
  let [count, at] = number(wasm, start);
  while (count--) {
    // Segment of kind 0: `i32.const` offset, end, functions.
    if (wasm[at] !== 0 || wasm[at + 1] !== 0x41) throw new Error(`elements of kind ${wasm[at]} are not known`);
    let [slot, end] = number(wasm, at + 2);
    let [left, place] = number(wasm, end + 1);
    while (left--) {
      const [index, after] = number(wasm, place);
      all.set(slot++, index);
      place = after;
    }
    at = place;
  }
  return all;
}

/** An element section that fills these slots, in as many segments as there are gaps. */
export function elements(/** @type {Map<number, number>} */ filled) {
  /** @type {[number, number[]][]} */
  const segments = [];
  for (const [slot, index] of [...filled].sort(([one], [other]) => one - other)) {
    const [first, last] = segments.at(-1) ?? [-1, []];
    if (first + last.length === slot && first >= 0) last.push(index);
    else segments.push([slot, [index]]);
  }
  const parts = segments.flatMap(([slot, functions]) => [
    Buffer.from([0, 0x41]), signed(slot), Buffer.from([0x0b]), leb(functions.length), ...functions.map(leb),
  ]);
  return [leb(segments.length), ...parts];
}

/** A number from 0 as signed LEB128. */
function signed(/** @type {number} */ value) {
  const bytes = [...leb(value)];
  if ((bytes.at(-1) ?? 0) & 64) bytes.push(bytes.pop() | 128, 0);
  return Buffer.from(bytes);
}

export const CUSTOM = 0;
export const IMPORTS = 2;
export const FUNCTIONS = 3;
export const EXPORTS = 7;
export const START = 8;
export const ELEMENTS = 9;
export const CODE = 10;
export const DATA = 11;
