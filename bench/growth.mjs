// @ts-check
// Growth of memory: many widgets on a page, a thousand mounts, an hour of waiting.
import assert from "node:assert/strict";

import { readArguments } from "./lib/arguments.mjs";
import { launch, memory, visit } from "./lib/browser.mjs";
import { slope, spell } from "./lib/numbers.mjs";
import { probe } from "./lib/probe.mjs";
import { Circumstances, keep, table } from "./lib/report.mjs";
import { Waiting } from "./lib/waiting.mjs";
import { Stage } from "./peers/server.mjs";

/** A page with the widget's script and no widget. @param {any} browser @param {Stage} stage */
async function blank(browser, stage) {
  const { context, page, cdp } = await visit(browser);
  const wasm = /** @type {string[]} */ ([]);
  cdp.on("Network.requestWillBeSent", (/** @type {any} */ { request }) => request.url.includes(".wasm") && wasm.push(request.url));
  await page.addInitScript(probe, "opencashier");
  await page.goto(`${stage.url}/blank`);
  await page.waitForFunction(() => customElements.get("open-cashier"));
  return { context, page, cdp, wasm };
}

/** Opens sessions and returns what an element needs of them. @param {Stage} stage @param {number} count */
const secrets = (stage, count) => Array.from({ length: count }, () => stage.merchant.open({ base: stage.url }).client_secret);

/** Many widgets on one page. @param {any} browser @param {Stage} stage @param {number} count */
async function many(browser, stage, count) {
  const { context, page, cdp, wasm } = await blank(browser, stage);
  try {
    const before = await memory(page, cdp);
    const ms = await page.evaluate(async (/** @type {string[]} */ secrets) => {
      const startedAt = performance.now();
      await Promise.all(secrets.map((secret) => new Promise((resolve, reject) => {
        const element = document.createElement("open-cashier");
        element.setAttribute("client-secret", secret);
        element.setAttribute("api-base", "/api");
        element.addEventListener("cashier-ready", resolve, { once: true });
        element.addEventListener("cashier-load-error", (event) => reject(new Error(/** @type {any} */ (event).detail.message)), { once: true });
        document.querySelector("main")?.append(element);
      })));
      return performance.now() - startedAt;
    }, secrets(stage, count));
    const after = await memory(page, cdp);
    const sheets = await page.evaluate(() => {
      const all = [...document.querySelectorAll("open-cashier")].flatMap((element) => [...(element.shadowRoot?.adoptedStyleSheets ?? [])]);
      const own = document.querySelectorAll("open-cashier").length;
      return { withRules: new Set(all.filter(({ cssRules }) => cssRules.length)).size, all: new Set(all).size, own };
    });
    assert.equal(sheets.own, count);
    return { count, ms, before, after, wasmRequests: wasm.length, sheets };
  } finally {
    await context.close();
  }
}

/**
 * Mounts and unmounts repeatedly, and measures memory at intervals.
 * @param {any} browser @param {Stage} stage @param {{ times: number, every: number, isPaying: boolean }} how
 */
async function again(browser, stage, { times, every, isPaying }) {
  const { context, page, cdp } = await blank(browser, stage);
  try {
    const points = [];
    for (let done = 0; done <= times; done += every) {
      if (done > 0) {
        await page.evaluate(async (/** @type {{ secrets: string[], isPaying: boolean }} */ { secrets, isPaying }) => {
          for (const secret of secrets) {
            const element = /** @type {any} */ (document.createElement("open-cashier"));
            element.setAttribute("client-secret", secret);
            element.setAttribute("api-base", "/api");
            if (isPaying) element.setAttribute("payment-methods", "wechat_pay");
            const reached = (/** @type {string} */ name, /** @type {(detail: any) => boolean} */ is) => new Promise((resolve) => {
              const listener = (/** @type {any} */ event) => {
                if (!is(event.detail)) return;
                element.removeEventListener(name, listener);
                resolve(null);
              };
              element.addEventListener(name, listener);
            });
            const ready = reached("cashier-ready", () => true);
            document.querySelector("main")?.append(element);
            await ready;
            if (isPaying) {
              const waiting = reached("cashier-state-change", ({ to }) => to === "awaiting");
              await element.confirm();
              await waiting;
            }
            element.remove();
            await new Promise((resolve) => setTimeout(resolve));
          }
        }, { secrets: secrets(stage, every), isPaying });
        stage.merchant.forget();
        // Storage and resource timings grow by the bench, not by the widget.
        await page.evaluate(() => {
          localStorage.clear();
          sessionStorage.clear();
          performance.clearResourceTimings();
        });
      }
      // Waits until the last widgets' timers have fired.
      await page.waitForTimeout(500);
      points.push({ done, ...(await memory(page, cdp)) });
    }
    return points;
  } finally {
    await context.close();
  }
}

/** Measures memory for an hour with an unpaid code, on the page's virtual clock. @param {any} browser @param {Stage} stage @param {number} minutes */
async function hour(browser, stage, minutes) {
  const waiting = await Waiting.before(browser, stage);
  try {
    const points = [];
    for (const until of [5, 15, 30, 45, 60].filter((minute) => minute <= minutes)) {
      await waiting.pass(until * 60_000 - waiting.passedMs);
      points.push({ minute: until, ...(await memory(waiting.page, waiting.cdp)), requests: waiting.requests });
    }
    return points;
  } finally {
    await waiting.end();
  }
}

/** Returns the growth per mount, without the first fifth, which includes one-time allocations. @param {any[]} points @param {string} part */
const perMount = (points, part) => {
  const settled = points.filter(({ done }) => done * 5 >= points[points.length - 1].done);
  return slope(settled.map((point) => [point.done, point[part]]));
};

/** @param {any} result */
function markdown({ numbers, mounts, paid, waited }) {
  const first = numbers[0];
  const perWidget = (/** @type {any} */ { count, after }, /** @type {string} */ part) =>
    count === first.count ? NaN : (after[part] - first.after[part]) / (count - first.count);
  const kilo = (/** @type {number} */ bytes) => spell(bytes / 1024, 1);
  const widgets = table(
    ["widgets on the page", "all ready, ms", "Wasm fetched", "style sheets with rules (all)", "JS heap, KiB", "Wasm memory, KiB", "nodes", "listeners", "per widget: JS heap, KiB", "Wasm, KiB", "nodes", "listeners"],
    numbers.map((/** @type {any} */ each) => [
      each.count, spell(each.ms), each.wasmRequests, `${each.sheets.withRules} (${each.sheets.all})`, kilo(each.after.heap), kilo(each.after.wasm),
      each.after.nodes, each.after.listeners, kilo(perWidget(each, "heap")), kilo(perWidget(each, "wasm")),
      spell(perWidget(each, "nodes"), 1), spell(perWidget(each, "listeners"), 1),
    ]),
  );
  const mountRows = (/** @type {any[]} */ points) => points.map(({ done, heap, wasm, nodes, listeners }) => [done, kilo(heap), kilo(wasm), nodes, listeners]);
  const heads = ["JS heap, KiB", "Wasm memory, KiB", "nodes", "listeners"];
  const verdict = (/** @type {any[]} */ points) => `Added per mount from ${spell(points[points.length - 1].done / 5)} on: ` +
    `JS heap ${spell(perMount(points, "heap"))} bytes, Wasm memory ${spell(perMount(points, "wasm"))} bytes, ` +
    `nodes ${spell(perMount(points, "nodes"), 3)}, listeners ${spell(perMount(points, "listeners"), 3)}.`;
  return [
    "#### Many widgets on a page\n", widgets,
    `\n#### Mounted and unmounted ${mounts[mounts.length - 1].done} times\n`, table(["times", ...heads], mountRows(mounts)), `\n${verdict(mounts)}`,
    `\n#### Mounted, a code shown, unmounted ${paid[paid.length - 1].done} times\n`, table(["times", ...heads], mountRows(paid)), `\n${verdict(paid)}`,
    "\n#### Waiting with an unpaid code, on a virtual clock\n",
    table(["minute", ...heads, "requests so far"], waited.map((/** @type {any} */ { minute, heap, wasm, nodes, listeners, requests }) => [minute, kilo(heap), kilo(wasm), nodes, listeners, requests])),
  ].join("\n");
}

/** @param {string[]} [words] of the command line */
export async function main(words) {
  const options = readArguments({ mounts: 1_000, paidMounts: 200, widgets: ["1", "10", "100"], minutes: 60, write: "" }, words);
  const circumstances = new Circumstances();
  const [stage, browser] = await Promise.all([Stage.open(), launch()]);
  try {
    const numbers = [];
    for (const count of options.widgets) numbers.push(await many(browser, stage, Number(count)));
    const mounts = await again(browser, stage, { times: options.mounts, every: Math.max(1, Math.round(options.mounts / 10)), isPaying: false });
    const paid = await again(browser, stage, { times: options.paidMounts, every: Math.max(1, Math.round(options.paidMounts / 5)), isPaying: true });
    const waited = await hour(browser, stage, options.minutes);
    const result = { circumstances: circumstances.describe({ chromium: browser.version() }), numbers, mounts, paid, waited };
    keep("growth", result, markdown(result), options.write);
    return result;
  } finally {
    await Promise.all([browser.close(), stage.close()]);
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) await main();
