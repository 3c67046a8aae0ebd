// @ts-check
// A small encoder of QR codes for the vanilla floor and for the stand-in of Adyen's barcode image:
// bytes at level M, versions 1 to 10, ISO/IEC 18004. Not for anything that ships.

/** Blocks and error-correction bytes per block of level M, versions 1 to 10 (table 9). */
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5];
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26];
/** All bytes of a version (table 1). */
const TOTAL = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346];
/** Middles of the alignment patterns (annex E). */
const ALIGNMENT = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];
const MASKS = [
  (/** @type {number} */ x, /** @type {number} */ y) => (x + y) % 2,
  (/** @type {number} */ _, /** @type {number} */ y) => y % 2,
  (/** @type {number} */ x) => x % 3,
  (/** @type {number} */ x, /** @type {number} */ y) => (x + y) % 3,
  (/** @type {number} */ x, /** @type {number} */ y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (/** @type {number} */ x, /** @type {number} */ y) => ((x * y) % 2) + ((x * y) % 3),
  (/** @type {number} */ x, /** @type {number} */ y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (/** @type {number} */ x, /** @type {number} */ y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

/** Product in GF(256) of QR. @param {number} a @param {number} b */
function times(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((b >> bit) & 1) * a;
  }
  return product;
}

/** @param {number[]} data @param {number} count */
function correction(data, count) {
  const divisor = Array(count).fill(0);
  divisor[count - 1] = 1;
  for (let root = 1, step = 0; step < count; step += 1, root = times(root, 2)) {
    for (let at = 0; at < count; at += 1) divisor[at] = times(divisor[at], root) ^ (divisor[at + 1] ?? 0);
  }
  const rest = Array(count).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((coefficient, at) => (rest[at] ^= times(coefficient, factor)));
  }
  return rest;
}

/** The data in blocks with their correction, in the order in which they are drawn. @param {Uint8Array} text @param {number} version */
function codewords(text, version) {
  const blocks = BLOCKS[version - 1];
  const perBlock = CORRECTION[version - 1];
  const room = TOTAL[version - 1] - blocks * perBlock;
  /** @type {number[]} */
  const bits = [];
  const push = (/** @type {number} */ value, /** @type {number} */ length) => {
    for (let bit = length - 1; bit >= 0; bit -= 1) bits.push((value >> bit) & 1);
  };
  push(4, 4);
  push(text.length, version < 10 ? 8 : 16);
  for (const byte of text) push(byte, 8);
  push(0, Math.min(4, room * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  for (let pad = 0xec; bits.length < room * 8; pad ^= 0xec ^ 0x11) push(pad, 8);
  const bytes = Array.from({ length: room }, (_, at) => parseInt(bits.slice(at * 8, at * 8 + 8).join(""), 2));

  const short = Math.floor(room / blocks);
  const longs = room % blocks;
  const parts = Array.from({ length: blocks }, (_, block) => {
    const isLong = block >= blocks - longs;
    return bytes.splice(0, short + Number(isLong));
  });
  const corrections = parts.map((part) => correction(part, perBlock));
  const mixed = [];
  for (let at = 0; at <= short; at += 1) for (const part of parts) if (at < part.length) mixed.push(part[at]);
  for (let at = 0; at < perBlock; at += 1) for (const part of corrections) mixed.push(part[at]);
  return mixed;
}

/**
 * The modules of the code, row by row; true is dark.
 * @param {string} text
 * @returns {boolean[][]}
 */
export function encode(text) {
  const bytes = new TextEncoder().encode(text);
  const version = TOTAL.findIndex((total, at) =>
    bytes.length + (at < 9 ? 2 : 3) <= total - BLOCKS[at] * CORRECTION[at]) + 1;
  if (version === 0) throw new RangeError("too long for this encoder");
  const size = version * 4 + 17;
  /** @type {boolean[][]} */
  const dark = Array.from({ length: size }, () => Array(size).fill(false));
  const fixed = Array.from({ length: size }, () => Array(size).fill(false));
  const set = (/** @type {number} */ x, /** @type {number} */ y, /** @type {unknown} */ isDark) => {
    if (x < 0 || y < 0 || x >= size || y >= size) return;
    dark[y][x] = Boolean(isDark);
    fixed[y][x] = true;
  };

  for (let at = 0; at < size; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]]) {
    for (let dy = -4; dy <= 4; dy += 1) {
      for (let dx = -4; dx <= 4; dx += 1) {
        const ring = Math.max(Math.abs(dx), Math.abs(dy));
        set(cx + dx, cy + dy, ring !== 2 && ring !== 4);
      }
    }
  }
  const middles = ALIGNMENT[version - 1];
  const last = middles[middles.length - 1];
  for (const cy of middles) {
    for (const cx of middles) {
      if ((cx === 6 && cy === 6) || (cx === 6 && cy === last) || (cx === last && cy === 6)) continue;
      for (let dy = -2; dy <= 2; dy += 1) {
        for (let dx = -2; dx <= 2; dx += 1) set(cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
      }
    }
  }
  if (version >= 7) {
    let rest = version;
    for (let step = 0; step < 12; step += 1) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    const bits = (version << 12) | rest;
    for (let at = 0; at < 18; at += 1) {
      const [a, b] = [size - 11 + (at % 3), Math.floor(at / 3)];
      set(a, b, (bits >> at) & 1);
      set(b, a, (bits >> at) & 1);
    }
  }
  const format = (/** @type {number} */ mask) => {
    let rest = mask; // Level M is 00.
    for (let step = 0; step < 10; step += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    const bits = ((mask << 10) | rest) ^ 0x5412;
    const bit = (/** @type {number} */ at) => (bits >> at) & 1;
    for (let at = 0; at < 6; at += 1) set(8, at, bit(at));
    set(8, 7, bit(6));
    set(8, 8, bit(7));
    set(7, 8, bit(8));
    for (let at = 9; at < 15; at += 1) set(14 - at, 8, bit(at));
    for (let at = 0; at < 8; at += 1) set(size - 1 - at, 8, bit(at));
    for (let at = 8; at < 15; at += 1) set(8, size - 15 + at, bit(at));
    set(8, size - 8, true);
  };
  format(0);

  const mixed = codewords(bytes, version);
  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      for (const x of [right, right - 1]) {
        const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
        if (fixed[y][x]) continue;
        dark[y][x] = ((mixed[at >> 3] ?? 0) >> (7 - (at & 7))) % 2 === 1;
        at += 1;
      }
    }
  }

  const flip = (/** @type {number} */ mask) => {
    for (let y = 0; y < size; y += 1) {
      for (let x = 0; x < size; x += 1) if (!fixed[y][x] && MASKS[mask](x, y) === 0) dark[y][x] = !dark[y][x];
    }
  };
  let best = { mask: 0, penalty: Infinity };
  for (let mask = 0; mask < 8; mask += 1) {
    flip(mask);
    format(mask);
    const penalty = ugliness(dark);
    if (penalty < best.penalty) best = { mask, penalty };
    flip(mask);
  }
  flip(best.mask);
  format(best.mask);
  return dark;
}

/** How much would confuse a scanner (7.8.3.1). @param {boolean[][]} dark */
function ugliness(dark) {
  const size = dark.length;
  let penalty = 0;
  let count = 0;
  for (const at of [(/** @type {number} */ a, /** @type {number} */ b) => dark[a][b], (/** @type {number} */ a, /** @type {number} */ b) => dark[b][a]]) {
    for (let a = 0; a < size; a += 1) {
      let run = 0;
      let seen = 0;
      for (let b = 0; b < size; b += 1) {
        run = b > 0 && at(a, b) === at(a, b - 1) ? run + 1 : 1;
        if (run === 5) penalty += 3;
        else if (run > 5) penalty += 1;
        seen = ((seen << 1) | Number(at(a, b))) & 0x7ff;
        if (b >= 10 && (seen === 0x5d0 || seen === 0x05d)) penalty += 40;
      }
    }
  }
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      count += Number(dark[y][x]);
      if (y > 0 && x > 0 && dark[y][x] === dark[y][x - 1] && dark[y][x] === dark[y - 1][x] && dark[y][x] === dark[y - 1][x - 1]) penalty += 3;
    }
  }
  return penalty + 10 * Math.floor(Math.abs(count * 20 - size * size * 10) / (size * size));
}
