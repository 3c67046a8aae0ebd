// One case of the fault matrix: a session, its own proxy, and the pages behind it. It fails on any
// console error that its fault does not explain, and on any request to an unknown origin.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { OUT } from "../stage/servers.mjs";
import { DIAGNOSES } from "./faults.mjs";
import { install } from "./page-time.mjs";
import { Proxy } from "./proxy.mjs";
import { RedirectShopper } from "./redirect-shopper.mjs";

/** States of a gateway's order that a shopper has open and can still pay. */
const PAYABLE = ["NOTPAY", "WAIT_BUYER_PAY"];
/** Alipay creates the order when the code is scanned, so an unscanned code cannot be closed. */
const UNSEEN = "NOT_CREATED";
const CAPTURED = ["SUCCESS", "TRADE_SUCCESS", "TRADE_FINISHED"];

/** Each case has its own price, by which its orders are found at the gateways. */
let price = 10_000;

export class Case {
  /** @type {string[]} */
  #consoleErrors = [];
  /** Requests to origins outside the shop. @type {string[]} */
  #foreignRequests = [];
  /** @type {import("./stage.mjs").Tab[]} */
  #pages = [];
  /** @type {any[]} */
  #shoppers = [];
  /** @type {RegExp[]} */
  expected = [];

  /**
   * @param {{ servers: import("../stage/servers.mjs").Servers, browser: import("./stage.mjs").Browser, wallet: string,
   *   proxy: Proxy, session: any, price: number, deviceAheadMs: number, device: string | null }} parts
   */
  constructor({ servers, browser, wallet, proxy, session, price, deviceAheadMs, device }) {
    this.servers = servers;
    this.browser = browser;
    this.wallet = wallet;
    this.proxy = proxy;
    this.session = session;
    this.price = price;
    this.deviceAheadMs = deviceAheadMs;
    this.device = device;
  }

  /**
   * @param {{ servers: import("../stage/servers.mjs").Servers, browser: import("./stage.mjs").Browser,
   *   statics: import("./statics.mjs").Statics,
   *   isCross?: boolean, wallet?: string, session?: object, deviceAheadMs?: number, device?: string | null,
   *   bridge?: "ready" | "late" | "none" | null }} parts `device`: a label of
   *   tests/environment/agents.json; `bridge`: when the app injects its bridge into the page
   */
  static async open({ servers, statics, browser, isCross = false, wallet = "wechat_pay", session = {}, deviceAheadMs = 0, device = null, bridge = null }) {
    const amount = { value: ++price, currency: "CNY" };
    const proxy = await Proxy.open(servers, { scene, isCross });
    // A redirect to a wallet returns to the page of this case.
    const back = device && { return_url: `${proxy.pageUrl}/` };
    const opened = await servers.openSession({ amount, expires_in_s: 3_600, ...back, ...session });
    Object.assign(proxy, { secret: opened.client_secret, staticUrl: statics.url, device, bridge, isTimed: browser.needsScript });
    return new Case({ servers, browser, wallet, proxy, session: opened, price: amount.value, deviceAheadMs, device });
  }

  /**
   * Opens the checkout in a tab and returns its shopper.
   * @param {{ before?: (page: any) => Promise<void>, device?: string | null }} [more] called with the
   *   tab before it navigates; the device that it emulates
   * @returns {Promise<any>}
   */
  async shopper({ before = async () => {}, device = this.device } = {}) {
    const page = await this.browser.page(this.#pages[0]);
    this.#pages.push(page);
    this.#watch(page);
    // A reused tab already has the script. The clock's offset is in the URL's fragment.
    if (!page.isPrepared) await page.addInitScript(install);
    page.isPrepared = true;
    const shopper = await (device ? RedirectShopper : this.browser.shoppers).before(page, this, device);
    this.#shoppers.push(shopper);
    await before(page);
    await page.goto(`${this.proxy.pageUrl}/#clock=${this.deviceAheadMs}`);
    return shopper;
  }

  /** Waits until the session is complete at the backend. */
  async settled() {
    const start = Date.now();
    while ((await this.servers.readSession(this.session.id)).status !== "complete") {
      assert.ok(Date.now() - start < 15_000, "the backend does not record the payment");
      await sleep(50);
    }
  }

  /** Returns the gateways' orders of this case, oldest first. @returns {Promise<any[]>} */
  async orders() {
    return (await this.servers.orders()).filter(({ amount }) => amount === this.price);
  }

  /** Fails if more than one order is paid or payable, except for canceled codes that were not scanned. */
  async assertOnePayable() {
    const orders = await this.orders();
    const open = orders.filter(({ state }) => [...PAYABLE, ...CAPTURED].includes(state)).length;
    const unseen = orders.filter(({ state }) => state === UNSEEN).length;
    const isFine = open <= 1 && open + unseen <= 1 + this.abandonedCodes();
    assert.ok(isFine, `more than one order can be paid: ${show(orders)}`);
  }

  /** Returns the number of codes that the shopper canceled or left for the other wallet. */
  abandonedCodes() {
    const { calls } = this.proxy;
    const starts = calls.filter(({ call }) => call === "start").map(({ method }) => method);
    const switches = starts.filter((method, index) => index > 0 && method !== starts[index - 1]).length;
    return this.proxy.count("cancel") + switches;
  }

  /** Fails unless exactly one order is captured, the session is complete, and no other order is payable. */
  async assertPaidOnce() {
    const orders = await this.orders();
    const captured = orders.filter(({ state }) => CAPTURED.includes(state));
    const payable = orders.filter(({ state }) => PAYABLE.includes(state));
    assert.equal(captured.length, 1, `captures: ${show(orders)}`);
    assert.equal(payable.length, 0, `still to be paid: ${show(orders)}`);
    const unseen = orders.filter(({ state }) => state === UNSEEN).length;
    assert.ok(unseen <= this.abandonedCodes(), `still to be scanned: ${show(orders)}`);
    const session = await this.servers.readSession(this.session.id);
    assert.equal(session.status, "complete");
    assert.equal(session.payment.status, "succeeded");
    assert.equal(session.payment.payment_method, captured[0].wallet);
  }

  /**
   * Checks the invariants at the end of every case: each open page is idle, with a text and an
   * action; at most one order is paid or payable; no unexpected console errors or requests.
   */
  async verify() {
    for (const shopper of this.#shoppers) {
      if (!shopper.page.isClosed()) await shopper.assertCanContinue();
    }
    await this.assertOnePayable();
    const all = [...this.#consoleErrors, ...this.#pages.flatMap(({ problems }) => problems ?? [])];
    const unexpected = all.filter((text) => ![DIAGNOSES, ...this.expected].some((known) => known.test(text)));
    assert.deepEqual(unexpected, [], "unexpected console errors");
    assert.deepEqual(this.#foreignRequests, [], "requests outside the shop");
  }

  /** Stores screenshots and logs of a failure. @param {string} name @param {any} error */
  async saveFailure(name, error) {
    const folder = join(OUT, "failures", name.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 80));
    await mkdir(folder, { recursive: true });
    const seen = [];
    for (const [index, page] of this.#pages.entries()) {
      if (page.isClosed()) continue;
      await page.screenshot({ path: join(folder, `page-${index}.png`), timeout: 3_000 }).catch(() => {});
      const describe = (/** @type {any} */ { look, calls, pageEvents }) => JSON.stringify([look(), calls, pageEvents], null, 1);
      seen.push(await page.evaluate(`(${describe})(globalThis.test)`).catch(String));
    }
    const calls = this.proxy.calls.map(({ call, key }) => `${call} ${key ?? ""}`).join("\n");
    const orders = await this.orders().then(show, String);
    const errors = [...this.#consoleErrors, ...this.#pages.flatMap(({ problems }) => problems ?? [])];
    const report = [error.stack, ...errors, ...seen, calls, orders, this.servers.logs()];
    await writeFile(join(folder, "report.txt"), report.join("\n\n"));
  }

  async end() {
    this.proxy.close();
    await Promise.all(this.#shoppers.map((shopper) => shopper.leave()));
    await Promise.all(this.#pages.map((page) => this.browser.release(page).catch(() => page.close())));
  }

  /** @param {import("./stage.mjs").Tab} page */
  #watch(page) {
    const { proxy, servers } = this;
    const ours = [proxy.pageUrl, proxy.apiUrl, proxy.staticUrl];
    page.on("console", (message) => {
      const { url } = message.location();
      if (url.endsWith("/favicon.ico")) return;
      if (message.type() === "error" || /Content Security Policy|Trusted/.test(message.text())) {
        this.#consoleErrors.push(`${message.text()} (${url})`);
      }
    });
    page.on("pageerror", (error) => this.#consoleErrors.push(`uncaught: ${error.stack}`));
    page.on("request", async (request) => {
      const { origin, protocol } = new URL(request.url());
      if (["data:", "blob:", "about:", "chrome:", "alipays:"].includes(protocol) || ours.includes(origin)) return;
      // The captive portal intercepts requests, and the shop's page may navigate to the hosted page.
      if (origin === (await proxy.portalUrl)) return;
      // The shop's page may navigate to a gateway, but may not fetch from it.
      const isGateways = request.isNavigationRequest() || request.frame().url().startsWith(servers.sandboxUrl);
      if (this.device && origin === servers.sandboxUrl && isGateways) return;
      const isThere = request.isNavigationRequest() || page.url().startsWith(servers.merchantUrl);
      if (origin === servers.merchantUrl && isThere) return;
      this.#foreignRequests.push(request.url());
    });
  }
}

/** Returns the merchant's page with the widget. @param {Proxy} proxy */
function scene({ secret, apiUrl, staticUrl, servers, device, bridge, isTimed }) {
  return {
    csp: [
      "default-src 'none'",
      `script-src ${staticUrl} 'wasm-unsafe-eval'`,
      `style-src ${staticUrl}`,
      `img-src ${staticUrl}`,
      `connect-src 'self' ${apiUrl} ${staticUrl}`,
      `form-action 'self' ${servers.sandboxUrl}`,
      `frame-src ${servers.sandboxUrl}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join("; "),
    html: `<!doctype html><html lang="en"${bridge ? ` data-bridge="${bridge}"` : ""}><head><meta charset="utf-8"><title>Checkout</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <link rel="icon" href="${staticUrl}/www/storefront/leaf.svg">
      ${isTimed ? `<script src="${staticUrl}/page-time.js"></script>` : ""}
      <link rel="stylesheet" href="${staticUrl}/www/storefront.css">
      <script type="module" src="${staticUrl}/opencashier/opencashier.js"></script></head>
      <body><main><h1>Pay for your order</h1>
      <open-cashier client-secret="${secret}" api-base="${apiUrl}"
        ${device ? "" : `return-url="${servers.shopUrl}/"`}></open-cashier></main></body></html>`,
  };
}

const show = (/** @type {any[]} */ orders) => JSON.stringify(orders.map(({ wallet, state, out_trade_no }) => ({ wallet, state, out_trade_no })));
