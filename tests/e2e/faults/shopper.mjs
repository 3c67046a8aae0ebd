// A shopper at one widget: reads its texts, presses its buttons, and pays. The page's clock advances
// only here, and only while no request is pending, so no case waits for real time.
//
// Uses the DevTools protocol directly: a case reads its page hundreds of times, and the matrix has
// hundreds of cases.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { aim, outcome, press } from "../stage/press.mjs";
import { decode } from "../stage/qr.mjs";
import { textPattern } from "../stage/texts.mjs";

/** Maximum time with a spinner and no action: one unanswered gateway call. */
const SPINNER_MS = 23_000;
/** Exceptions by state: the first load is tried four times before an action is offered, and a start
 * that hangs offers alternatives early. */
const STATE_SPINNER_MS = /** @type {Record<string, number>} */ ({ loading: 50_000, starting: 6_500 });
const STEP_MS = 2_000;
/** Real-time limit for what takes no time on the page's clock. */
const REAL_TIME_LIMIT_MS = 15_000;
const WALLETS = /** @type {Record<string, string>} */ ({ wechat_pay: "alipay", alipay: "wechat_pay" });
const IN_BETWEEN = ["none", "loading", "starting", "closing"];
const ENDS = ["succeeded", "failed", "canceled", "expired", "unavailable"];
/** @typedef {import("./page-time.mjs").Screen} Screen */
/** @typedef {import("./case.mjs").Case} Case */
/** @typedef {import("./stage.mjs").Tab} Tab */

/** @type {Screen} */
const NOTHING = { state: "none", isBusy: true, actions: [], text: "", timer: null, pending: 0, isMounted: false };

export class Shopper {
  /** The screens so far, for failure reports. @type {string[]} */
  trail = [];
  /** @type {Tab} */
  page;
  /** @type {Case} */
  case;
  /** @type {any} */
  session;
  /** Milliseconds elapsed on the page's clock. */
  passed = 0;
  /** True if the order was paid on the phone. */
  hasPaid = false;
  #dead = { state: "none", ms: 0 };
  /** @type {any} */
  #protocol;

  /** @param {Tab} page @param {Case} case_ */
  constructor(page, case_) {
    this.page = page;
    this.case = case_;
    this.session = case_.session;
  }

  /** @param {Tab} page @param {Case} case_ @param {string | null} [_label] */
  static async before(page, case_, _label) {
    return new Shopper(page, case_).open();
  }

  /** @internal */
  async open() {
    this.#protocol = await this.page.context().newCDPSession(this.page);
    return this;
  }

  /** Releases the tab. */
  async leave() {}

  /** Listens to a DevTools protocol event. @param {string} name @param {(event: any) => void} act */
  listen(name, act) {
    this.#protocol.on(name, act);
  }

  /** Closes the DevTools session, which resets this tab's emulation. */
  async detach() {
    await this.#protocol.detach().catch(() => {});
  }

  /** Sends a DevTools protocol command. @param {string} name @param {object} [parameters] @returns {Promise<any>} */
  command(name, parameters) {
    return this.#protocol.send(name, parameters);
  }

  /** Runs a function in the page; undefined if the page was closed or left before it returned. @param {Function | string} act @param {unknown} [argument] @returns {Promise<any>} */
  async run(act, argument) {
    const expression = `(${act})(${JSON.stringify(argument)})`;
    const options = { expression, awaitPromise: true, returnByValue: true };
    const answer = await this.command("Runtime.evaluate", options).catch(() => null);
    if (answer?.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description ?? expression);
    return answer?.result.value;
  }

  look() {
    return this.#note(() => globalThis.test?.look());
  }

  /** Advances the page's clock, firing due timers, until the time is up or the screen changes. @param {number} ms */
  async advance(ms) {
    const screen = await this.#note((/** @type {number[]} */ [ms, held]) => globalThis.test.advance(ms, held), [ms, this.case.proxy.held]);
    this.passed += screen.passedMs ?? 0;
    return screen;
  }

  /**
   * Advances the clock until the screen fulfils a condition, and returns the screen.
   * @param {string} what for the message
   * @param {(screen: Screen) => boolean} isWanted
   * @param {number} limitMs the limit on the page's clock, which runs ahead of the
   *   backend's: by default longer than the heartbeat timeout of the event stream
   */
  async until(what, isWanted, limitMs = 60_000) {
    const startedAt = this.passed;
    let realStartedAt = Date.now();
    let screen = await this.look();
    for (;;) {
      if (isWanted(screen)) return screen;
      if (!screen.isMounted || screen.pending > this.case.proxy.held) {
        // A request is pending in real time: the page's clock waits for it.
        assert.ok(Date.now() - realStartedAt < REAL_TIME_LIMIT_MS, this.#report(`${what}: no progress`));
        screen = await this.#note((/** @type {number} */ held) => globalThis.test?.settle(held), this.case.proxy.held);
        continue;
      }
      const leftMs = limitMs - (this.passed - startedAt);
      assert.ok(leftMs > 0, this.#report(`${what}: not within ${limitMs / 1_000} s`));
      realStartedAt = Date.now();
      screen = await this.advance(Math.min(STEP_MS, leftMs));
      this.#assertAlive(screen);
    }
  }

  /**
   * Waits in real time for an update that is pushed by the stream; the page's clock does not advance.
   * @param {string} what @param {(screen: Screen) => boolean} isWanted
   */
  async untilPushed(what, isWanted) {
    const startedAt = Date.now();
    for (;;) {
      const screen = await this.#note((/** @type {number} */ held) => globalThis.test?.settle(held), this.case.proxy.held);
      if (isWanted(screen)) return screen;
      assert.ok(Date.now() - startedAt < REAL_TIME_LIMIT_MS, this.#report(`${what}: no update pushed`));
      await sleep(20);
    }
  }

  /** Fails if a spinner was shown for too long with no action. @param {Screen} screen */
  #assertAlive({ state, isBusy, actions, passedMs = 0 }) {
    const isDead = isBusy && actions.length === 0;
    const before = isDead && this.#dead.state === state ? this.#dead.ms : 0;
    this.#dead = { state, ms: isDead ? before + passedMs : 0 };
    const bound = STATE_SPINNER_MS[state] ?? SPINNER_MS;
    assert.ok(this.#dead.ms <= bound, this.#report(`a spinner and no action for ${bound / 1_000} s`));
  }

  /** Waits for one of the states. @param {...string} states */
  state(...states) {
    return this.until(states.join(" or "), ({ state }) => states.includes(state));
  }

  /** Waits until the shopper can act, and fails if a text or a button label is missing. */
  async untilActionable(limitMs = 80_000) {
    const { proxy } = this.case;
    const isIdle = (/** @type {Screen} */ screen) => isActionable(screen) && screen.pending <= proxy.held;
    const screen = await this.until("an action", isIdle, limitMs);
    assert.ok(screen.text.length > 10, this.#report("no text"));
    assert.ok(screen.actions.every((name) => name.length > 1), this.#report("a button without a label"));
    return screen;
  }

  /** Fails unless the screen becomes idle and offers an action, or the payment succeeded. */
  async assertCanContinue() {
    const { state, actions } = await this.untilActionable();
    assert.ok(state === "succeeded" || actions.length > 0, this.#report("no action"));
  }

  /** True if a text of the widget is on a screen. @param {Screen} screen @param {string} key */
  reads(screen, key) {
    return new RegExp(pattern(key), "s").test(screen.text);
  }

  /** True if a button with this text can be pressed on a screen. @param {Screen} screen @param {string} key */
  offers(screen, key) {
    return screen.actions.some((name) => textPattern("en", key).test(name));
  }

  /** Presses the button with this text, with a mouse. @param {string} key */
  async press(key) {
    this.trail.push(`presses ${key}`);
    await this.#press("button:not(:disabled)", key);
  }

  /** Presses a button several times in one task, before the page can render. @param {string} key @param {number} times */
  async pressRepeatedly(key, times) {
    await this.run((/** @type {[string, number]} */ [pattern, times]) => {
      const button = globalThis.test.find("button:not(:disabled)", pattern);
      for (let count = 0; count < times; count += 1) button?.click();
    }, [pattern(key), times]);
  }

  /** Follows the link with this text to another page. @param {string} key */
  async follow(key) {
    this.trail.push(`follows ${key}`);
    await Promise.all([this.page.waitForEvent("framenavigated"), this.#press("a[href]", key)]);
  }

  /** @param {string} method */
  async choose(method) {
    await this.#press("label", method);
  }

  /** Picks a wallet and presses "pay". */
  async pay(method = this.case.wallet) {
    await this.choose(method);
    await this.untilPushed("the picked wallet", ({ picked }) => picked === method);
    await this.press("pay");
    await this.until("the payment begins", ({ state }) => state !== "selecting");
  }

  /** Waits for the selector, picks a wallet and presses "pay". */
  async begin(method = this.case.wallet) {
    await this.state("selecting");
    await this.pay(method);
  }

  /**
   * Returns the content of the QR code, decoded from a screenshot.
   * @param {{ ends?: string[] }} [options] the states in which no code is expected
   */
  async code({ ends = ENDS } = {}) {
    const isCode = (/** @type {Screen} */ { state, isBusy }) => state === "awaiting" && !isBusy;
    for (let tries = 1; ; tries += 1) {
      const screen = await this.until("a code", (screen) => isCode(screen) || ends.includes(screen.state));
      assert.ok(isCode(screen), this.#report("there is no code"));
      try {
        // Another tab may end this payment at any moment; then there is no code.
        return decode(await this.capture(await this.#codeBox()));
      } catch (error) {
        // On a busy machine the screenshot may still show the previous frame.
        if (tries === 10) throw error;
        await sleep(30);
      }
    }
  }

  /** Scans the code on the screen with the wallet phone, and pays. */
  async scanAndApprove() {
    const code = await this.code();
    await this.case.servers.phone("approve", code);
    this.hasPaid = true;
    this.trail.push("paid on the phone");
  }

  /** @param {number} [limitMs] */
  untilPaid(limitMs) {
    return this.until("paid", ({ state }) => state === "succeeded", limitMs);
  }

  /**
   * Follows the widget's actions from any screen until the order is paid.
   * @param {{ limitMs?: number }} [options] the limit for "paid" to be shown
   */
  async payUntilComplete({ limitMs = 60_000 } = {}) {
    for (let turn = 0; turn < 10; turn += 1) {
      const screen = await this.untilActionable();
      this.trail.push(`${screen.state}: ${screen.text.slice(0, 120)}`);
      switch (screen.state) {
        case "succeeded":
          return;
        case "selecting":
          await this.pay();
          break;
        case "awaiting":
          if (this.offers(screen, "refresh")) {
            await this.press("refresh");
            await this.until("a fresh code", ({ isBusy }) => !isBusy);
          } else {
            if (!this.hasPaid) await this.#payUnlessCanceled();
            if (this.hasPaid) await this.untilPaid(limitMs);
          }
          break;
        case "confirming":
          if (this.hasPaid) await this.untilPaid(limitMs);
          else {
            await this.press("check");
            await this.until("an answer", ({ state }) => state !== "confirming");
          }
          break;
        case "canceled":
        case "failed":
        case "unavailable":
          assert.ok(this.offers(screen, "retry"), this.#report("no button to retry"));
          await this.press("retry");
          await this.until("another screen", ({ state }) => state !== screen.state);
          break;
        default:
          assert.fail(this.#report(`no action in ${screen.state}`));
      }
    }
    assert.fail(this.#report("ten steps and not paid"));
  }

  /** Scans and pays, unless a pending cancel is quicker. */
  async #payUnlessCanceled() {
    await this.case.assertOnePayable();
    try {
      await this.scanAndApprove();
    } catch (error) {
      if (this.case.proxy.count("cancel") === 0) throw error;
      await this.until(`the cancel, as ${/** @type {Error} */ (error).message}`, ({ state }) => state !== "awaiting", 5_000);
    }
  }

  /** Sets this tab's network offline or online; open connections are lost. @param {boolean} isOffline */
  async setOffline(isOffline) {
    await this.command("Network.enable");
    await this.command("Network.emulateNetworkConditions", {
      offline: isOffline, latency: 0, downloadThroughput: -1, uploadThroughput: -1,
    });
    if (isOffline) this.case.proxy.breakConnections();
    await this.#wait(isOffline ? "offline" : "online", isOffline ? () => !navigator.onLine : () => navigator.onLine);
  }

  async hide() {
    this.page.isMinimized = true;
    await this.#wait("hidden", () => document.hidden, () => this.#window("minimized"));
  }

  async show() {
    await this.#wait("shown", () => !document.hidden, () => this.#window("normal"));
    this.page.isMinimized = false;
  }

  /** Freezes the page's timers and tasks, as browsers do with tabs that were hidden for long. */
  async freeze() {
    await this.command("Page.setWebLifecycleState", { state: "frozen" });
    await this.#wait("frozen", () => globalThis.test.pageEvents.includes("freeze"));
  }

  async thaw() {
    await this.command("Page.setWebLifecycleState", { state: "active" });
    await this.#wait("thawed", () => globalThis.test.pageEvents.includes("resume"));
  }

  /** Navigates to another page; `goBack` fails unless this one is restored from the back-forward cache. */
  async navigateAway() {
    await this.page.goto(`${this.case.proxy.pageUrl}/elsewhere`);
  }

  async goBack() {
    await this.run(() => history.back());
    await this.#wait("restored", () => globalThis.test?.pageEvents.includes("restored"));
  }

  /** Sets the state of the tab's window. @param {string} windowState */
  async #window(windowState) {
    const { windowId } = await this.command("Browser.getWindowForTarget");
    await this.command("Browser.setWindowBounds", { windowId, bounds: { windowState } });
  }

  /**
   * Waits until a function in the page returns true, and repeats an action while it does not.
   * @param {string} what @param {() => boolean} isSo @param {() => Promise<void>} [act]
   */
  async #wait(what, isSo, act = async () => {}) {
    const startedAt = Date.now();
    for (let tries = 0; ; tries += 1) {
      if (tries % 50 === 0) await act();
      if (await this.run(isSo).catch(() => false)) return;
      assert.ok(Date.now() - startedAt < REAL_TIME_LIMIT_MS, this.#report(`the page is not ${what}`));
      await sleep(10);
    }
  }

  /** Presses the element with this text, see `stage/press.mjs`. @param {string} selector @param {string} key */
  #press(selector, key) {
    const find = `globalThis.test.find(${JSON.stringify(selector)}, ${JSON.stringify(pattern(key))})`;
    return press({
      aim: () => this.run(`() => { const element = ${find}; return element && (${aim})(element); }`),
      click: (point) => this.click(point),
      outcome: () => this.run(outcome),
      fail: (reason) => this.#report(`a press of ${selector} ${key}: ${reason}`),
    });
  }

  /** The box of the code, scrolled into view. */
  #codeBox() {
    return this.run(() => globalThis.test.box(globalThis.test.find("[part~=qr-code]", "")));
  }

  /** Makes a screenshot of a part of the page. @param {{ left: number, top: number, width: number, height: number }} box @returns {Promise<Buffer>} */
  async capture({ left, top, width, height }) {
    const clip = { x: left, y: top, width, height, scale: 1 };
    const options = { clip, optimizeForSpeed: true, captureBeyondViewport: true };
    const { data } = await this.command("Page.captureScreenshot", options);
    return Buffer.from(data, "base64");
  }

  /** Presses a point of the viewport with the mouse. @param {{ x: number, y: number }} point */
  async click({ x, y }) {
    const mouse = (/** @type {string} */ type, more = {}) => this.command("Input.dispatchMouseEvent", { type, x, y, ...more });
    await mouse("mouseMoved");
    await mouse("mousePressed", { button: "left", clickCount: 1 });
    await mouse("mouseReleased", { button: "left", clickCount: 1 });
  }

  /** @param {Function} act @param {unknown} [argument] @returns {Promise<Screen>} */
  async #note(act, argument) {
    const screen = (await this.run(act, argument)) ?? NOTHING;
    const seen = `${screen.state}${screen.isBusy ? " (busy)" : ""} [${screen.actions.join(" | ")}]`;
    if (this.trail.at(-1)?.split(" @")[0] !== seen) {
      this.trail.push(`${seen} @${Math.round(this.passed) / 1_000}s ${screen.text.slice(0, 200)}`);
    }
    return screen;
  }

  /** @param {string} what */
  #report(what) {
    return `${what}\n  ${this.trail.join("\n  ")}`;
  }
}

/** Returns the other wallet. @param {string} wallet */
export const other = (wallet) => WALLETS[wallet];

/** Returns a text of the widget as a pattern that matches anywhere on the screen. @param {string} key */
const pattern = (key) => textPattern("en", key).source.replace(/^\^\\s\*/, "");

/** True if the widget is not busy, or offers an action while it is confirming. @param {Screen} screen */
function isActionable({ state, isBusy, actions }) {
  if (IN_BETWEEN.includes(state)) return false;
  return !isBusy || (state === "confirming" && actions.length > 0);
}
