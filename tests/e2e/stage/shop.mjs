// The storefront, used by a shopper.
import { Widget } from "./widget.mjs";

const TEXTS = /** @type {const} */ ({
  en: { checkOut: "Check out", paid: "Order paid", tea: "Quantity of Longjing tea" },
  "zh-CN": { checkOut: "去结算", paid: "订单已支付", tea: "明前龙井数量" },
});

/** @typedef {keyof typeof TEXTS} Lang */

export class Shop {
  /** @param {import("playwright-core").Page} page @param {import("./servers.mjs").Servers} servers @param {Lang} [lang] */
  static async open(page, servers, lang = "en") {
    await page.goto(`${servers.shopUrl}/`);
    const shop = new Shop(page, lang);
    await page.locator("#total").filter({ hasText: "¥" }).waitFor();
    return shop;
  }

  /** @param {import("playwright-core").Page} page @param {Lang} lang */
  constructor(page, lang) {
    this.page = page;
    this.lang = lang;
    this.texts = TEXTS[lang];
    this.widget = new Widget(page, { lang });
  }

  /** @param {number} quantity */
  async order(quantity) {
    await this.page.getByLabel(this.texts.tea).fill(String(quantity));
  }

  async total() {
    return (await this.page.locator("#total").innerText()).trim();
  }

  /** Checks out and waits for the selector. Returns the order's number. */
  async checkOut() {
    await this.page.getByRole("button", { name: this.texts.checkOut }).click();
    await this.widget.is("selecting");
    return this.page.locator("#order-number").innerText();
  }

  /** The order as the shop's own server knows it. @param {string} id */
  readOrder(id) {
    return this.page.evaluate(async (/** @type {string} */ id) => (await fetch(`/orders/${id}`)).json(), id);
  }

  /** Pays on the gateway's page and waits for the return to the shop. @param {import("./servers.mjs").Servers} servers */
  async payAtGateway({ shopUrl }) {
    await this.page.getByRole("button", { name: /Pay now/ }).click();
    await this.page.waitForURL(`${shopUrl}/**`);
  }

  async isPaid() {
    await this.page.getByRole("heading", { name: this.texts.paid }).waitFor();
  }
}
