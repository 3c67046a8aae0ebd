// One test: a fresh browser profile at the file's servers. It fails on any unexpected console error, and
// on any request to an origin outside the shop.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { chromium } from "./packages.mjs";
import { OUT, Servers } from "./servers.mjs";
import { Shop } from "./shop.mjs";
import { Phone } from "./phone.mjs";
import { Widget } from "./widget.mjs";

/** The limit for every step of a screen. */
const STEP_TIMEOUT_MS = 15_000;
export const BROWSER_ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  // Scenes are answered by Playwright, which Chromium does not take for this machine's own.
  "--disable-features=LocalNetworkAccessChecks",
];

/**
 * The policy of the shop's page, as a merchant's page may have it.
 * @param {{ merchantUrl: string, sandboxUrl: string }} servers @param {{ wasm?: boolean }} [options]
 */
export function policy({ merchantUrl, sandboxUrl }, { wasm = true } = {}) {
  return [
    "default-src 'none'",
    `script-src 'self'${wasm ? " 'wasm-unsafe-eval'" : ""}`,
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${merchantUrl}`,
    `form-action 'self' ${merchantUrl} ${sandboxUrl}`,
    `frame-src ${sandboxUrl}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/**
 * Sets up servers and a browser for a spec file and returns how to declare its scenarios.
 * @param {{ desktopFlow?: "precreate" | "page" | "page_frame", mobileFlow?: "wap" | "precreate_link", isBehind?: boolean }} [options] of the servers
 * @param {string[]} [switches] more switches of the browser
 */
export function stage(options = {}, switches = []) {
  /** @type {Servers} */
  let servers;
  /** @type {import("playwright-core").Browser} */
  let browser;
  before(async () => {
    const executablePath = process.env.OPENCASHIER_CHROMIUM ?? "/usr/bin/chromium";
    // One after the other: where this fails, nothing may be left that keeps the process alive.
    servers = await Servers.start(options);
    try {
      browser = await chromium.launch({ executablePath, args: [...BROWSER_ARGUMENTS, ...switches] });
    } catch (error) {
      await servers.stop();
      throw error;
    }
  });
  after(async () => {
    await Promise.all([servers?.stop(), browser?.close()]);
  });

  /**
   * @param {string} name
   * @param {(visit: Visit) => Promise<void>} body
   * @param {{ expected?: RegExp[], context?: object, timeout?: number }} [more] `expected`: console errors that
   *   belong to the scenario; `context`: Playwright's options of the profile
   */
  return function scenario(name, body, { expected = [], context = {}, timeout = 60_000 } = {}) {
    test(name, { timeout }, async () => {
      const visit = await Visit.begin(browser, servers, context);
      try {
        await body(visit);
        visit.verify(expected);
      } catch (error) {
        await visit.keep(name, error);
        throw error;
      } finally {
        await visit.end();
      }
    });
  };
}

/** A shopper's browser profile and what went wrong in it. */
export class Visit {
  /** @type {string[]} */
  #consoleErrors = [];
  /** Requests to origins outside the shop. @type {string[]} */
  #foreignRequests = [];
  #pages = 0;

  /** @param {import("playwright-core").Browser} browser @param {Servers} servers @param {object} options */
  static async begin(browser, servers, options) {
    const context = await browser.newContext({
      locale: "en-US",
      viewport: { width: 1280, height: 900 },
      reducedMotion: "reduce",
      ...options,
    });
    context.setDefaultTimeout(STEP_TIMEOUT_MS);
    return new Visit(browser, context, servers);
  }

  /**
   * @param {import("playwright-core").Browser} browser
   * @param {import("playwright-core").BrowserContext} context @param {Servers} servers
   */
  constructor(browser, context, servers) {
    this.browser = browser;
    this.context = context;
    this.servers = servers;
    const known = [servers.shopUrl, servers.merchantUrl, servers.sandboxUrl];
    context.on("console", (message) => {
      // The browser asks for this by itself, whatever the page says.
      if (message.location().url.endsWith("/favicon.ico")) return;
      if (message.type() === "error" || /Content Security Policy|Trusted/.test(message.text())) {
        this.#consoleErrors.push(`${message.text()} (${message.location().url})`);
      }
    });
    context.on("weberror", (error) => this.#consoleErrors.push(`uncaught: ${error.error().stack}`));
    context.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol === "data:" || protocol === "blob:") return;
      // A wallet's app is opened by its own address.
      if (request.isNavigationRequest() && protocol === "alipays:") return;
      // The shop's page may lead to a gateway, and may ask it nothing.
      const from = request.isNavigationRequest() ? null : originOf(request);
      const isGateway = origin === servers.sandboxUrl && from === servers.shopUrl;
      if (!known.includes(origin) || isGateway) this.#foreignRequests.push(request.url());
    });
  }

  /** Opens the shop. @param {import("./shop.mjs").Lang} [lang] */
  async shop(lang = "en") {
    return Shop.open(await this.context.newPage(), this.servers, lang);
  }

  /** Opens the wallet phone, in a window of its own. */
  async phone() {
    const page = await this.context.newPage();
    await page.goto(`${this.servers.sandboxUrl}/phone`);
    return new Phone(page);
  }

  /**
   * Opens a page of the shop's origin that is written for this scenario.
   * @param {string} body HTML; `/scene.js` is the script that `script` gives
   * @param {{ script?: string, csp?: string, head?: string }} [parts]
   */
  async page(body, { script = "", csp = policy(this.servers), head = HEAD } = {}) {
    const page = await this.context.newPage();
    const address = `${this.servers.shopUrl}/scene-${++this.#pages}`;
    await page.route(`${address}*`, (route) => route.fulfill({
      contentType: "text/html; charset=utf-8",
      headers: { "Content-Security-Policy": csp },
      body: sceneHtml(head, body),
    }));
    await page.route(`${this.servers.shopUrl}/scene.js`, (route) =>
      route.fulfill({ contentType: "text/javascript; charset=utf-8", body: script }));
    await page.goto(address);
    return page;
  }

  /** Records the details of an event on all pages that are opened from now on. @param {string} event */
  async record(event) {
    /** @type {any[]} */
    const details = [];
    await this.context.exposeFunction("recordEvent", (/** @type {any} */ detail) => details.push(detail));
    await this.context.addInitScript((/** @type {string} */ name) =>
      addEventListener(name, (event) => globalThis.recordEvent(/** @type {CustomEvent} */ (event).detail)), `cashier-${event}`);
    return details;
  }

  /**
   * Opens a page with one widget for a session: a new one, or the given.
   * @param {any} [session] @param {Record<string, string>} [attributes]
   * @param {(context: import("playwright-core").BrowserContext) => Promise<unknown>} [before]
   */
  async embed(session, attributes = {}, before = async () => {}) {
    session ??= await this.servers.openSession();
    const all = {
      "client-secret": session.client_secret,
      "api-base": this.servers.merchantUrl,
      ...attributes,
    };
    const text = Object.entries(all).map(([name, value]) => `${name}="${value}"`).join(" ");
    await before(this.context);
    const page = await this.page(`<open-cashier ${text}></open-cashier>`);
    return new Widget(page, { session, lang: /** @type {import("./shop.mjs").Lang} */ (attributes.locale ?? "en") });
  }

  /** Fails on unexpected console errors and requests. @param {RegExp[]} expected */
  verify(expected) {
    const unexpected = this.#consoleErrors.filter((text) => !expected.some((known) => known.test(text)));
    assert.deepEqual(unexpected, [], "unexpected console errors");
    assert.deepEqual(this.#foreignRequests, [], "requests outside the shop");
  }

  /** Stores screenshots and logs of a failure. @param {string} name @param {any} error */
  async keep(name, error) {
    const folder = join(OUT, "failures", name.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 80));
    await mkdir(folder, { recursive: true });
    for (const [index, page] of this.context.pages().entries()) {
      await page.screenshot({ path: join(folder, `page-${index}.png`), timeout: 5_000 }).catch(() => {});
    }
    const report = [error.stack, ...this.#consoleErrors, this.servers.logs()].join("\n\n");
    await writeFile(join(folder, "report.txt"), report);
  }

  async end() {
    // A route may still be fetching an answer for a closed page; that is not a failure.
    const routed = [this.context, ...this.context.pages()];
    await Promise.all(routed.map((each) => each.unrouteAll({ behavior: "ignoreErrors" })));
    await this.context.close();
    await this.servers.resetFaults();
  }
}

/** A page of the shop's with a widget. @param {string} head @param {string} body */
export function sceneHtml(head, body) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Scene</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" href="/www/storefront/leaf.svg">${head}</head>
    <body><main><h1>Pay for your order</h1>${body}</main></body></html>`;
}

export const HEAD = `<link rel="stylesheet" href="/www/storefront.css">
  <script type="module" src="/opencashier/opencashier.js"></script>`;

/** @param {import("playwright-core").Request} request */
function originOf(request) {
  try {
    return new URL(request.frame().url()).origin;
  } catch {
    // A page that has gone while its request was on its way.
    return null;
  }
}
