// @ts-check
// Writes a bench's results: JSON into the cache, Markdown to the terminal and, on request, into a
// section of docs/performance.md.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The folder of the results. */
export const OUT = process.env.OPENCASHIER_BENCH_OUT ?? join(ROOT, "target", "bench");

/** The machine, the commit and the load when the bench started. */
export class Circumstances {
  constructor() {
    this.startedAt = new Date();
    this.commit = commit();
    this.loadAtStart = loadavg()[0];
  }

  describe(/** @type {Record<string, string>} */ more = {}) {
    const [cpu] = cpus();
    return {
      at: this.startedAt.toISOString().replace(/\.\d+/, ""),
      took_s: Math.round((Date.now() - this.startedAt.getTime()) / 1000),
      commit: this.commit,
      machine: `${cpus().length} × ${cpu?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
      load_at_start: Number(this.loadAtStart.toFixed(2)),
      load_at_end: Number(loadavg()[0].toFixed(2)),
      node: process.version,
      ...more,
    };
  }
}

function commit() {
  try {
    const git = (/** @type {string[]} */ ...words) => execFileSync("git", words, { cwd: ROOT, encoding: "utf8" }).trim();
    // Widget and servers are measured; changes of documents and benches do not matter.
    const changed = git("status", "--porcelain", "--", ".", ":!docs", ":!bench");
    return git("rev-parse", "--short=10", "HEAD") + (changed ? " with changes" : "");
  } catch {
    return "unknown";
  }
}

/** @param {string[]} head @param {(string | number)[][]} rows */
export function table(head, rows) {
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, at) => (at === 0 ? "---" : "---:"));
  return [line(head), `|${rule.join("|")}|`, ...rows.map(line)].join("\n");
}

/**
 * Prints and stores the results of a bench.
 * @param {string} name of the bench, and of its section
 * @param {{ circumstances: Record<string, unknown>, [part: string]: unknown }} result
 * @param {string} markdown
 * @param {string} write the file whose section is replaced; none if empty
 */
export function keep(name, result, markdown, write) {
  const { circumstances } = result;
  const under = `Commit ${circumstances.commit}, ${circumstances.at}, ${circumstances.took_s} s; ${circumstances.machine}, ` +
    `load ${circumstances.load_at_start} at the start and ${circumstances.load_at_end} at the end; ` +
    ["chromium", "node", "adyen", "sqlite", "postgres"].filter((part) => circumstances[part]).map((part) => `${part} ${circumstances[part]}`).join(", ") + ".";
  const text = `${markdown.trim()}\n\n${under}`;
  mkdirSync(OUT, { recursive: true });
  writeFileSync(join(OUT, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
  writeFileSync(join(OUT, `${name}.md`), `${text}\n`);
  console.log(`\n${text}\n\nWritten to ${join(OUT, name)}.json and .md`);
  if (write) replaceSection(join(ROOT, write), name, text);
}

/** @param {string} file @param {string} name @param {string} text */
export function replaceSection(file, name, text) {
  const [begin, end] = [`<!-- bench ${name} -->`, `<!-- end ${name} -->`];
  const before = readFileSync(file, "utf8");
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no section between ${begin} and ${end}`);
  writeFileSync(file, `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`);
  console.log(`Written into ${file}`);
}
