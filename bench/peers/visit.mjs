// @ts-check
// One visit of a peer's page in a fresh profile, with its measurements.
import assert from "node:assert/strict";

import { memory, metrics, visit as openPage } from "../lib/browser.mjs";
import { Network, until } from "../lib/network.mjs";
import { PNG, jsQR } from "../lib/packages.mjs";
import { probe } from "../lib/probe.mjs";
import { PEERS } from "./peers.mjs";

/** Time without requests before the shopper's next step. */
const QUIET_MS = 300;

/** @typedef {{ browser: any, stage: import("./server.mjs").Stage, name: string, condition: any }} Visit */

/**
 * A slow shopper, from an empty profile to "paid".
 * @param {Visit & { payAfterMs: number, isChecked?: boolean }} parts `isChecked`: the code is read
 *   off a picture of the page
 */
export async function visit({ browser, stage, name, condition, payAfterMs, isChecked = false }) {
  const peer = PEERS[name];
  const { context, page, cdp } = await openPage(browser, condition);
  const network = new Network(cdp);
  try {
    /** @type {Record<string, { at: number, metrics: Promise<Record<string, number>> }>} */
    const marks = {};
    cdp.on("Runtime.bindingCalled", (/** @type {any} */ { payload }) => {
      marks[payload] = { at: Date.now(), metrics: metrics(cdp) };
    });
    await cdp.send("Runtime.enable");
    await cdp.send("Runtime.addBinding", { name: "benchMark" });
    await page.addInitScript(probe, name);
    const problems = problemsOf(page);
    const { id, url, code } = stage.begin(name);
    const reached = (/** @type {string} */ mark) => until(() => marks[mark], `${peer.title} does not come to "${mark}": ${problems.join("; ")}`);

    await page.goto(url, { waitUntil: "commit" });
    const usable = await reached("usable");
    const atUsable = network.until(usable.at);
    const metricsAtUsable = await usable.metrics;

    await network.quiet(QUIET_MS);
    const loaded = network.until(Date.now());
    // Adyen's radio button is covered by its row's header, so the row is pressed.
    await peer.pick(page).first().click({ force: true });
    await network.quiet(QUIET_MS);
    const before = network.count;
    const metricsBefore = await metrics(cdp);
    await peer.pay(page).click();
    const painted = await reached("code");
    const codeRequests = network.paths(before, painted.at);
    const metricsAtCode = await painted.metrics;
    if (isChecked) assert.equal(decode(await page.screenshot()), code, `${peer.title} shows another code`);
    const held = await memory(page, cdp);

    await new Promise((resolve) => setTimeout(resolve, payAfterMs));
    const beforePaid = network.count;
    const paidAt = stage.pay(id);
    const paid = await reached("paid");
    const paidRequests = network.paths(beforePaid, paid.at);
    const whole = network.until(paid.at);
    const { times, longTasks, paints, origin } = await page.evaluate(() => {
      const { marks, longTasks, paints } = /** @type {any} */ (globalThis).bench;
      return { times: marks, longTasks, paints, origin: performance.timeOrigin };
    });
    const long = longTasks.filter((/** @type {any} */ { start }) => start < times.usable);
    return {
      bytes: atUsable.bytes,
      bytes_all: loaded.bytes,
      requests: atUsable.requests,
      first_paint_ms: paints["first-contentful-paint"] ?? paints["first-paint"],
      something_ms: times.something,
      usable_ms: times.usable,
      script_ms: metricsAtUsable.ScriptDuration * 1000,
      task_ms: metricsAtUsable.TaskDuration * 1000,
      long_tasks: long.length,
      longest_task_ms: Math.max(0, ...long.map((/** @type {any} */ { ms }) => ms)),
      code_total_ms: times.code - times.click,
      code_requests: codeRequests,
      // Sequential requests, each with one server delay.
      code_ms: times.code - times.click - codeRequests.filter((path) => !/\/events/.test(path)).length * stage.apiDelayMs,
      code_script_ms: (metricsAtCode.ScriptDuration - metricsBefore.ScriptDuration) * 1000,
      paid_ms: origin + times.paid - paidAt,
      paid_requests: paidRequests.length,
      bytes_visit: whole.bytes,
      requests_visit: whole.requests,
      heap: held.heap,
      wasm: held.wasm,
      memory: held.heap + held.wasm,
      problems,
    };
  } finally {
    await context.close();
  }
}

/**
 * A shopper who picks and presses as soon as it is possible: from navigation to the painted code.
 * The presses are made in the page, so that the bench adds no delay.
 * @param {Visit} parts
 */
export async function pressAtOnce({ browser, stage, name, condition }) {
  const { context, page } = await openPage(browser, condition);
  try {
    await page.addInitScript(probe, { peer: name, isPressing: true });
    const problems = problemsOf(page);
    await page.goto(stage.begin(name).url, { waitUntil: "commit" });
    const code = page.waitForFunction(() => /** @type {any} */ (globalThis).bench.marks.code, null, { polling: 50, timeout: 90_000 });
    const handle = await code.catch((/** @type {Error} */ error) => {
      throw new Error(`${PEERS[name].title} shows no code: ${error.message} ${problems.join("; ")}`);
    });
    return /** @type {number} */ (await handle.jsonValue());
  } finally {
    await context.close();
  }
}

/** @param {any} page */
function problemsOf(page) {
  const problems = /** @type {string[]} */ ([]);
  page.on("console", (/** @type {any} */ message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (/** @type {any} */ error) => problems.push(String(error)));
  return problems;
}

/** @param {Buffer} picture */
function decode(picture) {
  const { data, width, height } = PNG.sync.read(picture);
  return jsQR(new Uint8ClampedArray(data), width, height)?.data;
}
