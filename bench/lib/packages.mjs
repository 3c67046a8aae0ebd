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

/** Where @adyen/adyen-web and autocannon are. */
export const BENCH_MODULES = folder("OPENCASHIER_BENCH_MODULES");
const bench = createRequire(join(BENCH_MODULES, "..", "package.json"));
const tools = createRequire(join(folder("OPENCASHIER_NODE_MODULES"), "..", "package.json"));

export const { chromium } = tools("playwright-core");
export const esbuild = tools("esbuild");
export const { PNG } = tools("pngjs");
const loaded = tools("jsqr");
/** An independent decoder of QR codes. */
export const jsQR = loaded.default ?? loaded;
/** Loaded when it is needed, because it is big. */
export const autocannon = () => bench("autocannon");
/** @param {string} name */
export const versionOf = (name) => JSON.parse(readFileSync(join(BENCH_MODULES, name, "package.json"), "utf8")).version;
