// A shopper who is redirected to a wallet's page, on a phone or in its app, and may return. Navigations
// between the pages can fail like any other request; inside the wallets' apps there is a bridge.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { device } from "../environments/device.mjs";
import { Shopper } from "./shopper.mjs";

/** The screen while the tab shows a gateway's page or an error page of the browser. */
const AWAY = {
  state: "away", isBusy: false, actions: ["away"], text: "not the shop's page", timer: null, pending: 0,
  isMounted: true, passedMs: 1_000,
};
const REAL_TIME_LIMIT_MS = 15_000;
/** Decisions at a payment sheet that capture money. */
const PAYING = ["ok", "cancel_paid", "processing", "unknown_paid"];

/** @typedef {import("./shopper.mjs").Screen} Screen */
/**
 * A navigation request, and what a test can do to it.
 * @typedef {{ go: () => Promise<any>, drop: () => Promise<any>, respond: (status: number) => Promise<any>,
 *   serve: () => Promise<any>, hold: (gate: Promise<unknown>) => Promise<any> }} Navigation
 */

/** Faults of a navigation, by name. @type {Record<string, (navigation: Navigation) => any>} */
export const NAVIGATION_FAULTS = {
  "lost before it is served": (navigation) => navigation.drop(),
  "lost after it is served": async (navigation) => {
    await navigation.serve();
    await navigation.drop();
  },
  "served twice": async (navigation) => {
    await navigation.serve();
    await navigation.go();
  },
  "answered 500 before it is served": (navigation) => navigation.respond(500),
  "answered 500 after it is served": async (navigation) => {
    await navigation.serve();
    await navigation.respond(500);
  },
};

export class RedirectShopper extends Shopper {
  /** Decisions at the next payment sheets, or `nothing`; `ok` when the list is empty. @type {string[]} */
  decisions = [];
  /** Replaces the button "continue" as the way to pay. @type {((shopper: RedirectShopper) => Promise<void>) | null} */
  payOverride = null;
  /** Number of calls of the app's bridge. */
  bridgeCalls = 0;
  /** @type {{ target: string, act: (navigation: Navigation) => any, left: number, hits: number }[]} */
  #rules = [];
  /** The bridge call that opened the current payment sheet. @type {[string, object] | null} */
  #sheet = null;

  /** @param {import("./stage.mjs").Tab} page @param {import("./case.mjs").Case} case_ @param {string | null} [label] */
  static async before(page, case_, label) {
    const shopper = new RedirectShopper(page, case_);
    await shopper.open();
    const { userAgent, viewport, isMobile } = device(label ?? "");
    await shopper.command("Emulation.setUserAgentOverride", { userAgent });
    await shopper.command("Emulation.setTouchEmulationEnabled", { enabled: isMobile, maxTouchPoints: 5 });
    await shopper.command("Emulation.setDeviceMetricsOverride", {
      ...viewport, deviceScaleFactor: 1, mobile: isMobile,
    });
    await shopper.#interceptNavigations();
    page.callBridge = (/** @type {string} */ path, /** @type {object} */ body) => shopper.#callBridge(path, body);
    if (case_.proxy.bridge && !page.hasBridge) {
      const script = await (await fetch(`${case_.servers.sandboxUrl}/bridge.js`)).text();
      await page.addInitScript(`(${installBridge})(() => {${script}});`);
    }
    page.hasBridge ||= Boolean(case_.proxy.bridge);
    return shopper;
  }

  /** Resets the tab for the next case. */
  async leave() {
    await this.detach();
  }

  /** True if the tab shows a page other than the shop's. */
  isAway() {
    return !this.page.url().startsWith(this.case.proxy.pageUrl);
  }

  /** @param {Function | string} act @param {unknown} [argument] @returns {Promise<any>} */
  async run(act, argument) {
    return this.isAway() && !this.page.url().startsWith("about:") ? AWAY : super.run(act, argument);
  }

  /**
   * Injects a fault into the next navigations to a target.
   * @param {"gateway" | "return" | "home"} target to the gateway's pages, to the backend's return
   *   addresses, or back to the shop's page
   * @param {(navigation: Navigation) => any} act
   * @param {{ times?: number }} [which]
   */
  inject(target, act, { times = 1 } = {}) {
    const rule = { target, act, left: times, hits: 0 };
    this.#rules.push(rule);
    return rule;
  }

  /** Waits until the tab shows the gateway's page. */
  async untilAtGateway() {
    await this.#awaits("at the gateway", () => this.page.url().startsWith(this.case.servers.sandboxUrl));
    // While a navigation is being committed, the tab takes no command of the protocol.
    await this.page.waitForLoadState("domcontentloaded");
    this.trail.push(`at ${this.page.url().slice(0, 90)}`);
  }

  /** Waits until the tab shows the shop's page with the widget. */
  async untilAtShop() {
    await this.#awaits("back at the shop", () => !this.isAway());
    await this.until("the widget", ({ isMounted }) => isMounted);
  }

  /** Presses the browser's back button. */
  async back() {
    this.trail.push("goes back");
    const { currentIndex, entries } = await this.command("Page.getNavigationHistory");
    await this.command("Page.navigateToHistoryEntry", { entryId: entries[currentIndex - 1].id });
    await this.untilAtShop();
  }

  /** Opens the shop's page by its URL. */
  async returnByHand() {
    this.trail.push("opens the shop's page");
    await this.page.goto(`${this.case.proxy.pageUrl}/`);
    await this.untilAtShop();
  }

  /** Pays in the wallet's app, whatever page the browser shows. */
  async payInApp() {
    const { case: { servers }, case: case_ } = this;
    this.hasPaid = true;
    this.trail.push("paid in the app");
    // A payment sheet that is open is the one to pay in.
    if (this.#sheet) return void (await this.#decide(...this.#sheet, "ok"));
    const { out_trade_no } = (await case_.orders()).at(-1) ?? {};
    const known = (await servers.codes()).find((/** @type {any} */ code) => code.out_trade_no === out_trade_no);
    if (known) return void (await servers.phone("approve", known.code, known.wallet));
    // The page has opened the app; the payment completes before the browser is shown again.
    const button = this.page.getByRole("button", { name: /Pay now/ });
    const paid = await fetch(await button.evaluate((element) => /** @type {HTMLButtonElement} */ (element).form?.action ?? ""), { method: "POST", redirect: "manual" });
    assert.ok(paid.headers.has("location"), "paid");
  }

  /** Waits until the gateway shows a code for the newest order. */
  async untilScannable() {
    const startedAt = Date.now();
    for (;;) {
      const newest = (await this.case.orders()).at(-1)?.out_trade_no;
      if ((await this.case.servers.codes()).some((/** @type {any} */ code) => code.out_trade_no === newest)) return;
      assert.ok(Date.now() - startedAt < REAL_TIME_LIMIT_MS, `no code\n  ${this.trail.join("\n  ")}`);
      await sleep(30);
    }
  }

  /** Follows the widget's actions from any page until the order is paid. */
  async payUntilComplete({ limitMs = 60_000 } = {}) {
    for (let turn = 0; turn < 14; turn += 1) {
      const screen = await this.untilActionable();
      this.trail.push(`${screen.state}: ${screen.text.slice(0, 120)}`);
      const waits = screen.state === "awaiting" || screen.state === "confirming";
      if (screen.state === "succeeded") return;
      if (screen.state === "away") await this.#goOn();
      else if (waits && this.hasPaid) await this.untilPaid(limitMs);
      else if (screen.state === "selecting") await this.pay();
      else if (screen.state === "awaiting") await this.#act(screen);
      else if (screen.state === "confirming") {
        await this.press("check");
        await this.until("an answer", ({ state }) => state !== "confirming");
      } else {
        assert.ok(this.offers(screen, "retry"), `no action in ${screen.state}\n  ${this.trail.join("\n  ")}`);
        await this.press("retry");
        await this.until("another screen", ({ state }) => state !== screen.state);
      }
    }
    assert.fail(`fourteen steps and not paid\n  ${this.trail.join("\n  ")}`);
  }

  /** @param {Screen} screen */
  async #act(screen) {
    await this.case.assertOnePayable();
    if (this.offers(screen, "refresh")) {
      await this.press("refresh");
      await this.until("a fresh one", ({ isBusy }) => !isBusy);
    } else if (this.offers(screen, "pay")) await this.press("pay");
    else if (this.payOverride) await this.payOverride(this);
    else await this.#continue();
  }

  async #continue() {
    const { bridge } = this.case.proxy;
    if (!bridge) return this.press("continue");
    // The page may call the bridge automatically, and its message moves the button.
    const { state } = await this.advance(2_000);
    const screen = await this.untilActionable();
    if (state !== "awaiting" || screen.state !== "awaiting" || this.hasPaid) return;
    const before = this.bridgeCalls;
    await this.press("continue");
    await this.until("the sheet, or the way to it", (seen) => this.bridgeCalls > before || seen.state !== "awaiting");
  }

  /** Pays on the gateway's page, reloads an error page, or goes back. */
  async #goOn() {
    const { page } = this;
    if (!page.url().startsWith(this.case.servers.sandboxUrl)) {
      // An error page of the browser or of the backend: a shopper reloads it.
      this.trail.push("reloads the error page");
      await page.reload().catch(() => {});
      return;
    }
    const button = page.getByRole("button", { name: /Pay now/ });
    if ((await button.count()) === 0) return this.back();
    await this.payAtGateway();
  }

  /** Pays on the gateway's page, and waits until the browser has left it. */
  async payAtGateway() {
    await this.case.assertOnePayable();
    await this.page.getByRole("button", { name: /Pay now/ }).click();
    this.hasPaid = true;
    this.trail.push("paid at the gateway");
    await this.#awaits("leaving the gateway", () => !this.page.url().startsWith(this.case.servers.sandboxUrl));
  }

  /** @param {string} path @param {object} body @returns {Promise<any>} */
  async #callBridge(path, body) {
    this.bridgeCalls += 1;
    const decision = this.decisions.shift() ?? "ok";
    this.trail.push(`at the sheet: ${decision}`);
    this.#sheet = [path, body];
    return decision === "nothing" ? { isSilent: true } : this.#decide(path, body, decision);
  }

  /** @param {string} path @param {object} body @param {string} decision */
  async #decide(path, body, decision) {
    const { sandboxUrl, shopUrl } = this.case.servers;
    const response = await fetch(`${sandboxUrl}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: shopUrl },
      body: JSON.stringify({ ...body, decision }),
    });
    const answer = await response.json();
    // No payment is possible in a sheet that could not open.
    const isRefused = /fail/.test(answer.err_msg) || /^4/.test(answer.resultCode);
    if (PAYING.includes(decision) && (!isRefused || decision === "unknown_paid")) this.hasPaid = true;
    return answer;
  }

  async #interceptNavigations() {
    const { merchantUrl, sandboxUrl } = this.case.servers;
    const { pageUrl } = this.case.proxy;
    const targets = [["return", `${merchantUrl}/v1/returns/`], ["gateway", `${sandboxUrl}/`], ["home", `${pageUrl}/`]];
    this.listen("Fetch.requestPaused", async ({ requestId, request }) => {
      const [target] = targets.find(([, start]) => request.url.startsWith(start)) ?? [];
      const rule = this.#rules.find((rule) => rule.target === target && rule.left > 0);
      const send = (/** @type {string} */ name, parameters = {}) => this.command(name, { requestId, ...parameters }).catch(() => {});
      const go = () => send("Fetch.continueRequest");
      if (!rule) return go();
      rule.left -= 1;
      rule.hits += 1;
      this.trail.push(`${request.url.slice(0, 60)}: fault injected`);
      await rule.act({
        go,
        drop: () => send("Fetch.failRequest", { errorReason: "ConnectionReset" }),
        respond: (/** @type {number} */ responseCode) => send("Fetch.fulfillRequest", { responseCode, body: btoa("<h1>Oops</h1>") }),
        serve: () => fetch(request.url, { redirect: "manual", headers: request.headers }),
        hold: (/** @type {Promise<unknown>} */ gate) => gate.then(go),
      });
    });
    const patterns = targets.map(([, start]) => ({ urlPattern: `${start}*`, resourceType: "Document" }));
    await this.command("Fetch.enable", { patterns });
  }

  /** @param {string} what @param {() => boolean} isSo */
  async #awaits(what, isSo) {
    const startedAt = Date.now();
    while (!isSo()) {
      const waited = Date.now() - startedAt;
      assert.ok(waited < REAL_TIME_LIMIT_MS, `not ${what}, but at ${this.page.url()}\n  ${this.trail.join("\n  ")}`);
      await sleep(20);
    }
  }
}

/** Runs in the page before all other scripts: injects the bridge when the page's `data-bridge` says. @param {() => void} bridge */
function installBridge(bridge) {
  document.addEventListener("DOMContentLoaded", () => {
    const { bridge: how = "none" } = document.documentElement.dataset;
    if (how === "none") return;
    const native = globalThis.sandboxBridgeCall;
    globalThis.sandboxBridgeCall = async (/** @type {string} */ path, /** @type {object} */ body) => {
      const answer = await globalThis.test.counted(native(path, body));
      return answer.isSilent ? new Promise(() => {}) : answer;
    };
    setTimeout(bridge, how === "late" ? 1_500 : 0);
  });
}
