// Generates the custom-elements manifest from the lists of names in `www/names.js` and the tables
// of docs/embedding.md, so that nothing is described twice.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { EVENTS, METHODS, OPTIONS, PARTS, VARIABLES, kebab } from "../www/names.js";

const TAG = "open-cashier";

/** @param {string} root of the repository */
export async function manifestOf(root) {
  const docs = tables(await readFile(join(root, "docs", "embedding.md"), "utf8"));
  const { version } = JSON.parse(await readFile(join(root, "npm", "package.json"), "utf8"));
  const describe = (/** @type {string} */ name) => {
    const text = docs.get(name);
    if (!text) throw new Error(`docs/embedding.md has no row for ${name}`);
    return text;
  };
  const fields = OPTIONS.map((name) => ({ kind: "field", name, description: describe(name), attribute: kebab(name) }));
  const path = "dist/index.js";
  return {
    schemaVersion: "2.1.0",
    readme: "README.md",
    package: { name: "opencashier", version },
    modules: [{
      kind: "javascript-module",
      path,
      declarations: [{
        kind: "class",
        name: "OpenCashierElement",
        description: "Checkout with Alipay and WeChat Pay side by side.",
        customElement: true,
        tagName: TAG,
        superclass: { name: "HTMLElement" },
        attributes: OPTIONS.map((name) => ({ name: kebab(name), fieldName: name, description: describe(name) })),
        members: [...fields, ...METHODS.map((name) => ({ kind: "method", name, description: describe(name) }))],
        events: EVENTS.map((name) => ({ name: `cashier-${name}`, type: { text: `CheckoutEvent<"${name}">` }, description: describe(name) })),
        cssParts: PARTS.map((name) => ({ name, description: describe(name) })),
        cssProperties: VARIABLES.map((name) => ({ name: `--oc-${kebab(name)}` })),
      }],
      exports: [
        { kind: "js", name: "OpenCashier", declaration: { name: "OpenCashier", module: path } },
        { kind: "custom-element-definition", name: TAG, declaration: { name: "OpenCashierElement", module: path } },
      ],
    }],
  };
}

/**
 * Returns the last cell of each table row, by the names in the first cell: `` `a`, `b` ``, ``
 * `a(b)` ``.
 * @param {string} markdown
 */
export function tables(markdown) {
  /** @type {Map<string, string>} */
  const rows = new Map();
  for (const line of markdown.split("\n").filter((each) => each.startsWith("| `"))) {
    const cells = line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
    const isOption = cells.length === 4;
    const text = isOption ? `${cells[2]}${cells[3] && `; default: ${cells[3]}`}` : cells[cells.length - 1];
    for (const [, name] of cells[0].matchAll(/`(?:OpenCashier\.)?([\w-]+)[^`]*`/g)) if (!rows.has(name)) rows.set(name, text);
  }
  return rows;
}
