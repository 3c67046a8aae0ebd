// Bundles and minifies the scripts and the style sheet. wasm-bindgen's glue is bundled as it was
// generated.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { esbuild } from "./packages.mjs";

/** The oldest engines that run the widget. */
const TARGET = ["chrome72", "safari13", "firefox78"];

/**
 * The values that the build writes into `www/built.js`.
 * @typedef {{ name: string, integrity: string }} File
 * @typedef {{ VERSION: string, APP?: File, WASM: File, CSS: File, LOCALES: Record<string, File> }} Built
 *   Without integrity values each address is static, so that bundlers follow it
 * @typedef {{ built: Built, glue: string, css: string, screensCss?: string }} Parts
 */

/** @type {import("esbuild").BuildOptions & { write: false }} */
const COMMON = {
  // The names of sources in the comments of what is not minified are relative to it: without it, the
  // bytes would depend on the folder in which the build was started.
  absWorkingDir: fileURLToPath(new URL("..", import.meta.url)),
  bundle: true,
  write: false,
  minify: true,
  target: TARGET,
  // Safari before 14.1 fails rare cases of destructuring only (an exotic test of compat-table), and
  // esbuild cannot lower it.
  supported: { destructuring: true },
  format: "esm",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
};

/**
 * A style sheet, minified and with fallbacks for old engines.
 * @param {string} www
 * @param {string} name
 */
export async function styles(www, name) {
  const { outputFiles } = await esbuild.build({ ...COMMON, entryPoints: [join(www, name)] });
  return outputFiles[0].text.trim();
}

/**
 * A bundle of one script.
 * @param {string} entry
 * @param {Parts & { classic?: boolean, minify?: boolean }} parts
 *   `classic`: for a `<script>` that is no module
 */
export async function script(entry, { classic = false, minify = true, ...parts }) {
  const { outputFiles } = await esbuild.build({
    ...COMMON,
    minify,
    entryPoints: [entry],
    plugins: [generated(parts)],
    // A classic script may import() as well.
    ...(classic && { format: "iife", supported: { ...COMMON.supported, "dynamic-import": true } }),
  });
  return outputFiles[0].text;
}

/**
 * A script in ES5, for engines that know no modules; esbuild refuses what it cannot lower.
 * @param {string} entry
 * @param {Record<string, unknown>} texts the members of `www/old-browser-texts.js`
 */
export async function es5(entry, texts) {
  const contents = Object.entries(texts).map(([name, value]) => `export var ${name} = ${JSON.stringify(value)};`).join("\n");
  const plugin = {
    name: "texts",
    setup: (/** @type {import("esbuild").PluginBuild} */ build) => build.onLoad({ filter: /\/www\/old-browser-texts\.js$/ }, () => ({ contents })),
  };
  const { outputFiles } = await esbuild.build({ ...COMMON, entryPoints: [entry], format: "iife", target: ["es5"], supported: {}, plugins: [plugin] });
  return outputFiles[0].text;
}

/**
 * A module with one value.
 * @param {unknown} value
 */
export async function valueModule(value) {
  const source = `export default ${JSON.stringify(value)};`;
  const { code } = await esbuild.transform(source, { minify: true, target: TARGET, format: "esm", charset: "utf8" });
  return code;
}

/**
 * Replaces the placeholder files in `www/` by the build's output.
 * @param {Parts} parts
 * @returns {import("esbuild").Plugin}
 */
function generated({ built, glue, css, screensCss }) {
  return {
    name: "generated",
    setup(build) {
      build.onLoad({ filter: /\/www\/built\.js$/ }, () => ({ contents: builtModule(built) }));
      build.onLoad({ filter: /\/www\/opencashier\.css$/ }, () => ({ contents: css, loader: "text" }));
      build.onLoad({ filter: /\/www\/screens\.css$/ }, () => ({ contents: screensCss, loader: "text" }));
      build.onResolve({ filter: /^\.\/glue\.js$/ }, () => ({ path: glue }));
      build.onLoad({ filter: /opencashier_wasm\.js$/ }, async ({ path }) => ({ contents: await readFile(path, "utf8"), loader: "js" }));
    },
  };
}

/** The source of `www/built.js`. @param {Built} built */
function builtModule({ VERSION, APP, WASM, CSS, LOCALES }) {
  const entries = Object.entries(LOCALES);
  const isStatic = entries.some(([, file]) => !file.integrity);
  const address = (/** @type {File} */ file) => {
    const url = `new URL(${JSON.stringify(`./${file.name}`)}, import.meta.url).href`;
    // A bundler may make a classic script of it, which has no address: it needs `assetBase`.
    return isStatic ? `(() => { try { return ${url}; } catch { return ""; } })()` : url;
  };
  const asset = (/** @type {File | undefined} */ file) => file
    ? `{ name: ${JSON.stringify(file.name)}, url: ${address(file)}, integrity: ${JSON.stringify(file.integrity)} }`
    : "undefined";
  const locales = isStatic
    ? `{ ${entries.map(([lang, file]) => `${JSON.stringify(lang)}: ${asset(file)}`).join(", ")} }`
    : localesByHash(entries.map(([lang, file]) => `${lang} ${file.integrity.replace("sha256-", "")}`));
  return `export const VERSION = ${JSON.stringify(VERSION)};
export const APP = ${asset(APP)};
export const WASM = ${asset(WASM)};
export const CSS = ${asset(CSS)};
export const LOCALES = ${locales};
`;
}

/**
 * The shortest source of the locales: a name is derived from its hash, as `Dist.add` does.
 * @param {string[]} hashes each with its language before it
 */
const localesByHash = (hashes) => `{};
for (const entry of ${JSON.stringify(hashes.join())}.split(",")) {
  const [lang, hash] = entry.split(" ");
  const name = "locales/" + lang + "-" + hash.replace(/\\W/g, "").slice(0, 10) + ".js";
  LOCALES[lang] = { name, url: new URL("./" + name, import.meta.url).href, integrity: "sha256-" + hash };
}`;
