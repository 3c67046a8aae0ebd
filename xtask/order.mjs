// Lays functions that are alike side by side, for brotli: what repeats then repeats nearby. What is
// imported stands by the numbers that are its names. Only the order changes, and with it the functions' indices wherever they are written; and the hints of
// alignment, which mean nothing to what runs, become the same everywhere. The same Wasm in gives
// the same Wasm out.
import {
  CODE, CUSTOM, ELEMENTS, EXPORTS, FUNCTIONS, IMPORTS, START, elements, exports, imports, leb, number, rewrite, sections, slots, text,
} from "./wasm.mjs";

/** How many bytes stand together in a mark. */
const WIDTH = 5;
/** After these comes one number. Numbers with a sign take as many bytes. */
const ONE = new Set([0x02, 0x03, 0x04, 0x0c, 0x0d, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x3f, 0x40, 0x41, 0x42, 0xd0]);
/** After these nothing: unreachable, nop, else, end, return, drop, select, ref.is_null. */
const PLAIN = new Set([0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1]);
/** How many numbers come after 0xfc and the number of the instruction. */
const MORE = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];
/** The alignment of each instruction of memory, from `i32.load`. */
const NATURAL = [2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2];

/** @typedef {(Buffer | number)[]} Parts a body: bytes as they are, and indices of functions */

/** @returns {Parts} */
function parse(/** @type {Buffer} */ wasm, /** @type {number} */ start, /** @type {number} */ end) {
  /** @type {Parts} */
  const parts = [];
  let from = start;
  let at = start;
  const read = () => {
    let value;
    [value, at] = number(wasm, at);
    return value;
  };
  const skip = (/** @type {number} */ many) => {
    while (many--) read();
  };
  for (let locals = read(); locals; locals--) skip(2); // How many, of which type.
  while (at < end) {
    const code = wasm[at++];
    if (code === 0x10 || code === 0xd2) {
      parts.push(wasm.subarray(from, at), read());
      from = at;
    } else if (code >= 0x28 && code <= 0x3e) {
      parts.push(wasm.subarray(from, at), Buffer.from([NATURAL[code - 0x28]]));
      skip(1);
      from = at;
      skip(1);
    } else if (code === 0x0e) skip(read() + 1);
    else if (code === 0x1c) skip(read());
    else if (code === 0x43) at += 4;
    else if (code === 0x44) at += 8;
    else if (code === 0x11) skip(2);
    else if (ONE.has(code)) skip(1);
    else if (code === 0xfc) skip(MORE[read()] ?? fail("0xfc of a kind"));
    else if (!PLAIN.has(code) && !(code >= 0x45 && code <= 0xc4)) fail(`0x${code.toString(16)}`);
  }
  if (at !== end) throw new Error("order: a function does not end where it should");
  parts.push(wasm.subarray(from, end));
  return parts;
}

/** @returns {never} */
function fail(/** @type {string} */ what) {
  throw new Error(`order: an instruction ${what} is not known`);
}

/** What a function is known by: all that stands together in it, whatever it calls. */
function marksOf(/** @type {Parts} */ parts) {
  const bytes = Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.from([0x80]) : part)));
  /** @type {Set<number>} */
  const marks = new Set();
  for (let at = 0; at + WIDTH <= bytes.length; at++) marks.add(bytes.readUIntBE(at, WIDTH));
  return marks;
}

/** How much of two functions is the same: 0 to 1. */
function likeness(/** @type {Set<number>} */ one, /** @type {Set<number>} */ other) {
  const [few, many] = one.size < other.size ? [one, other] : [other, one];
  let shared = 0;
  for (const mark of few) if (many.has(mark)) shared++;
  return shared / (few.size + many.size - shared + 1);
}

/**
 * Next comes always the one that is most like the last one; of equals, the first.
 * @template {{ marks: Set<number> }} T @param {T[]} all
 */
function chain(all) {
  const left = [...all];
  const ordered = left.splice(0, 1);
  while (left.length) {
    const { marks } = ordered[ordered.length - 1];
    let [best, most] = [0, -1];
    for (const [place, other] of left.entries()) {
      const alike = likeness(marks, other.marks);
      if (alike > most) [best, most] = [place, alike];
    }
    ordered.push(...left.splice(best, 1));
  }
  return ordered;
}

/**
 * The Wasm with its functions in another order, and without its custom sections: names would be
 * wrong now. Throws on an instruction that it does not know, and if what it made is no Wasm.
 * @param {Buffer} wasm
 */
export function order(wasm) {
  const all = sections(wasm);
  const start = (/** @type {number} */ kind) => all.find((section) => section.kind === kind)?.start ?? 0;
  const outside = imports(wasm, { start: start(IMPORTS) });
  const called = outside.filter(({ kind }) => kind === 0).map((one, index) => ({ ...one, index }));
  called.sort((one, other) => Number(one.name) - Number(other.name));
  const imported = called.length;
  const functions = [];
  let [count, typeAt] = number(wasm, start(FUNCTIONS));
  for (let [, at] = number(wasm, start(CODE)); count; count--) {
    const [size, body] = number(wasm, at);
    const [type, after] = number(wasm, typeAt);
    const parts = parse(wasm, body, body + size);
    functions.push({ type, parts, marks: marksOf(parts), index: imported + functions.length });
    [at, typeAt] = [body + size, after];
  }
  const ordered = chain(functions);
  const moved = new Map([...called, ...ordered].map(({ index }, place) => [index, place]));
  const now = (/** @type {number} */ index) => moved.get(index) ?? index;

  const result = rewrite(wasm, (section) => {
    switch (section.kind) {
      case CUSTOM: return null;
      case IMPORTS: {
        const known = [...called, ...outside.filter(({ kind }) => kind !== 0)];
        return [leb(known.length), ...known.flatMap(({ module, name, type }) => [...text(module), ...text(name), type])];
      }
      case FUNCTIONS: return [leb(ordered.length), ...ordered.map(({ type }) => leb(type))];
      case START: return [leb(now(number(wasm, section.start)[0]))];
      case ELEMENTS: return elements(new Map([...slots(wasm, section)].map(([slot, index]) => [slot, now(index)])));
      case EXPORTS: {
        const known = exports(wasm, section);
        return [leb(known.length), ...known.flatMap(({ name, what }) => [
          ...text(name), ...(what[0] === 0 ? [Buffer.from([0]), leb(now(number(what, 1)[0]))] : [what]),
        ])];
      }
      case CODE: {
        const bodies = ordered.map(({ parts }) =>
          Buffer.concat(parts.map((part) => (typeof part === "number" ? leb(now(part)) : part))));
        return [leb(bodies.length), ...bodies.flatMap((body) => [leb(body.length), body])];
      }
      default: return undefined;
    }
  });
  if (!WebAssembly.validate(result)) throw new Error("order: what was written is no Wasm");
  return result;
}
