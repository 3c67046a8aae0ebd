// @ts-check
// Times from the script tag to the selector, from the answer to the code and from the notification to
// "paid": the widget alone, at 4× CPU slow-down, and against the real backend.
import assert from "node:assert/strict";

import { Servers } from "../tests/e2e/stage/servers.mjs";
import { readArguments } from "./lib/arguments.mjs";
import { CONDITIONS, launch, visit } from "./lib/browser.mjs";
import { Notifications } from "./lib/notifications.mjs";
import { spell, summary } from "./lib/numbers.mjs";
import { probe } from "./lib/probe.mjs";
import { Circumstances, keep, table } from "./lib/report.mjs";
import { Trace } from "./lib/trace.mjs";
import { Waiting } from "./lib/waiting.mjs";
import { head } from "./peers/bundles.mjs";
import { Stage } from "./peers/server.mjs";

const FRAME_MS = 1000 / 60;
/** Delay between the usable selector and the pick: less than any shopper needs. */
const CHOOSING_MS = 1_000;
/** Duration of a press, and delay until the next. */
const PRESS_MS = 80;
/** A fixed piece of work, some 40 ms at 4× slow-down, which shows the machine's own variation. */
const FIXED_WORK = { rounds: 1_200_000, times: 12, warmUp: 4 };
/** Bytes in the first flight of a connection: ten segments. */
const FIRST_FLIGHT = 14_336;
const isOurs = (/** @type {string} */ url) => /\/opencashier\/|^wasm:/.test(url);

/** The page's requests until the selector is usable, with their initiators. @param {any} browser @param {Stage} stage */
async function requests(browser, stage) {
  const { context, page, cdp } = await visit(browser);
  try {
    /** @type {{ path: string, by: string, kind: string }[]} */
    const all = [];
    cdp.on("Network.requestWillBeSent", (/** @type {any} */ { request, initiator, type }) => {
      if (!request.url.startsWith("http")) return;
      const by = initiator.url ?? stackOf(initiator.stack)?.url ?? "";
      all.push({ path: new URL(request.url).pathname, by: by ? new URL(by).pathname : initiator.type, kind: type });
    });
    await page.addInitScript(probe, "opencashier");
    await page.goto(stage.begin("opencashier").url);
    await page.waitForFunction(() => /** @type {any} */ (globalThis).bench.marks.usable);
    return all.filter(({ path }) => !path.startsWith("/page/"));
  } finally {
    await context.close();
  }
}

/** @param {any} stack @returns {any} */
const stackOf = (stack) => (stack ? stack.callFrames.find((/** @type {any} */ { url }) => url) ?? stackOf(stack.parent) : null);

/** Clicks by input events; Playwright's own click would run its script in the measured task. @param {any} page @param {any} target */
async function press(page, target) {
  const { x, y, width, height } = await target.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.waitForTimeout(PRESS_MS);
  await page.mouse.up();
  await page.waitForTimeout(PRESS_MS);
}

/** In the page: the same work in task after task. @param {{ rounds: number, times: number }} how */
async function fixedWork({ rounds, times }) {
  const work = () => {
    performance.mark("bench-fixed");
    let sum = 0;
    for (let count = 0; count < rounds; count += 1) sum = (sum * 31 + count) | 0;
    return sum;
  };
  for (let time = 0; time < times; time += 1) await new Promise((resolve) => setTimeout(() => resolve(work()), 20));
}

/** One visit under a trace, at 4× slow-down, to the code and to "paid". @param {any} browser @param {Stage} stage */
async function traced(browser, stage) {
  const { context, page } = await visit(browser, CONDITIONS["cpu-4x"]);
  try {
    await page.addInitScript(probe, "opencashier");
    await page.addInitScript(() => {
      const { marks } = /** @type {any} */ (globalThis).bench;
      // Into the trace, on its own clock.
      /** @type {any} */ (globalThis).benchMark = (/** @type {string} */ name) => performance.mark(`bench-${name}`, { startTime: marks[name] });
    });
    const { id, url } = stage.begin("opencashier");
    await Trace.start(browser, page);
    await page.goto(url);
    const reached = (/** @type {string} */ name) => page.waitForFunction((/** @type {string} */ name) => /** @type {any} */ (globalThis).bench.marks[name], name);
    await reached("usable");
    await page.waitForTimeout(CHOOSING_MS);
    await press(page, page.getByRole("radio", { name: "WeChat Pay" }));
    await press(page, page.locator("open-cashier button[type=submit]"));
    await reached("code");
    stage.pay(id);
    await reached("paid");
    const times = await page.evaluate(() => {
      const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType("resource"));
      const start = entries.find(({ name }) => name.endsWith("/payments"));
      const { code } = /** @type {any} */ (globalThis).bench.marks;
      const between = entries.filter(({ startTime, name }) => start && startTime > start.responseEnd && startTime < code && !name.endsWith("/events"));
      return { answered: start?.responseEnd ?? NaN, code, between: between.length };
    });
    await page.evaluate(fixedWork, FIXED_WORK);
    const trace = await Trace.stop(browser, "/opencashier/");
    const answered = trace.finished(/\/payments$/);
    return {
      long: trace.long(50, isOurs).filter(({ at }) => at < trace.mark("bench-fixed")),
      longest_ms: Math.max(...trace.long(0, isOurs).filter(({ isOurs }) => isOurs).map(({ ms }) => ms)),
      code_ms: times.code - times.answered,
      code_busy_ms: trace.busy(answered, trace.mark("bench-code")),
      code_own_ms: trace.own(answered, trace.mark("bench-code"), isOurs),
      code_parts: trace.longest(answered, trace.mark("bench-code"), 6),
      requests_between: times.between,
      fixed: trace.holding("bench-fixed").slice(FIXED_WORK.warmUp),
    };
  } finally {
    await context.close();
  }
}

/** Times from notification and from approval to "paid" on screen, at the real backend. @param {any} browser @param {number} rounds */
async function paid(browser, rounds) {
  const notifications = await Notifications.open();
  const servers = await Servers.start({ settings: { server: { notify_url_base: notifications.url } }, log: "warn" });
  notifications.merchantUrls = servers.merchantUrls;
  const { context, page } = await visit(browser);
  try {
    await page.addInitScript(probe, "opencashier");
    const address = `${servers.shopUrl}/bench`;
    let body = "";
    await page.route(`${address}*`, (/** @type {any} */ route) => route.fulfill({ contentType: "text/html; charset=utf-8", body }));
    const all = [];
    for (let round = 0; round < rounds; round += 1) {
      const wallet = round % 2 ? "alipay" : "wechat_pay";
      const session = await servers.openSession({ payment_methods: [wallet] });
      body = `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Bench</title>
        <script type="module" src="/opencashier/opencashier.js"></script>
        <open-cashier client-secret="${session.client_secret}" api-base="${servers.merchantUrl}"></open-cashier>`;
      const streaming = page.waitForResponse((/** @type {any} */ response) => response.url().endsWith("/events"));
      await page.goto(`${address}?${round}`);
      await page.locator("open-cashier button[type=submit]").click();
      await page.locator('open-cashier [data-state="awaiting"] svg[role=img]').waitFor();
      await streaming;
      const { payment } = await servers.readSession(session.id);
      // A shopper needs a moment to scan; meanwhile the widget becomes idle.
      await page.waitForTimeout(200);
      const notified = new Promise((resolve) => (notifications.heard = resolve));
      const approvedAt = performance.timeOrigin + performance.now();
      await servers.phone("approve", payment.next_action.data, wallet);
      const notifiedAt = /** @type {number} */ (await notified);
      await page.waitForFunction(() => /** @type {any} */ (globalThis).bench.marks.paid);
      const shownAt = await page.evaluate(() => performance.timeOrigin + /** @type {any} */ (globalThis).bench.marks.paid);
      all.push({ wallet, from_notification_ms: shownAt - notifiedAt, from_approval_ms: shownAt - approvedAt });
    }
    return all;
  } finally {
    await context.close();
    await Promise.all([servers.stop(), notifications.close()]);
  }
}

/** The requests of half an hour before an unpaid code. @param {any} browser @param {Stage} stage @param {{ isStreamless: boolean, isHidden: boolean, minutes: number }} how */
async function waited(browser, stage, { isStreamless, isHidden, minutes }) {
  const waiting = await Waiting.before(browser, stage, { isStreamless });
  try {
    if (isHidden) await waiting.hide(true);
    const before = waiting.requests;
    await waiting.pass(minutes * 60_000);
    const calls = stage.merchant.calls.slice(before).map(({ call }) => call);
    let shown = 0;
    if (isHidden) {
      await waiting.hide(false);
      shown = waiting.requests - before - calls.length;
    }
    return { isStreamless, isHidden, minutes, total: calls.length, calls: counted(calls), on_return: shown };
  } finally {
    await waiting.end();
  }
}

/** @param {string[]} calls */
function counted(calls) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const call of calls) counts[call] = (counts[call] ?? 0) + 1;
  return counts;
}

/** @param {any} result */
function markdown({ sizes, asked, traces, paid, half }) {
  const code = summary(traces.map((/** @type {any} */ { code_ms }) => code_ms));
  const busy = summary(traces.map((/** @type {any} */ { code_busy_ms }) => code_busy_ms));
  const own = summary(traces.map((/** @type {any} */ { code_own_ms }) => code_own_ms));
  const long = traces.map((/** @type {any} */ { long }) => long.filter((/** @type {any} */ each) => each.isOurs));
  const others = traces.map((/** @type {any} */ { long }) => long.filter((/** @type {any} */ each) => !each.isOurs));
  const worst = long.flat().sort((/** @type {any} */ a, /** @type {any} */ b) => b.ms - a.ms).slice(0, 3);
  const longest = summary(traces.map((/** @type {any} */ { longest_ms }) => longest_ms));
  const fixed = summary(traces.flatMap((/** @type {any} */ { fixed }) => fixed));
  const notified = summary(paid.map((/** @type {any} */ each) => each.from_notification_ms));
  const approved = summary(paid.map((/** @type {any} */ each) => each.from_approval_ms));
  const ratio = (/** @type {any[][]} */ all) => `${spell(summary(all.map((each) => each.length)).median)} (most: ${Math.max(...all.map((each) => each.length))})`;
  const rows = [
    ["loader with skeleton and styles, brotli 11, bytes", "14,336", `${spell(sizes.loader)}; ${sizes.head} bytes more in the page`],
    ["long tasks (over 50 ms) at 4× slow-down with our script in them, per visit to \"paid\"", "0", ratio(long)],
    ["long tasks without our script (the page's own, the browser's), per visit", "", ratio(others)],
    ["our longest task in a visit, ms: median, p95, most", "", [longest.median, longest.p95, longest.max].map((ms) => spell(ms)).join(", ")],
    ["a fixed piece of work, in the same visits, ms: median, p95, most", "", [fixed.median, fixed.p95, fixed.max].map((ms) => spell(ms)).join(", ")],
    ["answer of \"start\" to painted code at 4× slow-down, ms: median (p95)", "", `${spell(code.median, 1)} (${spell(code.p95, 1)})`],
    ["the same in frames of 60 Hz", "", `${spell(code.median / FRAME_MS, 1)} (${spell(code.p95 / FRAME_MS, 1)})`],
    ["our own work in between, with the layouts it makes, ms", "16.7", `${spell(own.median, 1)} (${spell(own.p95, 1)})`],
    ["main thread busy in between, with painting and the bench's own checks, ms", "", `${spell(busy.median, 1)} (${spell(busy.p95, 1)})`],
    ["requests in between, besides the event stream", "0", spell(Math.max(...traces.map((/** @type {any} */ each) => each.requests_between)))],
    ["notification at the backend to success on screen, ms: p50, p95, most", "p95 500", `${spell(notified.median)}, ${spell(notified.p95)}, ${spell(notified.max)}`],
    ["approval in the wallet to success on screen, ms: p50, p95, most", "", `${spell(approved.median)}, ${spell(approved.p95)}, ${spell(approved.max)}`],
    ...half.map((/** @type {any} */ each) => [
      `requests in ${each.minutes} minutes before an unpaid code${each.isStreamless ? ", event streams refused" : ""}${each.isHidden ? ", page hidden" : ""}`,
      each.isHidden ? "0" : each.isStreamless ? "" : "20",
      `${each.total}${each.total ? ` (${Object.entries(each.calls).map(([call, count]) => `${call} ${count}`).join(", ")})` : ""}${each.isHidden ? `, and ${each.on_return} when shown again` : ""}`,
    ]),
  ];
  const tail = worst.length === 0 ? "" : `\n\nOur longest tasks:\n\n${worst.map((/** @type {any} */ { ms, parts }) => `- ${spell(ms)} ms: ${parts.join("; ")}`).join("\n")}`;
  const typical = [...traces].sort((a, b) => a.code_busy_ms - b.code_busy_ms)[Math.floor(traces.length / 2)];
  const made = `\n\nThe longest between answer and code, one in another, of the visit in the middle: ${typical.code_parts.join("; ")}.`;
  const chain = `The requests of the default embed, with their initiators:\n\n${table(["request", "initiator"], asked.map((/** @type {any} */ { path, by }) => [`\`${path.replace(/cs_\w+/, "cs_…")}\``, `\`${by.replace(/^\/page.*/, "the page")}\``]))}`;
  return `${traces.length} visits under a trace, ${paid.length} payments at the real backend, alternately by WeChat Pay and Alipay.\n\n${table(["figure", "limit", "measured"], rows)}${made}${tail}\n\n${chain}`;
}

/** @param {string[]} [words] of the command line */
export async function main(words) {
  const options = readArguments({ rounds: 100, traces: 10, minutes: 30, write: "" }, words);
  const circumstances = new Circumstances();
  const [stage, browser] = await Promise.all([Stage.open(), launch()]);
  try {
    const loader = stage.file("/opencashier/opencashier.js");
    assert.ok(loader, "there is no opencashier.js in dist/");
    const sizes = { loader: loader.brotli.length, first_flight: FIRST_FLIGHT, head: Buffer.byteLength(head()) };
    await requests(browser, stage); // Warm-up.
    const asked = await requests(browser, stage);
    const traces = [];
    for (let count = 0; count < options.traces; count += 1) traces.push(await traced(browser, stage));
    const half = [];
    for (const [isStreamless, isHidden] of [[false, false], [true, false], [false, true], [true, true]]) {
      half.push(await waited(browser, stage, { isStreamless, isHidden, minutes: options.minutes }));
    }
    const seen = options.rounds ? await paid(browser, options.rounds) : [];
    const result = { circumstances: circumstances.describe({ chromium: browser.version() }), sizes, asked, traces, half, paid: seen };
    keep("start", result, markdown(result), options.write);
    return result;
  } finally {
    await Promise.all([browser.close(), stage.close()]);
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) await main();
