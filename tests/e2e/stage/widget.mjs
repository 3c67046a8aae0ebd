// One widget on a page, found by role and name as assistive technology finds it.
import { decode } from "./qr.mjs";
import { words } from "./texts.mjs";

export class Widget {
  /**
   * @param {import("playwright-core").Page} page
   * @param {{ host?: import("playwright-core").Locator, lang?: "en" | "zh-CN", session?: any }} [more]
   */
  constructor(page, { host = page.locator("open-cashier"), lang = "en", session = null } = {}) {
    Object.assign(this, { page, host, lang, session });
  }

  /** Waits until the widget is in a state of the machine. */
  async is(state) {
    await this.host.locator(`[data-state="${state}"]`).waitFor();
  }

  text(key) {
    return words(this.lang, key);
  }

  button(key) {
    return this.host.getByRole("button", { name: this.text(key) });
  }

  link(key) {
    return this.host.getByRole("link", { name: this.text(key) });
  }

  radio(method) {
    return this.host.getByRole("radio", { name: this.text(method) });
  }

  /** Waits for a text that a shopper can read. */
  async says(key) {
    await this.host.getByText(this.text(key)).first().waitFor();
  }

  async choose(method) {
    await this.radio(method).check();
  }

  /** Picks a wallet and presses "pay". */
  async pay(method) {
    await this.choose(method);
    await this.button("pay").click();
  }

  /** Picks a wallet and returns what its QR code holds, read off a picture of the widget. */
  async payByCode(method) {
    await this.pay(method);
    return this.code();
  }

  /** What the code on the screen holds, read off a picture of the widget. */
  async code() {
    await this.is("awaiting");
    await this.host.getByRole("img", { name: this.text("qr_label") }).waitFor();
    return decode(await this.host.screenshot());
  }

  /** Waits until the widget says "paid". */
  async isPaid() {
    await this.is("succeeded");
    await this.host.getByRole("heading", { name: this.text("succeeded") }).waitFor();
  }

  async amount() {
    return (await this.host.locator("[part~=amount]").innerText()).trim();
  }

  /** Collects the element's events from now on; the result reads what came so far. */
  async listen(...names) {
    await this.host.evaluate((host, names) => {
      host.heard = [];
      for (const name of names) {
        host.addEventListener(`cashier-${name}`, (event) => host.heard.push({ name, detail: event.detail }));
      }
    }, names);
    return () => this.host.evaluate((host) => host.heard);
  }

  /** Waits until the keyboard's focus is inside this widget: it is moved after a screen is painted. */
  async hasFocus() {
    const widget = await this.host.elementHandle();
    await this.page.waitForFunction((host) =>
      document.activeElement === host && Boolean(host.shadowRoot?.activeElement), widget);
  }
}
