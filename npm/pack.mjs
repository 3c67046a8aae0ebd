// Assembles the npm package from `dist/` and this folder.
// Usage: node pack.mjs ROOT TSC OUT
import { execFileSync } from "node:child_process";
import { cp, copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { script } from "../xtask/bundle.mjs";
import { licenceTexts, sbom } from "../xtask/notice.mjs";
import { manifestOf } from "./custom-elements.mjs";

const [, , root, tsc, out] = process.argv;
const dist = join(root, "dist");
const source = join(root, "npm");

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
for (const name of ["package.json", "README.md", "react.js", "react.d.ts", "types", "server"]) {
  await cp(join(source, name), join(out, name), { recursive: true });
}
for (const name of ["LICENSE-APACHE", "LICENSE-MIT", "NOTICE"]) await copyFile(join(root, name), join(out, name));
await copyFile(join(root, "www", "names.js"), join(out, "names.js"));
await cp(dist, join(out, "dist"), { recursive: true, filter: (path) => !/\.built-from$|head\.[\w-]+\.html$|opencashier\.d\.ts$/.test(path) });
await copyFile(join(dist, "opencashier.d.ts"), join(out, "dist", "index.d.ts"));
await writeFile(join(out, "dist", "index.js"), await bundlerEntry());
await writeFile(join(out, "custom-elements.json"), `${JSON.stringify(await manifestOf(root), null, 2)}\n`);
const { version } = JSON.parse(await readFile(join(out, "package.json"), "utf8"));
await writeFile(join(out, "sbom.cdx.json"), `${JSON.stringify(sbom(version), null, 1)}\n`);
await writeFile(join(out, "THIRD-PARTY-LICENSES.txt"), licenceTexts("widget"));
declare(["names.js", "server/index.js"]);
for (const file of (await readdir(join(out, "server"))).filter((name) => name.endsWith(".d.ts"))) console.log(`pack: server/${file}`);
execFileSync("npm", ["pack", "--silent", "--pack-destination", join(out, "..")], { cwd: out, stdio: "inherit" });

/**
 * Returns the module for bundlers. It is not minified, and checks no integrity: bundlers may rename
 * and minify the files, which the shop then serves.
 */
async function bundlerEntry() {
  const manifest = JSON.parse(await readFile(join(dist, "manifest.json"), "utf8"));
  const { version, styles } = JSON.parse(await readFile(join(dist, "selector.json"), "utf8"));
  const file = (/** @type {string} */ name) => ({ name: manifest[name].file, integrity: "" });
  /** @type {Record<string, import("../xtask/bundle.mjs").File>} */
  const LOCALES = {};
  for (const name of Object.keys(manifest)) {
    const lang = /^locales\/(.*)\.js$/.exec(name)?.[1];
    if (lang) LOCALES[lang] = file(name);
  }
  const built = { VERSION: version, APP: file("app.js"), WASM: file("opencashier.wasm"), CSS: file("opencashier.css"), LOCALES };
  return script(join(root, "www", "opencashier.js"), { built, css: styles.css, glue: "", minify: false });
}

/** Writes the declarations of scripts with JSDoc types. @param {string[]} files */
function declare(files) {
  const options = [
    "--ignoreConfig", "--allowJs", "--checkJs", "--declaration", "--emitDeclarationOnly", "--strict", "--skipLibCheck", "--target", "es2022",
    "--module", "nodenext", "--moduleResolution", "nodenext", "--lib", "es2023,dom,dom.iterable", "--types", "",
  ];
  execFileSync("node", [tsc, ...options, "--rootDir", out, "--outDir", out, ...files.map((file) => join(out, file))], { stdio: "inherit" });
}
