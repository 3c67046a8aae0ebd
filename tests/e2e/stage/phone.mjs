// Drives the sandbox's wallet phone in its own page.

const WALLETS = /** @type {Record<string, RegExp>} */ ({ wechat_pay: /WeChat/, alipay: /Alipay/ });

export class Phone {
  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
  }

  /** Picks the wallet, pastes what the camera read, and scans. @param {string} wallet @param {string} code */
  async scan(wallet, code) {
    await this.page.getByRole("radio", { name: WALLETS[wallet] }).check();
    await this.page.getByLabel(/Paste the code/).fill(code);
    await this.page.getByRole("button", { name: "Scan the code" }).click();
    await this.page.getByRole("heading", { name: /Confirm the payment/ }).waitFor();
  }

  /** Returns the amount that the phone shows. */
  async amount() {
    return (await this.page.locator("#order-amount").innerText()).trim();
  }

  async approve() {
    await this.page.getByRole("button", { name: /Approve/ }).click();
    await this.page.getByRole("heading", { name: /Payment successful/ }).waitFor();
  }

  async refuse() {
    await this.page.getByRole("button", { name: /Refuse/ }).click();
    await this.page.getByRole("heading", { name: /Payment refused/ }).waitFor();
    await this.page.getByRole("button", { name: "Scan another code" }).click();
  }

  /** Returns the phone's error message. */
  async complaint() {
    const message = this.page.getByRole("status");
    await message.filter({ hasText: /\S/ }).waitFor();
    return message.innerText();
  }
}
