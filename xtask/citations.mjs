// Checks that every document that the repository cites is in it, and has the heading that is cited:
// a path with an anchor, Markdown links, and sections of docs/gateways.md such as
// "gateways.md A3.2, G1.16".
// Usage: node citations.mjs, in the checkout
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const TEXT = /\.(rs|mjs|js|ts|css|html|md|toml|py|yml|sql)$/;
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => TEXT.test(file) && existsSync(file));
const documents = new Map(files.filter((file) => file.endsWith(".md")).map((file) => [file, documentOf(file)]));

/** @type {string[]} */
const broken = [];
for (const file of files) {
  const lines = readFileSync(file, "utf8").split("\n");
  for (const [index, line] of lines.entries()) {
    // A citation may continue on the next line of a comment.
    const next = (lines[index + 1] ?? "").replace(/^[\s/*#!>-]*/, "");
    for (const complaint of complaints(file, line, next)) broken.push(`${file}:${index + 1}: ${complaint}`);
  }
}
for (const each of broken) console.error(each);
console.log(`citations: ${files.length} files, ${broken.length} that do not resolve`);
process.exitCode = broken.length ? 1 : 0;

/** @param {string} file @param {string} line @param {string} next */
function* complaints(file, line, next) {
  // URLs are not citations of this repository's files.
  const text = line.replace(/https?:\/\/\S+/g, "");
  for (const { 0: cited, index } of text.matchAll(/(?<![\w*{<])[\w./-]*[\w-]\.md\b(#[\w-]+)?/g)) {
    const [path, anchor] = cited.split("#");
    const found = resolve(file, path);
    if (!found) {
      yield `there is no ${path}`;
      continue;
    }
    const document = /** @type {Document_} */ (documents.get(found));
    if (anchor && !document.anchors.has(anchor)) yield `${found} has no heading #${anchor}`;
    if (!found.endsWith("gateways.md") || anchor) continue;
    for (const section of sections(`${text.slice(index + cited.length)} ${next}`)) {
      if (!hasSection(document, section)) yield `${found} has no section ${section}`;
    }
  }
  if (!file.endsWith(".md")) return;
  for (const [, anchor] of text.matchAll(/\]\(#([^)\s]+)\)/g)) {
    if (!documents.get(file)?.anchors.has(anchor)) yield `it has no heading #${anchor}`;
  }
}

/** @typedef {{ anchors: Set<string>, sections: Map<string, string> }} Document_ */

/** The anchors of a document's headings, and the text of each numbered section. @param {string} file @returns {Document_} */
function documentOf(file) {
  const anchors = new Set();
  const sections = new Map();
  /** The sections around the current line, outermost first. @type {{ depth: number, number: string }[]} */
  let open = [];
  let isCode = false;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (/^\s*```/.test(line)) isCode = !isCode;
    const heading = isCode ? null : /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (heading) {
      const [, { length: depth }, title] = heading;
      anchors.add(anchorOf(title, anchors));
      const number = /^(?:part\s+)?([A-I](?:\d+(?:\.\d+)*)?)(?![\w.]*\w)/i.exec(title)?.[1] ?? "";
      open = [...open.filter((section) => section.depth < depth), { depth, number }];
      if (number) sections.set(number, "");
    }
    for (const { number } of open) {
      if (number) sections.set(number, `${sections.get(number)}${line}\n`);
    }
  }
  return { anchors, sections };
}

/** The anchor that Markdown's viewers give a heading. @param {string} title @param {Set<string>} known */
function anchorOf(title, known) {
  const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
  const anchor = plain.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
  let unique = anchor;
  for (let count = 1; known.has(unique); count += 1) unique = `${anchor}-${count}`;
  return unique;
}

/** The section numbers at the start of a text: ` A3.2, B5.4 and G1`, ` part D row 9`. @param {string} text */
function sections(text) {
  const found = [];
  const pattern = /^(?:[\s`,]|and\b|or\b|parts?\b|–|-)*([A-I](?:\d+(?:\.\d+)*)?)(?!\w)(?:,? rows? (\d+)(?: and (\d+))?)?/;
  for (let rest = text, match; (match = pattern.exec(rest)); rest = rest.slice(match[0].length)) {
    const [, section, ...rows] = match;
    // "A" alone is a part only after the word, or it is the article.
    if (!/\d/.test(section) && !/part|^\s*[B-H]\b/.test(match[0])) break;
    const items = rows.filter(Boolean).map((row) => `${section}${row}`);
    found.push(...(items.length ? items : [section]));
  }
  return found;
}

/** True if the section is a heading, or an item or row of the section around it. @param {Document_} document @param {string} section */
function hasSection({ sections }, section) {
  if (sections.has(section)) return true;
  const [, around, item] = /^([A-I]\d*)\.?(\d+)$/.exec(section) ?? [];
  const parents = [[around, item], [section[0], section.slice(1)]];
  return parents.some(([parent, number]) => {
    const text = sections.get(parent ?? "");
    return Boolean(text && number && new RegExp(`^\\s*(?:\\|\\s*)?(?:[A-I]?\\d*\\.)?${number}\\b[.)]?\\s`, "m").test(text));
  });
}

/** @param {string} file @param {string} cited */
function resolve(file, cited) {
  const candidates = [join(dirname(file), cited), cited, join("docs", cited)].map((path) => normalize(path));
  return candidates.find((path) => documents.has(path));
}
