// One case of the matrix: a session, a proxy of its own, and pages behind it. It fails on any
// console error that its fault does not explain, and on any request to somebody unknown.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { OUT } from "../stage/servers.mjs";
import { install } from "./page-time.mjs";
import { Proxy } from "./proxy.mjs";
import { Shopper } from "./shopper.mjs";
import { RedirectShopper } from "./redirect-shopper.mjs";

/** Orders of the gateways that somebody has before them and could still pay. */
const PAYABLE = ["NOTPAY", "WAIT_BUYER_PAY"];
/** Alipay knows no order before its code is scanned, so it cannot close one that is given up. */
const UNSEEN = "NOT_CREATED";
const CAPTURED = ["SUCCESS", "TRADE_SUCCESS", "TRADE_FINISHED"];

/** Prices tell the cases' orders apart in the gateways' book. */
let price = 10_000;

export class Case {
  /** @type {string[]} */
  #consoleErrors = [];
  /** Addresses outside the shop that were asked. @type {string[]} */
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
   *   bridge?: "ready" | "late" | "none" | null }} parts `device`: the browser, by its label in
   *   tests/environment/agents.json; `bridge`: whether its app has put its bridge into the page
   */
  static async open({ servers, statics, browser, isCross = false, wallet = "wechat_pay", session = {}, deviceAheadMs = 0, device = null, bridge = null }) {
    const amount = { value: ++price, currency: "CNY" };
    const proxy = await Proxy.open(servers, { scene, isCross });
    // Who leaves for a wallet comes back to the page of this case.
    const back = device && { return_url: `${proxy.pageUrl}/` };
    const opened = await servers.openSession({ amount, expires_in_s: 3_600, ...back, ...session });
    Object.assign(proxy, { secret: opened.client_secret, staticUrl: statics.url, device, bridge });
    return new Case({ servers, browser, wallet, proxy, session: opened, price: amount.value, deviceAheadMs, device });
  }

  /**
   * Opens the checkout in a tab; the shopper before it.
   * @param {{ before?: (page: any) => Promise<void>, device?: string | null }} [more] what is done to the
   *   tab first, and which browser it is
   * @returns {Promise<any>}
   */
  async shopper({ before = async () => {}, device = this.device } = {}) {
    const page = await this.browser.page();
    this.#pages.push(page);
    this.#watch(page);
    // A tab that is used again has the script already; how wrong its clock is, the name tells.
    if (!page.isPrepared) await page.addInitScript(install);
    page.isPrepared = true;
    const shopper = await (device ? RedirectShopper : Shopper).before(page, this, device);
    this.#shoppers.push(shopper);
    await before(page);
    await page.goto(`${this.proxy.pageUrl}/#clock=${this.deviceAheadMs}`);
    return shopper;
  }

  /** Waits until the backend knows that the order is paid. */
  async settled() {
    const begun = Date.now();
    while ((await this.servers.readSession(this.session.id)).status !== "complete") {
      assert.ok(Date.now() - begun < 15_000, "the backend does not hear of the payment");
      await sleep(50);
    }
  }

  /** The gateways' orders of this case, oldest first. @returns {Promise<any[]>} */
  async orders() {
    return (await this.servers.orders()).filter(({ amount }) => amount === this.price);
  }

  /** Fails if two orders can be paid or are, now; but for codes that were called off unseen. */
  async assertOnePayable() {
    const orders = await this.orders();
    const open = orders.filter(({ state }) => [...PAYABLE, ...CAPTURED].includes(state)).length;
    const unseen = orders.filter(({ state }) => state === UNSEEN).length;
    const isFine = open <= 1 && open + unseen <= 1 + this.abandonedCodes();
    assert.ok(isFine, `more than one order can be paid: ${show(orders)}`);
  }

  /** How many codes the shopper has called off or left for the other wallet. */
  abandonedCodes() {
    const { calls } = this.proxy;
    const starts = calls.filter(({ call }) => call === "start").map(({ method }) => method);
    const switches = starts.filter((method, index) => index > 0 && method !== starts[index - 1]).length;
    return this.proxy.count("cancel") + switches;
  }

  /** Fails unless the order is paid once, everybody knows it, and nothing else can be paid. */
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
   * What must hold at the end of every case: each page that is still open rests, with words and a
   * way on; at most one order can be paid or is; nobody complained, or was asked who should not be.
   */
  async verify() {
    for (const shopper of this.#shoppers) {
      if (!shopper.page.isClosed()) await shopper.assertCanContinue();
    }
    await this.assertOnePayable();
    const unexpected = this.#consoleErrors.filter((text) => !this.expected.some((known) => known.test(text)));
    assert.deepEqual(unexpected, [], "console errors that nobody expected");
    assert.deepEqual(this.#foreignRequests, [], "requests to somebody outside the shop");
  }

  /** Stores pictures and logs of a failure. @param {string} name @param {any} error */
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
    const said = [error.stack, ...this.#consoleErrors, ...seen, calls, orders, this.servers.logs()];
    await writeFile(join(folder, "said.txt"), said.join("\n\n"));
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
      if (["data:", "blob:", "about:", "chrome:"].includes(protocol) || ours.includes(origin)) return;
      // The portal stands between, and the shop's own payment page may be gone to.
      if (origin === (await proxy.portalUrl)) return;
      // Its pages are the gateway's own affair; the shop's page asks it nothing.
      const isGateways = request.isNavigationRequest() || request.frame().url().startsWith(servers.sandboxUrl);
      if (this.device && origin === servers.sandboxUrl && isGateways) return;
      const isThere = request.isNavigationRequest() || page.url().startsWith(servers.merchantUrl);
      if (origin === servers.merchantUrl && isThere) return;
      this.#foreignRequests.push(request.url());
    });
  }
}

/** The page with the widget, as a merchant's server sends it. @param {Proxy} proxy */
function scene({ secret, apiUrl, staticUrl, servers, device, bridge }) {
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
      <link rel="stylesheet" href="${staticUrl}/www/storefront.css">
      <script type="module" src="${staticUrl}/opencashier/opencashier.js"></script></head>
      <body><main><h1>Pay for your order</h1>
      <open-cashier client-secret="${secret}" api-base="${apiUrl}"
        ${device ? "" : `return-url="${servers.shopUrl}/"`}></open-cashier></main></body></html>`,
  };
}

const show = (/** @type {any[]} */ orders) => JSON.stringify(orders.map(({ wallet, state, out_trade_no }) => ({ wallet, state, out_trade_no })));
