// A shopper of the fault matrix in any engine.
import { launch, openPage } from "../stage/engines/engines.mjs";
import { EnginePage } from "../stage/engines/page.mjs";
import { Shopper } from "./shopper.mjs";

const SIZE = { width: 500, height: 700 };

/** What `Case` needs of a browser, in any engine. */
export class EngineBrowser {
  shoppers = EngineShopper;
  needsScript = true;
  #browser;
  /** Profiles that still exist. @type {Set<any>} */
  #profiles = new Set();

  /** @param {string} engine */
  static async start(engine) {
    return new EngineBrowser(await launch(engine));
  }

  /** @param {import("../stage/engines/engines.mjs").Browser} browser */
  constructor(browser) {
    this.#browser = browser;
  }

  /** Opens a tab in a new profile, or in that of the case's first tab. @param {CasePage} [sibling] */
  async page(sibling) {
    const page = new CasePage((await openPage(this.#browser, sibling)).tab);
    this.#profiles.add(page.tab.profile);
    await page.setViewportSize(SIZE);
    return page;
  }

  /** Closes all tabs of the profile. @param {CasePage} page */
  async release({ tab }) {
    if (this.#profiles.delete(tab.profile)) await this.#browser.forget(tab);
  }

  stop() {
    return this.#browser.close();
  }
}

/** A page with the part of Playwright's `Page` that `Case` uses besides. */
class CasePage extends EnginePage {
  isPrepared = true;

  /** The console's errors are in `problems`; other events are not observed. */
  on() {}
}

class EngineShopper extends Shopper {
  /** @param {any} page @param {import("./case.mjs").Case} case_ */
  static async before(page, case_) {
    return new EngineShopper(page, case_);
  }

  /** @param {Function | string} act @param {unknown} [argument] @returns {Promise<any>} */
  async run(act, argument) {
    try {
      return await this.#page.evaluate(/** @type {any} */ (act), argument ?? null);
    } catch (error) {
      // The page may be closed, or be replaced by another.
      this.trail.push(String(error).slice(0, 200));
      return undefined;
    }
  }

  /** The whole viewport: the code was scrolled into it. */
  async capture() {
    return this.#page.tab.capture();
  }

  /** @param {{ x: number, y: number }} point */
  async click({ x, y }) {
    await this.#page.tab.click(x, y);
  }

  get #page() {
    return /** @type {EnginePage} */ (/** @type {unknown} */ (this.page));
  }
}
