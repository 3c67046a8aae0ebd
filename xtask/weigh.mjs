// Prints one line `NAME RAW GZIP BROTLI` in bytes for each file in the manifest of a built widget.
// Usage: node weigh.mjs DIST
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [, , dist] = process.argv;
/** @type {Record<string, { file: string }>} */
const manifest = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8"));
for (const [name, { file }] of Object.entries(manifest)) {
  const bytes = readFileSync(join(dist, file));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const [gzip, brotli] = [gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes, { params })];
  console.log(`${name} ${bytes.length} ${gzip.length} ${brotli.length}`);
}
