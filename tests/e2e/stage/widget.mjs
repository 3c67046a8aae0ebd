// Page object of one widget. Elements are found by role and name, as by assistive technology.
import { decode } from "./qr.mjs";
import { textPattern } from "./texts.mjs";

export class Widget {
  /**
   * @param {import("playwright-core").Page} page
   * @param {{ host?: import("playwright-core").Locator, lang?: string, session?: any }} [more]
   */
  constructor(page, { host = page.locator("open-cashier"), lang = "en", session = null } = {}) {
    this.page = page;
    this.host = host;
    this.lang = lang;
    /** The session as the merchant's server opened it. */
    this.session = session;
  }

  /** Waits until the widget is in a state of the machine. @param {string} state */
  async is(state) {
    await this.host.locator(`[data-state="${state}"]`).waitFor();
  }

  /**
   * Waits until the live app has replaced the prerendered selector, which is in the same state: only the
   * app says to screen readers that a wallet can be chosen. An element of the prerendered one has no
   * style and no box once it is replaced, and `innerText` knows no lines of it.
   */
  async isLiveSelector() {
    await this.host.locator('[data-state="selecting"] > .live:not(:empty)').waitFor({ state: "attached" });
  }

  /** @param {string} key */
  text(key) {
    return textPattern(this.lang, key);
  }

  /** @param {string} key */
  button(key) {
    return this.host.getByRole("button", { name: this.text(key) });
  }

  /** @param {string} key */
  link(key) {
    return this.host.getByRole("link", { name: this.text(key) });
  }

  /** @param {string} method */
  radio(method) {
    return this.host.getByRole("radio", { name: this.text(method) });
  }

  /** Waits for a text that a shopper can read. @param {string} key */
  async says(key) {
    await this.host.getByText(this.text(key)).first().waitFor();
  }

  /** @param {string} method */
  async choose(method) {
    await this.radio(method).check();
  }

  /** Picks a wallet and presses "pay". @param {string} method */
  async pay(method) {
    await this.choose(method);
    await this.button("pay").click();
  }

  /** Picks a wallet and returns the content of its QR code, decoded from a screenshot. @param {string} method */
  async payByCode(method) {
    await this.pay(method);
    return this.code();
  }

  /** The content of the code on the screen, decoded from a screenshot. */
  async code() {
    await this.is("awaiting");
    await this.host.getByRole("img", { name: this.text("qr_label") }).waitFor();
    return decode(await this.host.screenshot());
  }

  /** Asks for a code on the guide, later than the 50 ms in which two presses are a double press. */
  async payByGuideCode() {
    await this.is("guiding");
    await this.page.waitForTimeout(100);
    await this.button("guide_code").click();
  }

  /** Waits until the widget says "paid". */
  async isPaid() {
    await this.is("succeeded");
    await this.host.getByRole("heading", { name: this.text("succeeded") }).waitFor();
  }

  async amount() {
    return (await this.host.locator("[part~=amount]").innerText()).trim();
  }

  /** Records the element's events; the returned function reads them. @param {...string} names */
  async listen(...names) {
    await this.host.evaluate((/** @type {any} */ host, names) => {
      host.events = [];
      for (const name of names) {
        host.addEventListener(`cashier-${name}`, (/** @type {CustomEvent} */ event) => host.events.push({ name, detail: event.detail }));
      }
    }, names);
    return () => this.host.evaluate((/** @type {any} */ host) => host.events);
  }

  /** Waits until the keyboard's focus is inside this widget: it is moved after a screen is painted. */
  async hasFocus() {
    const widget = await this.host.elementHandle();
    await this.page.waitForFunction((host) =>
      document.activeElement === host && Boolean(/** @type {Element} */ (host).shadowRoot?.activeElement), widget);
  }
}
