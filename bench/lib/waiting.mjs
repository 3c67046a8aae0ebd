// @ts-check
// A shopper who waits before a code while a fake clock advances: the page's by Playwright, the
// merchant's in steps of its heartbeat.
import { visit } from "./browser.mjs";
import { probe } from "./probe.mjs";

/** The same as the reference backend's. */
const HEARTBEAT_MS = 15_000;

export class Waiting {
  passedMs = 0;
  /** @type {any} */ page;
  /** @type {any} */ cdp;
  /** @type {any} */ context;
  /** @type {any} */ stage;

  /**
   * Opens the page and starts a payment, so that a code is shown.
   * @param {any} browser
   * @param {import("../peers/server.mjs").Stage} stage
   * @param {{ isStreamless?: boolean }} [how] `isStreamless`: event streams are refused
   */
  static async before(browser, stage, { isStreamless = false } = {}) {
    const { merchant } = stage;
    merchant.forget();
    Object.assign(merchant, { isStreamless, aheadMs: 0 });
    const { context, page, cdp } = await visit(browser);
    await page.clock.install();
    await page.addInitScript(probe, "opencashier");
    await page.goto(stage.begin("opencashier").url);
    await page.getByRole("radio", { name: "WeChat Pay" }).check();
    await page.locator("open-cashier button[type=submit]").click();
    await page.locator('open-cashier [data-state="awaiting"] svg[role=img]').waitFor();
    // From here on only `pass` advances the clock.
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
    merchant.calls.length = 0;
    return new Waiting(stage, { context, page, cdp });
  }

  /** @param {import("../peers/server.mjs").Stage} stage @param {{ context: any, page: any, cdp: any }} parts */
  constructor(stage, { context, page, cdp }) {
    Object.assign(this, { stage, context, page, cdp });
  }

  /** Advances both clocks. @param {number} ms */
  async pass(ms) {
    const { merchant } = this.stage;
    for (let left = ms; left > 0; left -= HEARTBEAT_MS) {
      const step = Math.min(left, HEARTBEAT_MS);
      merchant.aheadMs += step;
      merchant.beat();
      // In small steps, so that an answer can arrive before the next timer is due.
      for (let part = 0; part < step; part += 1_000) {
        await this.page.clock.runFor(Math.min(1_000, step - part));
        await this.#settled();
      }
      this.passedMs += step;
    }
  }

  /** Hides the page from the shopper, or shows it. @param {boolean} isHidden */
  async hide(isHidden) {
    await this.page.evaluate((/** @type {boolean} */ isHidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, value: isHidden });
      Object.defineProperty(document, "visibilityState", { configurable: true, value: isHidden ? "hidden" : "visible" });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);
    await this.#settled();
  }

  /** The number of requests since the code was shown. */
  get requests() {
    return this.stage.merchant.calls.length;
  }

  async end() {
    await this.context.close();
    this.stage.merchant.forget();
    Object.assign(this.stage.merchant, { isStreamless: false, aheadMs: 0 });
  }

  /** Waits for a round trip, so that all pending answers have arrived. */
  async #settled() {
    await this.page.evaluate(() => fetch("/blank").then((response) => response.text()));
  }
}
