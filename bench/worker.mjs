// @ts-check
// Load test of the merchant backend's worker: thousands of shoppers wait with a payment each, at gateways
// that answer late or not at all. Bounded in count and in time; stops by itself.
import assert from "node:assert/strict";

import { readArguments } from "./lib/arguments.mjs";
import { spell, summary } from "./lib/numbers.mjs";
import { versionOf } from "./lib/packages.mjs";
import { Circumstances, keep, table } from "./lib/report.mjs";
import { Waiters } from "./lib/waiters.mjs";
import { Window } from "./lib/window.mjs";

/** The limit for the whole bench. */
const LIMIT_MS = 20 * 60_000;
/** What the backend promises (docs/guarantees.md, 3), with the half second in which it looks again. */
const PROMISED = { refund_s: 5, expiry_s: 10, interval_s: 8, queries_per_s: 50, permits: 200 };
/** Added to the bound for the run of the worker and of the proxy. */
const SLACK_S = 1;
/** How long events may take once their receiver answers again: a retry after half a minute is among them. */
const EVENTS_LIMIT_MS = 90_000;

/** The longest that a payment may go without a query, in seconds. @param {number} shoppers @param {number} latencyMs */
function bound(shoppers, latencyMs) {
  const { interval_s, queries_per_s, permits } = PROMISED;
  // In the worst case all payments of a gateway become due at the same moment.
  const all_s = ((shoppers / 2) * (latencyMs / 1000 + 0.5)) / permits;
  return Math.max(interval_s, shoppers / queries_per_s) + all_s + latencyMs / 1000 + SLACK_S;
}

/** @param {any} options */
async function measure(options) {
  const circumstances = new Circumstances();
  /** @type {number[]} */
  const latencies = options.latencies.map(Number);
  assert.ok(latencies.every((/** @type {number} */ each) => each >= 0 && each <= 8_000), "latencies are milliseconds, up to 8000");
  // Long enough to see the bound exceeded, and for sessions of a minute to expire.
  /** @type {number[]} */
  const lengths_s = latencies.map((latencyMs) => options.seconds || Math.max(90, Math.ceil(bound(options.shoppers, latencyMs)) + 19));
  const sum_s = lengths_s.reduce((sum, each) => sum + each, 0);
  const refunds = Math.ceil((sum_s / 2 + options.hang) * (1 / Window.REFUND_INTERVAL_S)) + 2;
  const waiters = await Waiters.start({ ...options, refunds });
  const deadline = setTimeout(() => {
    console.error("the bench takes too long and is ended");
    waiters.stop().finally(() => process.exit(1));
  }, LIMIT_MS);
  try {
    await waiters.open();
    console.log(`${spell(options.shoppers)} shoppers wait, after ${spell(waiters.setup.took_s)} s; ${[...lengths_s, options.hang].join(" s, ")} s follow`);
    const windows = [];
    for (const [at, latencyMs] of latencies.entries()) {
      windows.push(await new Window(waiters, { latencyMs, seconds: lengths_s[at] ?? 0 }).run());
      console.log(`${spell(latencyMs)} ms: done`);
      waiters.releaseEvents();
    }
    if (options.hang) windows.push(await new Window(waiters, { latencyMs: latencies[0], seconds: options.hang, hasHanging: true }).run());
    const events = await waiters.events(EVENTS_LIMIT_MS);
    const bounds = windows.map(({ latency_ms }) => bound(options.shoppers, latency_ms));
    const all = circumstances.describe({ autocannon: versionOf("autocannon") });
    return { circumstances: all, shoppers: options.shoppers, setup: waiters.setup, windows, bounds, events };
  } finally {
    clearTimeout(deadline);
    await waiters.stop();
  }
}

const MIB = 2 ** 20;
const inSeconds = (/** @type {number} */ ms) => spell(ms / 1000, 1);
const spread = (/** @type {any} */ { count, median, p99, max }) => `${inSeconds(median)}, ${inSeconds(p99)}, ${inSeconds(max)} (${spell(count)})`;

/** @param {Awaited<ReturnType<typeof measure>>} result */
function markdown({ shoppers, setup, windows, bounds, events }) {
  const row = (/** @type {string} */ title, /** @type {(each: any, at: number) => string} */ cell) => [title, ...windows.map(cell)];
  const head = windows.map(({ latency_ms, has_hanging }) => (has_hanging ? `WeChat Pay hangs, Alipay ${spell(latency_ms)} ms` : `${spell(latency_ms)} ms`));
  const parts = [
    `${spell(shoppers)} shoppers wait on server-sent events, each with a payment that is not paid, half of them at each gateway. ` +
      `Set up in ${spell(setup.took_s)} s. Sessions of a minute are opened meanwhile and expire, as many as would of half-hour ones, and a refund is asked for every ${spell(Window.REFUND_INTERVAL_S)} s. ` +
      "Where a gateway hangs, the figures are the other's.",
    table(["gateways answer in", ...head], [
      row("seconds measured", (each) => spell(each.seconds)),
      row("longest time without a query, s: median of the payments, p99, most", (each) => spread(summary(each.gaps_ms))),
      row("promised: at most, s", (_, at) => spell(bounds[at], 1)),
      row("queries per second", (each) => spell(each.queries_per_s, 1)),
      row("calls to one gateway at once, most", (each) => spell(each.most_at_once)),
      row("refund asked for to the gateway's call, s: median, p99, most (promised: 5)", (each) => spread(summary(each.refunds_ms))),
      row("expiry to the gateway's close, s: median, p99, most (promised: 10)", (each) => spread(summary(each.closes_ms))),
      row("expiry to the shopper's last event, s: median, p99, most", (each) => spread(summary(each.expiries_ms))),
      row("calls to the merchant that failed", (each) => spell(each.failures.length)),
      row("memory of the merchant at the start, in the middle, at the end, MiB", ({ rss }) => [rss[0], rss[Math.floor(rss.length / 2)], rss[rss.length - 1]].map((bytes) => spell(bytes / MIB, 1)).join(", ")),
      row("CPU of the merchant, % of one core", (each) => spell(each.cpu_percent)),
    ]),
    `${spell(events.count)} sessions expired while the receiver of events hung: after ${spell(events.hung_s)} s and ${spell(events.unanswered)} tries without an answer it took ` +
      `${spell(events.taken)} of their events within ${spell(events.took_s, 1)} s; lost: ${spell(events.count - events.taken)}. Streams lost: ${spell(events.streams_lost)}.`,
  ];
  return parts.join("\n\n");
}

/** @param {string[]} [words] of the command line */
export async function main(words) {
  const options = readArguments({
    shoppers: 10_000, latencies: ["50", "300", "3000"], seconds: 0, hang: 90, events: 2_000, connections: 32, write: "",
  }, words);
  const result = await measure(options);
  keep("worker", result, markdown(result), options.write);
  return result;
}

if (process.argv[1] === new URL(import.meta.url).pathname) await main();
