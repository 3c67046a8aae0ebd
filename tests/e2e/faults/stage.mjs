// Servers and browser of one fault spec, and the function that declares its cases.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { chromium } from "../stage/packages.mjs";
import { Servers } from "../stage/servers.mjs";
import { Case } from "./case.mjs";
import { install } from "./page-time.mjs";
import { Shopper } from "./shopper.mjs";
import { Statics } from "./statics.mjs";

const CHROMIUM = process.env.OPENCASHIER_CHROMIUM ?? "/usr/bin/chromium";
/** Concurrent cases per file; two files run concurrently on two cores. */
const MAX_CONCURRENT_CASES = 3;
const ARGUMENTS = [
  "--headless",
  // A picture of the page takes its scroll bar away until the next press, and lines break elsewhere.
  "--hide-scrollbars",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--force-prefers-reduced-motion",
  // All cases share one site, so they share a renderer process.
  "--process-per-site",
  "--lang=en-US",
  "--remote-debugging-port=0",
];

/**
 * A tab. It is not reused by another case while it `isMinimized`, nor if it `hasOpenedApp`: the
 * browser's question whether to open an app takes all clicks in the tab, also on the next page.
 * @typedef {import("playwright-core").Page & { isPrepared?: boolean, hasBridge?: boolean, isMinimized?: boolean, hasOpenedApp?: boolean,
 *   callBridge?: (path: string, body: object) => Promise<any>, problems?: string[] }} Tab
 */

/**
 * Sets up servers and a browser for a spec file and returns how to declare groups of cases.
 * @param {Parameters<typeof Servers.start>[0]} [options] settings of the servers
 * @param {() => Promise<any>} [launch] starts another browser than Chromium
 */
export function matrix(options = {}, launch = Browser.start) {
  /** @type {Servers} */
  let servers;
  /** @type {Browser} */
  let browser;
  /** @type {Statics} */
  let statics;
  before(async () => {
    [servers, browser] = await Promise.all([Servers.start(options), launch()]);
    statics = await Statics.start(servers.shopUrl);
    statics.add("/page-time.js", `(${install})();`);
  });
  after(async () => {
    await Promise.all([servers?.stop(), browser?.stop(), statics?.stop()]);
  });

  /**
   * @param {string} title
   * @param {any[][]} cases each is `[name, options, body]`
   * @param {{ concurrency?: number, switches?: object | null }} [more] the number of concurrent
   *   cases, and the gateways' fault switches while they run
   */
  return function group(title, cases, { concurrency = MAX_CONCURRENT_CASES, switches = null } = {}) {
    describe(title, { concurrency }, () => {
      if (switches) {
        before(() => servers.faults(switches));
        after(() => servers.resetFaults());
      }
      for (const [name, options, body] of cases) {
        test(name, { timeout: 90_000 }, () => run(`${title}: ${name}`, { ...options, servers, browser, statics }, body));
      }
    });
  };
}

/** @param {string} name @param {any} options @param {(case_: Case) => Promise<void>} body */
async function run(name, { expected = [], ...options }, body) {
  const case_ = await Case.open(options);
  case_.expected = expected;
  try {
    await body(case_);
    await case_.verify();
  } catch (error) {
    await case_.saveFailure(name, error);
    throw error;
  } finally {
    await case_.end();
  }
}

/**
 * A Chromium with default lifecycle behaviour and one window per tab. A browser launched by Playwright
 * keeps every page visible and focused and disables the back-forward cache.
 */
export class Browser {
  /** The shopper of a tab without a device. @type {{ before: (page: any, case_: Case) => Promise<any> }} */
  shoppers = Shopper;
  /** True if the page itself must load the script of its clock, as not every engine can add one. */
  needsScript = false;
  /** @type {Promise<unknown>} */
  #opening = Promise.resolve();
  /** @type {Tab[]} */
  #idle = [];

  /**
   * @param {{ folder: string, child: import("node:child_process").ChildProcess, gone: Promise<unknown>,
   *   driven: import("playwright-core").Browser, context: import("playwright-core").BrowserContext, commands: any }} parts
   */
  constructor({ folder, child, gone, driven, context, commands }) {
    this.folder = folder;
    this.child = child;
    this.gone = gone;
    this.driven = driven;
    this.context = context;
    this.commands = commands;
  }

  static async start() {
    const folder = await mkdtemp(join(tmpdir(), "opencashier-profile-"));
    const child = spawn(CHROMIUM, [...ARGUMENTS, `--user-data-dir=${folder}`, "about:blank"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const gone = new Promise((resolve) => child.once("exit", resolve));
    /** @type {string} */
    const address = await new Promise((resolve, reject) => {
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (chunk) => {
        stderr += chunk;
        const found = /DevTools listening on (ws:\/\/\S+)/.exec(stderr);
        if (found) resolve(found[1]);
      });
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the browser ended (${code}): ${stderr.slice(-2000)}`)));
    });
    const driven = await chromium.connectOverCDP(address, { noDefaults: true });
    const [context] = driven.contexts();
    context.setDefaultTimeout(10_000);
    // Set before the first tab is opened: Playwright's first binding of a profile misses tabs that are
    // opened while it is added.
    await context.exposeBinding("sandboxBridgeCall", ({ page }, path, body) => /** @type {Tab} */ (page).callBridge?.(path, body));
    const commands = await driven.newBrowserCDPSession();
    return new Browser({ folder, child, gone, driven, context, commands });
  }

  /** Opens a tab in a window of its own, or reuses an idle one. @param {Tab} [_sibling] @returns {Promise<Tab>} */
  async page(_sibling) {
    const idle = this.#idle.pop();
    if (idle) return idle;
    // Sequential, so that each "page" event belongs to its own request.
    const opened = this.#opening.then(async () => {
      const [page] = await Promise.all([
        this.context.waitForEvent("page"),
        this.commands.send("Target.createTarget", { url: "about:blank", newWindow: true, width: 500, height: 700 }),
      ]);
      return page;
    });
    this.#opening = opened.catch(() => {});
    return opened;
  }

  /** Returns a tab to the pool. Opening one takes longer than most cases. @param {Tab} page */
  async release(page) {
    if (page.isClosed()) return;
    page.removeAllListeners();
    if (page.isMinimized || page.hasOpenedApp) return void (await page.close());
    await page.goto("about:blank", { waitUntil: "commit" });
    this.#idle.push(page);
  }

  async stop() {
    await this.driven.close();
    this.child.kill();
    await this.gone;
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
