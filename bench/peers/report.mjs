// @ts-check
// The report of the peers bench.
import { CONDITIONS } from "../lib/browser.mjs";
import { spell, summary } from "../lib/numbers.mjs";
import { table } from "../lib/report.mjs";
import { PEERS } from "./peers.mjs";

/** The rows of the report; less is better in all of them. */
const ROWS = /** @type {[string, string, number?][]} */ ([
  ["bytes", "bytes until the selector is usable"],
  ["bytes_all", "bytes that the page loads in all"],
  ["requests", "requests until then, without the page"],
  ["chain", "answers in a row until then, with the page"],
  ["first_paint_ms", "first paint of the page, ms"],
  ["something_ms", "first paint of the widget, ms"],
  ["usable_ms", "usable selector, ms"],
  ["script_ms", "script time until then, ms", 1],
  ["task_ms", "main thread busy until then, ms"],
  ["long_tasks", "long tasks until then"],
  ["longest_task_ms", "the longest of them, ms"],
  ["at_once_ms", "pressed as soon as possible: navigation to painted code, ms"],
  ["code_chain", "answers in a row from click to code"],
  ["code_ms", "click to painted code, without the server's delay, ms"],
  ["code_script_ms", "script time of that, ms", 1],
  ["paid_ms", "status changed to \"paid\" on screen, ms"],
  ["paid_requests", "requests for that"],
  ["bytes_visit", "bytes of the visit, from opening to paid, without the page"],
  ["requests_visit", "requests of the visit, without the page"],
  ["memory", "JS heap and Wasm memory with the code shown, bytes"],
]);

/** The reason if a peer is better in a row; printed below the table. */
const REASONS = /** @type {Record<string, string>} */ ({
  bytes: "the Wasm is requested when the selector is in the page; without throttling it arrives before the paint and counts here.",
  bytes_all: "the Wasm weighs most: see docs/size.md.",
  requests: "loader, locale, glue and Wasm are separate files, so that each is cached separately.",
  chain: "the page, then loader and locale side by side.",
  first_paint_ms: "the page paints before anything of the widget is there; a difference is noise or a style sheet in the page's head.",
  something_ms: "see the answers in a row.",
  usable_ms: "it follows from bytes and from the answers in a row.",
  script_ms: "loader and preview run on the main thread.",
  task_ms: "see the script time.",
  long_tasks: "the page's and the browser's own are counted as well; `bench start` finds ours in the trace.",
  longest_task_ms: "see the script time.",
  at_once_ms: "the Wasm must have come before the payment can be started.",
  code_chain: "nothing is asked between answer and code.",
  code_ms: "see the answers in a row from click to code.",
  code_script_ms: "the code is encoded and drawn here, by Wasm; Adyen's server draws it and the browser only shows the picture, one answer later.",
  paid_ms: "the answer is pushed; only a network slower than two seconds a request makes polling come level.",
  paid_requests: "the answer is pushed.",
  bytes_visit: "the Wasm weighs most: see docs/size.md. A visit that waits longer costs Adyen an answer every two seconds.",
  requests_visit: "loader, locale, glue and Wasm are separate files, so that each is cached separately.",
  memory: "a Wasm module has a memory of its own, beside the JS heap.",
});

/** @param {Record<string, any>} result */
export function markdown({ conditions, names, runs, chain, rounds }) {
  const parts = [];
  /** @type {Map<string, string[]>} */
  const losses = new Map();
  for (const condition of conditions) {
    const rows = ROWS.map(([key, title, digits = 0]) => {
      const of = (/** @type {string} */ name) => {
        if (key === "chain") return { median: chain[name].usable, p25: NaN, p75: NaN };
        if (key === "code_chain") return { median: chain[name].code, p25: NaN, p75: NaN };
        return summary(runs.filter((/** @type {any} */ each) => each.condition === condition && each.name === name).map((/** @type {any} */ each) => each[key]));
      };
      const cells = names.map((/** @type {string} */ name) => {
        const { median, p25, p75 } = of(name);
        const spread = p75 - p25 > 0 ? ` (${spell(p25, digits)}–${spell(p75, digits)})` : "";
        return `${spell(median, digits)}${spread}`;
      });
      const rivals = names.includes("opencashier") ? names.filter((/** @type {string} */ name) => name.startsWith("adyen")) : [];
      const ours = rivals.length ? of("opencashier").median : NaN;
      for (const rival of rivals) {
        const theirs = of(rival).median;
        // Compared with the digits that are shown.
        if (Number(ours.toFixed(digits)) > Number(theirs.toFixed(digits))) {
          const where = `${CONDITIONS[condition].title}, ${PEERS[rival].title}: ${spell(theirs, digits)} to our ${spell(ours, digits)}`;
          losses.set(key, [...(losses.get(key) ?? []), where]);
        }
      }
      return [title, ...cells];
    });
    parts.push(`#### ${CONDITIONS[condition].title}\n\n${table(["median (quartiles)", ...names.map((/** @type {string} */ name) => PEERS[name].title)], rows)}`);
  }
  parts.push(shares({ conditions, names, runs }));
  const titles = Object.fromEntries(ROWS.map(([key, title]) => [key, title]));
  const summaryOfLosses = !names.includes("opencashier") ? "" : losses.size
    ? `#### Where a peer wins\n\n${[...losses].map(([key, where]) => `- **${titles[key]}**. ${where.join("; ")}. Why: ${REASONS[key]}`).join("\n")}`
    : "#### Where a peer wins\n\nNowhere in this run: OpenCashier is ahead of Adyen or equal in every row.";
  return `${rounds} rounds, each peer once per round and condition, the order turned from round to round.\n\n${parts.join("\n\n")}\n\n${summaryOfLosses}`;
}


/** Our times as shares of Adyen's tree-shaken Drop-in in the same run. @param {any} result */
function shares({ conditions, names, runs }) {
  const rival = "adyen";
  const own = names.filter((/** @type {string} */ name) => name.startsWith("opencashier"));
  if (!names.includes(rival) || own.length === 0) return "";
  const median = (/** @type {string} */ condition, /** @type {string} */ name, /** @type {string} */ key) =>
    summary(runs.filter((/** @type {any} */ each) => each.condition === condition && each.name === name).map((/** @type {any} */ each) => each[key])).median;
  const rows = [["usable_ms", "usable selector"], ["at_once_ms", "pressed as soon as possible, to the code"]].flatMap(([key, title]) =>
    conditions.map((/** @type {string} */ condition) => [
      `${title}, ${CONDITIONS[condition].title}`,
      ...own.map((/** @type {string} */ name) => spell(median(condition, name, key) / median(condition, rival, key), 2)),
    ]));
  return `#### As a share of ${PEERS[rival].title}\n\n${table(["median by median", ...own.map((/** @type {string} */ name) => PEERS[name].title)], rows)}`;
}
