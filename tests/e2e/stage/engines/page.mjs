// A page in any engine, with the part of Playwright's `Page` that the page objects use, so that
// `Widget`, `Shop` and the list of screens are the same in every engine.
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { axeSource } from "../packages.mjs";
import { EngineLocator } from "./locator.mjs";

/**
 * What a driver does with one tab. A function goes to the page as source, with JSON values.
 * @typedef {object} Tab
 * @property {string[]} problems the console's errors so far
 * @property {any} profile
 * @property {number} [leastWidth] the narrowest page that the browser can show, if there is a limit
 * @property {(url: string) => Promise<void>} navigate
 * @property {(source: string, values: unknown[]) => Promise<any>} call
 * @property {(x: number, y: number) => Promise<void>} click
 * @property {(name: string) => Promise<void>} key presses a key of `KEYS`, or the one of a character
 * @property {(size: { width: number, height: number }) => Promise<void>} resize
 * @property {() => Promise<void>} reload
 * @property {() => Promise<void>} back
 * @property {() => Promise<Buffer>} capture what the tab shows now, as PNG
 * @property {() => Promise<void>} close
 */

/** The keys that have a name. @type {Record<string, { code: number, webdriver: string, text?: string }>} */
export const KEYS = {
  ArrowDown: { code: 40, webdriver: "\uE015" },
  Enter: { code: 13, webdriver: "\uE007", text: "\r" },
  Space: { code: 32, webdriver: " ", text: " " },
  Tab: { code: 9, webdriver: "\uE004" },
};
export const WIDE = { width: 1280, height: 900 };
/** The limit for every wait on a page. */
export const STEP_TIMEOUT_MS = 20_000;
const POLL_INTERVAL_MS = 30;

export class EnginePage {
  #isClosed = false;

  /** @param {Tab} tab */
  constructor(tab) {
    this.tab = tab;
  }

  /** The console's errors so far. */
  get problems() {
    return this.tab.problems;
  }

  /** @param {string} url */
  goto(url) {
    return this.tab.navigate(url);
  }

  reload() {
    return this.tab.reload();
  }

  goBack() {
    return this.tab.back();
  }

  isClosed() {
    return this.#isClosed;
  }

  async close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.tab.close();
  }

  /**
   * Calls a function in the page with JSON values and returns its result. Old engines do not know
   * today's syntax, and take the function as it is.
   * @template R
   * @param {(...values: any[]) => R} run @param {unknown[]} values
   * @returns {Promise<Awaited<R>>}
   */
  evaluate(run, ...values) {
    return this.tab.call(String(run), values);
  }

  /**
   * Waits until a function in the page returns something true, and returns it.
   * @param {(...values: any[]) => any} run @param {unknown[]} values
   */
  waitForFunction(run, ...values) {
    return this.until(() => this.evaluate(run, ...values), () => `${run} of ${JSON.stringify(values)}`);
  }

  /** Waits for the address. @param {string | RegExp} wanted its beginning, or a pattern */
  waitForURL(wanted) {
    const isThere = (/** @type {string} */ url) => (typeof wanted === "string" ? url.startsWith(wanted) : wanted.test(url));
    return this.until(async () => isThere(await this.evaluate(() => location.href)), () => `${wanted}`);
  }

  /**
   * @template T
   * @param {() => Promise<T>} look fails while the page is being replaced by another
   * @param {() => string} what for the message
   * @returns {Promise<T>}
   */
  async until(look, what) {
    const startedAt = Date.now();
    for (;;) {
      const { result, error } = await look().then((result) => ({ result, error: null }), (error) => ({ result: null, error }));
      if (result) return result;
      if (Date.now() - startedAt > STEP_TIMEOUT_MS) {
        const state = await this.evaluate(showState).catch(String);
        const reasons = [...(error ? [error.message] : []), `the page: ${state}`, ...this.problems];
        throw new Error(`not within ${STEP_TIMEOUT_MS} ms: ${what()}\n${reasons.join("\n")}`);
      }
      await sleep(POLL_INTERVAL_MS);
    }
  }

  /** @param {number} ms */
  waitForTimeout(ms) {
    return sleep(ms);
  }

  /** @param {string} selector */
  locator(selector) {
    return new EngineLocator(this, [{ css: selector }]);
  }

  /** @param {string} role @param {{ name?: string | RegExp }} [options] */
  getByRole(role, options) {
    return new EngineLocator(this, []).getByRole(role, options);
  }

  /** @param {string | RegExp} text */
  getByText(text) {
    return new EngineLocator(this, []).getByText(text);
  }

  /** @param {string | RegExp} text */
  getByLabel(text) {
    return new EngineLocator(this, []).getByLabel(text);
  }

  /** @param {string} name of `KEYS`, or a character */
  press(name) {
    return this.tab.key(name);
  }

  /** @param {{ width: number, height: number }} size */
  setViewportSize(size) {
    return this.tab.resize(size);
  }

  /** Makes a screenshot of what is in view. @param {{ path?: string }} [options] @returns {Promise<Buffer>} */
  async screenshot({ path } = {}) {
    await this.evaluate(afterPaint);
    const png = await this.tab.capture();
    if (path) await writeFile(path, png);
    return png;
  }

  /** Makes a screenshot of the whole page, whose viewport becomes as high. @param {{ path: string, width: number, leastHeight?: number }} options */
  async picture({ path, width, leastHeight = 400 }) {
    await this.setViewportSize({ width, height: leastHeight });
    const height = await this.evaluate(() => document.documentElement.scrollHeight);
    if (height > leastHeight) await this.setViewportSize({ width, height });
    await this.evaluate(() => scrollTo(0, 0));
    return this.screenshot({ path });
  }

  /** Runs axe with WCAG 2.2's rules up to AA and returns what it finds. @returns {Promise<string[]>} */
  async axe() {
    const hasAxe = await this.evaluate(() => "axe" in window);
    if (!hasAxe) await this.tab.call(`() => { ${axeSource}\n }`, []);
    await this.evaluate(afterPaint);
    const violations = await this.evaluate(() => /** @type {any} */ (window).axe.run(document, {
      resultTypes: ["violations"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      rules: { "target-size": { enabled: true } },
    }).then((/** @type {any} */ found) => found.violations.map((/** @type {any} */ { id, help, nodes }) => ({
      id, help, nodes: nodes.map((/** @type {any} */ node) => `${node.target}: ${node.failureSummary}`),
    }))));
    return violations.map((/** @type {any} */ { id, help, nodes }) => `${id}: ${help}\n  ${nodes.join("\n  ")}`);
  }
}

/** Runs in the page: resolves once what is there now has been painted; a hidden page paints nothing. */
function afterPaint() {
  return Promise.race([
    new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(null)))),
    new Promise((resolve) => setTimeout(() => resolve(null), 500)),
  ]);
}

/** Runs in the page, for messages. */
function showState() {
  const host = document.querySelector("open-cashier");
  const root = host && host.shadowRoot && host.shadowRoot.querySelector("[data-state]");
  return `${location.href} ${root ? root.getAttribute("data-state") : document.readyState}: ${(root || document.body || document.documentElement).textContent || ""}`
    .replace(/\s+/g, " ").slice(0, 600);
}
