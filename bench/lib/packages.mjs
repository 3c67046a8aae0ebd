// @ts-check
// The npm packages, which `cargo xtask bench` keeps outside the checkout.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** @param {string} name */
function folder(name) {
  const found = process.env[name];
  if (!found) throw new Error(`run the benches by \`cargo xtask bench\`: ${name} is not set`);
  return found;
}

/** The folder of @adyen/adyen-web, uqr and autocannon. */
export const BENCH_MODULES = folder("OPENCASHIER_BENCH_MODULES");
const bench = createRequire(join(BENCH_MODULES, "..", "package.json"));
const build = createRequire(join(folder("OPENCASHIER_BUILD_MODULES"), "..", "package.json"));
const tests = createRequire(join(folder("OPENCASHIER_NODE_MODULES"), "..", "package.json"));

export const { chromium } = tests("playwright-core");
export const esbuild = build("esbuild");
export const { PNG } = tests("pngjs");
const loaded = tests("jsqr");
/** An independent decoder of QR codes. */
export const jsQR = loaded.default ?? loaded;
/** The modules of a QR code, row by row. @param {string} text @returns {boolean[][]} */
export const encodeQr = (text) => bench("uqr").encode(text, { ecc: "M", border: 0 }).data;
/** Loaded when it is needed, because it is big. */
export const autocannon = () => bench("autocannon");
/** @param {string} name */
export const versionOf = (name) => JSON.parse(readFileSync(join(BENCH_MODULES, name, "package.json"), "utf8")).version;
