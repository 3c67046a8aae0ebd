// Checks the documentation: that the site has every document, that every link of the repository's
// Markdown files leads to a file, and every link of the built site to a page and its anchor.
// Usage: node book-check.mjs BOOK, in the checkout
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { parse5 } from "./packages.mjs";

const book = process.argv[2] ?? "";
/** @type {string[]} */
const broken = [];
let count = 0;

const documents = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], { encoding: "utf8" }).split("\n").filter((file) => file && existsSync(file));
for (const file of documents) {
  const text = readFileSync(file, "utf8").replace(/^```.*?^```/gms, "").replace(/`[^`\n]*`/g, "");
  for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    const [path] = link.split("#");
    if (!path || isForeign(path)) continue;
    count += 1;
    // The playground is a page of the site; the repository has its source at the same path.
    if (!existsSync(join(dirname(file), decodeURI(path)))) broken.push(`${file}: there is no ${link}`);
  }
}

// mdBook draws only what its summary names, and leaves links to other documents dead.
const summary = readFileSync("docs/SUMMARY.md", "utf8");
for (const file of documents.filter((each) => each.startsWith("docs/") && each !== "docs/SUMMARY.md")) {
  if (!summary.includes(`](${file.slice("docs/".length)})`)) broken.push(`docs/SUMMARY.md: there is no line for ${file}`);
}

const pages = new Map(filesBelow(book).filter((file) => file.endsWith(".html")).map((file) => [file, contentOf(file)]));
for (const [page, { links }] of pages) {
  for (const link of links) {
    if (isForeign(link)) continue;
    count += 1;
    const [path, anchor] = link.split("#");
    const base = path.startsWith("/") ? book : dirname(page);
    let target = path ? join(base, decodeURI(path.split("?")[0])) : page;
    if (existsSync(target) && statSync(target).isDirectory()) target = join(target, "index.html");
    const name = relative(book, page);
    if (!existsSync(target)) broken.push(`${name}: there is no ${link}`);
    else if (anchor && pages.has(target) && !pages.get(target)?.ids.has(decodeURIComponent(anchor))) broken.push(`${name}: there is no anchor ${link}`);
  }
}
for (const each of broken) console.error(each);
console.log(`docs: ${documents.length} documents, ${pages.size} pages, ${count} links, ${broken.length} broken`);
process.exitCode = broken.length ? 1 : 0;

/** @param {string} link */
function isForeign(link) {
  return /^([a-z][a-z+.-]*:|\/\/)/i.test(link);
}

/** @param {string} file */
function contentOf(file) {
  /** @type {string[]} */
  const links = [];
  const ids = new Set();
  const visit = (/** @type {any} */ node) => {
    for (const { name, value } of node.attrs ?? []) {
      if (name === "id") ids.add(value);
      if ((name === "href" || name === "src") && value) links.push(value);
    }
    for (const child of node.childNodes ?? []) visit(child);
    if (node.content) visit(node.content);
  };
  visit(parse5.parse(readFileSync(file, "utf8")));
  return { links, ids };
}

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
