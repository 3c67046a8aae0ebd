// @ts-check
// A real Chromium, a fresh profile for each visit, and the DevTools protocol beside it.
import { chromium } from "./packages.mjs";

const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--no-first-run", "--disable-features=LocalNetworkAccessChecks",
  // A hidden window must not be throttled.
  "--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
];

/**
 * The conditions, by the presets of Chromium's own developer tools: "Slow 4G" is 1.6 Mbit/s down and 0.75 up at 90 %,
 * 562.5 ms a request; "3G" is 500 kbit/s at 80 % both ways, 2,000 ms a request.
 */
export const CONDITIONS = /** @type {Record<string, { title: string, cpu: number, net: any }>} */ ({
  none: { title: "no throttling", cpu: 1, net: null },
  "slow-4g": {
    title: "slow 4G, CPU 4× slower", cpu: 4,
    net: { offline: false, latency: 562.5, downloadThroughput: 180_000, uploadThroughput: 84_375 },
  },
  "3g": {
    title: "3G, CPU 6× slower", cpu: 6,
    net: { offline: false, latency: 2_000, downloadThroughput: 50_000, uploadThroughput: 50_000 },
  },
  "cpu-4x": { title: "CPU 4× slower", cpu: 4, net: null },
});

export function launch() {
  const executablePath = process.env.OPENCASHIER_CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

/** @param {any} browser */
export async function visit(browser, condition = CONDITIONS.none) {
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable");
  await cdp.send("Network.enable");
  if (condition.net) await cdp.send("Network.emulateNetworkConditions", condition.net);
  if (condition.cpu > 1) await cdp.send("Emulation.setCPUThrottlingRate", { rate: condition.cpu });
  return { context, page, cdp };
}

/** The counters of Performance.getMetrics. @param {any} cdp @returns {Promise<Record<string, number>>} */
export async function metrics(cdp) {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return Object.fromEntries(metrics.map((/** @type {any} */ { name, value }) => [name, value]));
}

/** Memory, nodes and listeners of the page after garbage collection. @param {any} page @param {any} cdp */
export async function memory(page, cdp) {
  // Twice: what the first round frees in the DOM, the second frees in V8.
  await cdp.send("HeapProfiler.collectGarbage");
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize } = await cdp.send("Runtime.getHeapUsage");
  const { Nodes, JSEventListeners } = await metrics(cdp);
  const wasm = await page.evaluate(() =>
    /** @type {any} */ (globalThis).bench.wasm.reduce((/** @type {number} */ sum, /** @type {any} */ { buffer }) => sum + buffer.byteLength, 0));
  return { heap: usedSize, wasm, nodes: Nodes, listeners: JSEventListeners };
}
