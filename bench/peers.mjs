// @ts-check
// Side by side: OpenCashier, two builds of Adyen's Drop-in and a selector by hand, in one browser, on one
// page, in one run, in alternating order.
import assert from "node:assert/strict";

import { readArguments } from "./lib/arguments.mjs";
import { CONDITIONS, launch, memory, metrics, visit } from "./lib/browser.mjs";
import { spell, summary } from "./lib/numbers.mjs";
import { PNG, jsQR, versionOf } from "./lib/packages.mjs";
import { probe } from "./lib/probe.mjs";
import { Circumstances, keep, table } from "./lib/report.mjs";
import { PEERS } from "./peers/peers.mjs";
import { Stage } from "./peers/server.mjs";

/** What every API's answer takes, as a server and a gateway behind it do. */
const API_DELAY_MS = 50;
/** The least that scanning takes. */
const SCAN_MS = 2_500;
/** By how much all answers are put off to count those that wait for one another. */
const CHAIN_DELAY_MS = 1_000;
/** How long the network must be quiet before the shopper goes on. */
const QUIET_MS = 300;

/**
 * One visit from an empty profile to "paid".
 * @param {{ browser: any, stage: Stage, name: string, condition: any, payAfterMs: number, isChecked?: boolean }} parts
 */
export async function run({ browser, stage, name, condition, payAfterMs, isChecked = false }) {
  const peer = PEERS[name];
  const { context, page, cdp } = await visit(browser, condition);
  const network = new Network(cdp);
  try {
    /** @type {Record<string, { at: number, metrics: Promise<Record<string, number>> }>} */
    const told = {};
    cdp.on("Runtime.bindingCalled", (/** @type {any} */ { payload }) => {
      told[payload] = { at: Date.now(), metrics: metrics(cdp) };
    });
    await cdp.send("Runtime.enable");
    await cdp.send("Runtime.addBinding", { name: "benchMark" });
    await page.addInitScript(probe, name);
    const problems = /** @type {string[]} */ ([]);
    page.on("console", (/** @type {any} */ message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (/** @type {any} */ error) => problems.push(String(error)));
    const { id, url, code } = stage.begin(name);
    const reached = (/** @type {string} */ mark) => until(() => told[mark], `${peer.title} does not come to "${mark}": ${problems.join("; ")}`);

    await page.goto(url, { waitUntil: "commit" });
    const usable = await reached("usable");
    const atUsable = network.until("usable", usable.at);
    const metricsAtUsable = await usable.metrics;

    await network.quiet(QUIET_MS);
    // Adyen's radio button lies under its row's header: the row is what a shopper presses.
    await peer.pick(page).first().click({ force: true });
    await network.quiet(QUIET_MS);
    const before = network.count;
    const metricsBefore = await metrics(cdp);
    await peer.pay(page).click();
    const painted = await reached("code");
    const codeRequests = network.began(before, painted.at);
    const metricsAtCode = await painted.metrics;
    if (isChecked) assert.equal(decode(await page.screenshot()), code, `${peer.title} shows another code`);
    const held = await memory(page, cdp);

    await new Promise((resolve) => setTimeout(resolve, payAfterMs));
    const beforePaid = network.count;
    const paidAt = stage.pay(id);
    const paid = await reached("paid");
    const paidRequests = network.began(beforePaid, paid.at);
    const page_ = await page.evaluate(() => {
      const { marks, longTasks, paints } = /** @type {any} */ (globalThis).bench;
      return { marks, longTasks, paints, origin: performance.timeOrigin };
    });
    const { marks, longTasks, paints, origin } = page_;
    const long = longTasks.filter((/** @type {any} */ { start }) => start < marks.usable);
    return {
      bytes: atUsable.bytes,
      requests: atUsable.requests,
      first_paint_ms: paints["first-contentful-paint"] ?? paints["first-paint"],
      something_ms: marks.something,
      usable_ms: marks.usable,
      script_ms: metricsAtUsable.ScriptDuration * 1000,
      task_ms: metricsAtUsable.TaskDuration * 1000,
      long_tasks: long.length,
      longest_task_ms: Math.max(0, ...long.map((/** @type {any} */ { ms }) => ms)),
      code_total_ms: marks.code - marks.click,
      code_requests: codeRequests,
      // Every request on this way is waited for by the next, and each waits for the server once.
      code_ms: marks.code - marks.click - codeRequests.filter((url) => !/\/events/.test(url)).length * stage.apiDelayMs,
      code_script_ms: (metricsAtCode.ScriptDuration - metricsBefore.ScriptDuration) * 1000,
      paid_ms: origin + marks.paid - paidAt,
      paid_requests: paidRequests.length,
      heap: held.heap,
      wasm: held.wasm,
      memory: held.heap + held.wasm,
      problems,
    };
  } finally {
    await context.close();
  }
}

/** The requests of a page, as the DevTools protocol tells of them. */
class Network {
  /** @type {Map<string, { url: string, began: number, bytes: number, ended: number }>} */
  #all = new Map();
  #changed = Date.now();

  /** @param {any} cdp */
  constructor(cdp) {
    cdp.on("Network.requestWillBeSent", (/** @type {any} */ { requestId, request }) => {
      if (!/^https?:/.test(request.url)) return;
      this.#all.set(requestId, { url: request.url, began: Date.now(), bytes: 0, ended: 0 });
      this.#changed = Date.now();
    });
    cdp.on("Network.dataReceived", (/** @type {any} */ { requestId, encodedDataLength }) => {
      const known = this.#all.get(requestId);
      if (known) known.bytes += encodedDataLength;
      this.#changed = Date.now();
    });
    const end = (/** @type {any} */ { requestId, encodedDataLength }) => {
      const known = this.#all.get(requestId);
      if (!known) return;
      known.ended = Date.now();
      if (encodedDataLength) known.bytes = encodedDataLength;
      this.#changed = Date.now();
    };
    cdp.on("Network.loadingFinished", end);
    cdp.on("Network.loadingFailed", end);
  }

  get count() {
    return this.#all.size;
  }

  /** Requests that began after the first `from`, and by `at`. @param {number} from @param {number} at */
  began(from, at) {
    return [...this.#all.values()].slice(from).filter(({ began }) => began <= at).map(({ url }) => new URL(url).pathname);
  }

  /** @param {string} _ @param {number} at */
  until(_, at) {
    const all = [...this.#all.values()].filter(({ began }) => began <= at);
    // The page itself is the same for all.
    const own = all.filter(({ url }) => !url.includes("/page/"));
    return { requests: own.length, bytes: own.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  /** Waits until nothing is under way but streams. @param {number} ms */
  quiet(ms) {
    const isBusy = () => Date.now() - this.#changed < ms || [...this.#all.values()].some(({ url, ended }) => !ended && !/\/events/.test(url));
    return until(() => !isBusy() || null, "the page never stops asking");
  }
}

/** @template T @param {() => T | undefined | null} look @param {string} why @returns {Promise<T>} */
async function until(look, why) {
  const begun = Date.now();
  for (;;) {
    const found = look();
    if (found) return found;
    if (Date.now() - begun > 90_000) throw new Error(why);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** @param {Buffer} picture */
function decode(picture) {
  const { data, width, height } = PNG.sync.read(picture);
  return jsQR(new Uint8ClampedArray(data), width, height)?.data;
}

/** Who comes first changes from round to round. @template T @param {T[]} all @param {number} round */
const turned = (all, round) => all.map((_, at) => all[(at + round) % all.length]);

/**
 * How many answers are waited for one after the other, the page's own included: by how much later it comes when each
 * answer comes later.
 * @param {any} browser @param {Stage} stage @param {string[]} names @param {number} rounds
 */
async function chains(browser, stage, names, rounds) {
  stage.apiDelayMs = 0;
  /** @type {Record<string, Record<string, number[]>>} */
  const found = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const name of turned(names, round)) {
      for (const delay of [0, CHAIN_DELAY_MS]) {
        stage.allDelayMs = delay;
        const { usable_ms, code_total_ms } = await run({ browser, stage, name, condition: CONDITIONS.none, payAfterMs: 0 });
        const mine = (found[name] ??= { usable0: [], usable1: [], code0: [], code1: [] });
        mine[delay ? "usable1" : "usable0"].push(usable_ms);
        mine[delay ? "code1" : "code0"].push(code_total_ms);
      }
    }
  }
  stage.allDelayMs = 0;
  const steps = (/** @type {number[]} */ slow, /** @type {number[]} */ fast) =>
    // The quickest of each: what else the machine does only ever adds.
    Math.round((Math.min(...slow) - Math.min(...fast)) / CHAIN_DELAY_MS);
  return Object.fromEntries(names.map((name) => {
    const { usable0, usable1, code0, code1 } = found[name];
    return [name, { usable: steps(usable1, usable0), code: steps(code1, code0) }];
  }));
}

/** Rows of the report: what is better is always less. */
const ROWS = /** @type {[string, string, number?][]} */ ([
  ["bytes", "bytes until the selector is usable"],
  ["requests", "requests until then, without the page"],
  ["chain", "answers in a row until then, with the page"],
  ["first_paint_ms", "first paint of the page, ms"],
  ["something_ms", "first paint of the widget, ms"],
  ["usable_ms", "usable selector, ms"],
  ["script_ms", "script time until then, ms", 1],
  ["task_ms", "main thread busy until then, ms"],
  ["long_tasks", "long tasks until then"],
  ["longest_task_ms", "the longest of them, ms"],
  ["code_chain", "answers in a row from click to code"],
  ["code_ms", "click to painted code, without the server's delay, ms"],
  ["code_script_ms", "script time of that, ms", 1],
  ["paid_ms", "status changed to \"paid\" on screen, ms"],
  ["paid_requests", "requests for that"],
  ["memory", "JS heap and Wasm memory with the code shown, bytes"],
]);

/** Why a row can be lost, and what would change it; printed where it is. */
const REASONS = /** @type {Record<string, string>} */ ({
  bytes: "the Wasm weighs what it weighs: see docs/size.md for what it is made of and what is left to take out.",
  requests: "loader, Wasm and texts are files of their own, so that each is cached alone.",
  chain: "page, then everything that its head names, side by side: there is nothing left to save but the page itself.",
  first_paint_ms: "the page paints before anything of the widget is there; a difference is noise or a style sheet in the page's head.",
  something_ms: "see the answers in a row.",
  usable_ms: "it follows from bytes and from the answers in a row.",
  script_ms: "browsers compile a function of Wasm when it is first called, on the main thread, and each element is made by calls between Wasm and JavaScript; what the first render does not need is out of it already. Wasm's compilation hints, which Chromium has behind a flag, would take the compiling off the main thread; reading options and session as one text each, not by member, would take some more.",
  task_ms: "see the script time.",
  long_tasks: "the page's and the browser's own are counted as well; which are ours, `bench start` tells by the trace.",
  longest_task_ms: "see the script time.",
  code_chain: "nothing is asked between answer and code.",
  code_ms: "see the answers in a row from click to code.",
  code_script_ms: "the code is encoded and drawn here, by Wasm; Adyen's server draws it and the browser only shows the picture, one answer later. Encoder, request and screen are compiled before, while the shopper chooses. A code that the backend draws would change it, at the price of another answer to wait for.",
  paid_ms: "the answer is pushed; only a network slower than two seconds a request makes polling come level.",
  paid_requests: "the answer is pushed.",
  memory: "a Wasm module has a memory of its own, beside the JS heap.",
});

/** @param {Record<string, any>} result */
function markdown({ conditions, names, runs, chain, rounds }) {
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
        // To the digits that are shown: what looks equal is equal.
        if (Number(ours.toFixed(digits)) > Number(theirs.toFixed(digits))) {
          const where = `${CONDITIONS[condition].title}, ${PEERS[rival].title}: ${spell(theirs, digits)} to our ${spell(ours, digits)}`;
          losses.set(key, [...(losses.get(key) ?? []), where]);
        }
      }
      return [title, ...cells];
    });
    parts.push(`#### ${CONDITIONS[condition].title}\n\n${table(["median (quartiles)", ...names.map((/** @type {string} */ name) => PEERS[name].title)], rows)}`);
  }
  const titles = Object.fromEntries(ROWS.map(([key, title]) => [key, title]));
  const verdict = !names.includes("opencashier") ? "" : losses.size
    ? `#### Where a peer wins\n\n${[...losses].map(([key, where]) => `- **${titles[key]}**. ${where.join("; ")}. Why: ${REASONS[key]}`).join("\n")}`
    : "#### Where a peer wins\n\nNowhere in this run: OpenCashier is ahead of Adyen or equal in every row.";
  return `${rounds} rounds, each peer once per round and condition, the order turned from round to round.\n\n${parts.join("\n\n")}\n\n${verdict}`;
}

/** @param {string[]} [words] of the command line */
export async function main(words) {
  const options = readArguments({ rounds: 15, limit: 60, chainRounds: 3, conditions: ["none", "slow-4g", "3g"], peers: Object.keys(PEERS), write: "" }, words);
  for (const name of options.peers) assert.ok(PEERS[name], `there is no peer ${name}`);
  for (const name of options.conditions) assert.ok(CONDITIONS[name], `there is no condition ${name}`);
  const circumstances = new Circumstances();
  const [stage, browser] = await Promise.all([Stage.open(), launch()]);
  try {
    const runs = [];
    stage.apiDelayMs = API_DELAY_MS;
    // Not counted: the browser itself is slow at first.
    for (const name of options.peers) await run({ browser, stage, name, condition: CONDITIONS.none, payAfterMs: 0 });
    const enough = Date.now() + options.limit * 60_000;
    let rounds = 0;
    // A round that is begun is ended, so that all have as many.
    for (let round = 0; round < options.rounds && (round === 0 || Date.now() < enough); round += 1, rounds += 1) {
      for (const condition of options.conditions) {
        // Nobody scans and pays sooner. Then at another moment of Adyen's two seconds in each round, the same for all peers.
        const payAfterMs = SCAN_MS + Math.round(((round * 0.618) % 1) * 2_000);
        for (const name of turned(options.peers, round)) {
          const measured = await run({ browser, stage, name, condition: CONDITIONS[condition], payAfterMs, isChecked: round === 0 });
          runs.push({ round, condition, name, ...measured });
          console.log(`${round + 1}/${options.rounds} ${condition} ${name}: usable ${spell(measured.usable_ms)} ms, code ${spell(measured.code_ms)} ms, paid ${spell(measured.paid_ms)} ms`);
        }
      }
    }
    const chain = await chains(browser, stage, options.peers, options.chainRounds);
    const all = circumstances.describe({ chromium: browser.version(), adyen: versionOf("@adyen/adyen-web") });
    const result = { circumstances: all, rounds, conditions: options.conditions, names: options.peers, api_delay_ms: API_DELAY_MS, chain, runs };
    keep("peers", result, markdown(result), options.write);
    return result;
  } finally {
    await Promise.all([browser.close(), stage.close()]);
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) await main();
