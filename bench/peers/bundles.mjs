// @ts-check
// The files of each peer, bundled as its users would and compressed once.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

import { BENCH_MODULES, esbuild } from "../lib/packages.mjs";
import { ROOT } from "../lib/report.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const TYPES = /** @type {Record<string, string>} */ ({
  ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".wasm": "application/wasm",
  ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".json": "application/json",
});
export const DIST = process.env.OPENCASHIER_DIST ?? join(ROOT, "dist");

/** @typedef {{ type: string, raw: Buffer, brotli: Buffer }} Static */

/**
 * Every file that is served, by its path.
 * @returns {Promise<Map<string, Static>>}
 */
export async function statics() {
  const all = new Map();
  const add = (/** @type {string} */ path, /** @type {Buffer} */ raw) => {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length };
    all.set(path, { raw, type: TYPES[extname(path)] ?? "application/octet-stream", brotli: brotliCompressSync(raw, { params }) });
  };
  if (!existsSync(join(DIST, "opencashier.js"))) throw new Error(`${DIST} is not built: run cargo xtask build`);
  for (const file of filesBelow(DIST)) add(`/opencashier/${relative(DIST, file)}`, readFileSync(file));
  for (const [name, format] of [["adyen", "esm"], ["adyen-auto", "iife"], ["vanilla", "esm"]]) {
    const { outputFiles } = await esbuild.build({
      entryPoints: [join(HERE, `${name}.js`)], bundle: true, minify: true, write: false, format, target: "es2022",
      legalComments: "none", charset: "utf8", nodePaths: [BENCH_MODULES], logLevel: "error",
      define: { "process.env.NODE_ENV": '"production"' },
    });
    add(`/peers/${name}.js`, Buffer.from(outputFiles[0].contents));
  }
  add("/peers/adyen.css", readFileSync(join(BENCH_MODULES, "@adyen", "adyen-web", "dist", "es", "adyen.css")));
  return all;
}

/** The hints and the script tag for the head of a storefront's page, as the build wrote them. */
export const head = () => readFileSync(join(DIST, "head.en.html"), "utf8");

/** Only the script tag: with `embed` the selector does not wait for other files. */
export const loaderHead = () => head().split("\n").filter((line) => line.startsWith("<script")).join("\n");

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder).filter((name) => !name.startsWith(".")).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
