// The packages of others in what ships: their licences for NOTICE, the texts of these, and the
// SBOM of the widget. All of it is read from Cargo's own resolution, nothing is compiled.
// Usage: node notice.mjs check | write | texts OUT, in the checkout
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** What ships, with the package and the platform that it is compiled for. */
export const PRODUCTS = {
  widget: { title: "The widget: dist/, and the npm package", crate: "opencashier", target: "wasm32-unknown-unknown" },
  merchant: { title: "The reference backend: the program merchant", crate: "merchant", target: "x86_64-unknown-linux-gnu" },
};
const LICENCE_FILE = /^(licen[sc]es?|copying|copyright|notice|unlicense)([-._].*)?$/i;

/** @typedef {{ name: string, version: string, licence: string, folder: string, checksum: string, uses: string[] }} Package */

const cargo = (/** @type {string[]} */ ...words) => execFileSync("cargo", words, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });

/** Returns the packages of others that are compiled into a product, in the order of their names. @param {keyof typeof PRODUCTS} product */
export function packagesOf(product) {
  const { crate, target } = PRODUCTS[product];
  const metadata = JSON.parse(cargo("metadata", "--locked", "--format-version", "1", "--filter-platform", target));
  const checksums = checksumsOf(readFileSync(join(ROOT, "Cargo.lock"), "utf8"));
  /** @type {Map<string, any>} */
  const known = new Map(metadata.packages.map((/** @type {any} */ each) => [`${each.name} ${each.version}`, each]));
  const uses = new Map(metadata.resolve.nodes.map((/** @type {any} */ node) => [node.id, node.deps.map((/** @type {any} */ { pkg }) => pkg)]));
  const ids = new Map(metadata.packages.map((/** @type {any} */ each) => [each.id, `${each.name} ${each.version}`]));
  const tree = cargo("tree", "--locked", "--package", crate, "--target", target, "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}");
  const names = new Set(tree.split("\n").map((line) => line.replace(/^(\S+) v(\S+).*$/, "$1 $2")).filter(Boolean));
  /** @type {Package[]} */
  const packages = [];
  for (const name of [...names].sort()) {
    const found = known.get(name);
    if (!found) throw new Error(`cargo metadata does not have ${name}`);
    if (!found.source) continue; // Ours.
    packages.push({
      name: found.name,
      version: found.version,
      licence: found.license.replaceAll(/\s*\/\s*/g, " OR "),
      folder: dirname(found.manifest_path),
      checksum: checksums.get(name) ?? "",
      uses: (uses.get(found.id) ?? []).map((/** @type {string} */ id) => ids.get(id)).filter((/** @type {string} */ each) => names.has(each)).sort(),
    });
  }
  return packages;
}

/** The SHA-256 of each package in Cargo.lock. @param {string} lock */
function checksumsOf(lock) {
  return new Map([...lock.matchAll(/name = "(.*)"\nversion = "(.*)"\nsource = .*\nchecksum = "(\w+)"/g)].map(([, name, version, sum]) => [`${name} ${version}`, sum]));
}

/** The content of NOTICE. */
export function notice() {
  const parts = Object.entries(PRODUCTS).map(([product, { title }]) => {
    const packages = packagesOf(/** @type {keyof typeof PRODUCTS} */ (product));
    return `${title}\n\n${packages.map(({ name, version, licence }) => `  ${name} ${version}: ${licence}`).join("\n")}\n`;
  });
  return `OpenCashier

Copyright of OpenCashier is with its contributors; licence: MIT OR Apache-2.0 (LICENSE).
What ships contains the packages below, unchanged, and the standard library of Rust (MIT OR Apache-2.0).
Written by \`cargo xtask notice\`. The npm package has the texts of the licences in THIRD-PARTY-LICENSES.txt.

${parts.join("\n")}`;
}

/** The texts of the licences of a product's packages, each text once. @param {keyof typeof PRODUCTS} product */
export function licenceTexts(product) {
  /** @type {Map<string, string[]>} */
  const texts = new Map();
  for (const { name, version, licence, folder } of packagesOf(product)) {
    const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file) && statSync(join(folder, file)).isFile()).sort();
    const found = files.map((file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim());
    for (const text of found.length ? found : [`${licence}. The package has no text of its licence.`]) {
      texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
    }
  }
  const line = "-".repeat(80);
  return [...texts].map(([text, names]) => `${line}\n${names.join(", ")}\n${line}\n\n${text}\n`).join("\n");
}

/** The widget's SBOM: CycloneDX 1.6, without a time, so that it is the same for the same sources. @param {string} version of the npm package */
export function sbom(version) {
  const reference = (/** @type {string} */ name) => `pkg:cargo/${name.replace(" ", "@")}`;
  const packages = packagesOf("widget");
  const self = `pkg:npm/opencashier@${version}`;
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "library", "bom-ref": self, name: "opencashier", version, purl: self, licenses: [{ expression: "MIT OR Apache-2.0" }] } },
    components: packages.map(({ name, version: its, licence, checksum }) => ({
      type: "library",
      "bom-ref": reference(`${name} ${its}`),
      name,
      version: its,
      purl: reference(`${name} ${its}`),
      licenses: [{ expression: licence }],
      hashes: [{ alg: "SHA-256", content: checksum }],
    })),
    dependencies: [
      { ref: self, dependsOn: packages.map(({ name, version: its }) => reference(`${name} ${its}`)) },
      ...packages.map(({ name, version: its, uses }) => ({ ref: reference(`${name} ${its}`), dependsOn: uses.map(reference) })),
    ],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , verb, out] = process.argv;
  const path = join(ROOT, "NOTICE");
  if (verb === "write") {
    writeFileSync(path, notice());
  } else if (verb === "check") {
    if (readFileSync(path, "utf8") !== notice()) {
      console.error("NOTICE is not what Cargo.lock says: run `cargo xtask notice`, and look at the difference");
      process.exitCode = 1;
    }
  } else if (verb === "texts" && out) {
    for (const product of /** @type {const} */ (["widget", "merchant"])) writeFileSync(join(out, `THIRD-PARTY-LICENSES.${product}.txt`), licenceTexts(product));
  } else {
    console.error("usage: node notice.mjs check | write | texts OUT");
    process.exitCode = 2;
  }
}
