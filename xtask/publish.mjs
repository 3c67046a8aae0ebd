// Names the files of `dist/` by their content, so that they can be cached forever, and writes what
// pages and servers need to know of them.
import { createHash } from "node:crypto";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The widget's default path; pages that serve it elsewhere change it. */
const BASE = "/opencashier/";

/** The part of a hash that names a file. @param {string} hash base64 */
const shortHash = (hash) => hash.replace(/\W/g, "").slice(0, 10);

export class Dist {
  #folder;
  /** @type {Record<string, { file: string, bytes: number, integrity: string }>} */
  #manifest = {};

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
  }

  /**
   * Writes a file under a name with the first letters and digits of its content's hash, from which
   * the loader derives the names of the locales.
   * @param {string} name
   * @param {string | Buffer} content
   * @returns {Promise<import("./bundle.mjs").File>}
   */
  async add(name, content) {
    const bytes = Buffer.from(content);
    // The shortest that browsers take: the loader carries one for each file, and they do not compress.
    const hash = createHash("sha256").update(bytes).digest("base64");
    const file = name.replace(/(\.\w+)$/, `-${shortHash(hash)}$1`);
    const integrity = `sha256-${hash}`;
    this.#manifest[name] = { file, bytes: bytes.length, integrity };
    await writeFile(join(this.#folder, file), bytes);
    return { name: file, integrity };
  }

  /** @param {string} from @param {string} to */
  async copy(from, to) {
    await copyFile(join(this.#folder, from), join(this.#folder, to));
  }

  async writeManifest() {
    await writeFile(join(this.#folder, "manifest.json"), `${JSON.stringify(this.#manifest, null, 2)}\n`);
  }

  /**
   * Writes one `head.LANG.html` a language: the script tag and hints for what the selector needs.
   * The Wasm is not among them: it would compete with the selector for a slow line.
   * @param {string[]} langs
   */
  async writeHints(langs) {
    const { file: loader, integrity } = this.#manifest["opencashier.js"];
    for (const lang of langs) {
      const locale = this.#manifest[`locales/${lang}.js`];
      const hints = [
        `<link rel="modulepreload" href="${BASE}${locale.file}" integrity="${locale.integrity}">`,
        `<script type="module" src="${BASE}${loader}" integrity="${integrity}"></script>`,
        `<script nomodule src="${BASE}opencashier-nomodule.js"></script>`,
      ];
      await writeFile(join(this.#folder, `head.${lang}.html`), `${hints.join("\n")}\n`);
    }
  }
}
