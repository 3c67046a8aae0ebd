// The playground: each control changes the widget and the code, and each state is reached.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { SCRIPTS } from "../../docs/playground/backend.js";
import { axeSource } from "./stage/packages.mjs";
import { stage } from "./stage/scenario.mjs";
import { Widget } from "./stage/widget.mjs";

/** @typedef {import("./stage/scenario.mjs").Visit} Visit */

const scenario = stage();
const PICTURES = process.env.OPENCASHIER_SCREENS;
/** Console errors that the states "unavailable" and "failed" cause on purpose. */
const expected = [/^open-cashier: client_secret_invalid: /];

/** @param {Visit} visit @param {object} [size] */
async function playground(visit, size) {
  const page = await visit.context.newPage();
  if (size) await page.setViewportSize(/** @type {any} */ (size));
  await page.goto(`${visit.servers.shopUrl}/playground/`);
  const widget = new Widget(page);
  const code = () => page.locator("#code").innerText();
  const set = (/** @type {string} */ name, /** @type {string} */ value) => page.locator(`select[name=${name}]`).selectOption(value);
  await widget.isLiveSelector();
  return { page, widget, code, set };
}

/** @param {import("playwright-core").Page} page @param {string} name */
async function picture(page, name) {
  if (!PICTURES) return;
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `playground-${name}.png`), fullPage: true });
}

scenario("every state is reached, with either wallet", async (visit) => {
  const { page, widget, set } = await playground(visit);
  for (const wallet of ["wechat_pay", "alipay"]) {
    await set("wallet", wallet);
    for (const state of Object.keys(SCRIPTS)) {
      await set("state", state);
      await page.locator(`open-cashier[data-state=${state}]`).waitFor().catch((error) => {
        throw new Error(`${state} with ${wallet} is not reached: ${error.message}`);
      });
      if (state === "awaiting") assert.match(await widget.code(), wallet === "alipay" ? /^https:\/\/qr\.alipay\.com/ : /^weixin:/);
      if (state === "awaiting") await picture(page, "awaiting");
    }
  }
}, { expected, timeout: 120_000 });

scenario("every option changes the widget and the code", async (visit) => {
  const { page, widget, code, set } = await playground(visit);
  assert.doesNotMatch(await code(), /layout|locale|appearance/);
  await picture(page, "selecting");

  await set("locale", "zh-Hans");
  await new Widget(page, { lang: "zh-CN" }).says("choose");
  assert.match(await code(), /^ {2}locale="zh-Hans"$/m);
  await set("locale", "en");
  await widget.says("choose");

  for (const layout of ["tabs", "list"]) {
    await set("layout", layout);
    await widget.host.locator(`.${layout}, [data-layout=${layout}]`).first().waitFor({ state: "attached" });
    assert.match(await code(), new RegExp(`^  layout="${layout}"$`, "m"));
  }
  await set("paymentMethods", "alipay");
  await widget.radio("wechat_pay").waitFor({ state: "detached" });
  assert.match(await code(), /payment-methods="alipay"/);
  await set("paymentMethods", "");
  await set("paymentMethodOrder", "wechat_pay");
  const first = () => widget.host.evaluate((host) => /** @type {HTMLInputElement} */ (host.shadowRoot?.querySelector("input[type=radio]")).value);
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector("open-cashier")).shadowRoot.querySelector("input[type=radio]").value === "wechat_pay");
  assert.equal(await first(), "wechat_pay");
  assert.match(await code(), /payment-method-order="wechat_pay"/);

  await page.getByLabel("Pay button").uncheck();
  await widget.button("pay").waitFor({ state: "detached" });
  assert.match(await code(), /show-pay-button="false"/);
  await page.getByLabel("Pay button").check();
  await page.getByLabel("Read only").check();
  await widget.says("read_only");
  assert.match(await code(), /^ {2}read-only$/m);
  await page.getByLabel("Read only").uncheck();

  await set("theme", "night");
  await page.locator("[name=colorPrimary]").fill("#ffb000");
  await widget.radio("wechat_pay").check();
  const color = await widget.button("pay").evaluate((button) => getComputedStyle(button).backgroundColor);
  assert.equal(color, "rgb(255, 176, 0)");
  assert.match(await code(), /appearance='\{"theme":"night","variables":\{"colorPrimary":"#ffb000"\}\}'/);
  await picture(page, "night");
  await page.getByRole("button", { name: "JavaScript" }).click();
  assert.match(await code(), /appearance: \{ theme: "night", variables: \{ colorPrimary: "#ffb000" \} \},/);
  await page.getByRole("button", { name: "React" }).click();
  assert.match(await code(), /appearance=\{\{ theme: "night"/);

  await set("environment", "mobile_browser");
  await widget.pay("alipay");
  await page.locator("#events").getByText("before-redirect").waitFor();
  assert.match(await code(), /environment="mobile_browser"/);
  assert.match(page.url(), /\/playground\/$/);
  await page.getByRole("button", { name: "Reset all" }).click();
  await widget.is("selecting");
  assert.doesNotMatch(await code(), /layout|environment|appearance/);
});

scenario("the shopper pays, refuses and cancels in the playground", async (visit) => {
  const { page, widget } = await playground(visit);
  await widget.payByCode("alipay");
  await page.getByRole("button", { name: "Pay in the wallet" }).click();
  await widget.isPaid();
  await page.locator("#events").getByText("payment-completed").waitFor();
  await page.getByRole("button", { name: "Reset all" }).click();
  await widget.payByCode("wechat_pay");
  await page.getByRole("button", { name: "Refuse in the wallet" }).click();
  await widget.is("failed");
  await page.getByRole("button", { name: "Reset all" }).click();
  await widget.payByCode("alipay");
  await page.getByRole("button", { name: "cancel()" }).click();
  await widget.is("canceled");
  await page.getByRole("button", { name: "Reset all" }).click();
  await widget.is("selecting");
  await page.getByRole("button", { name: "confirm()" }).click();
  await page.locator("#events").getByText("nothing_selected").waitFor();
});

scenario("the playground is accessible, and fits a phone", async (visit) => {
  const { page } = await playground(visit, { width: 360, height: 800 });
  await picture(page, "phone");
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= window, `${content} px of content on a page of ${window} px`);
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => (await /** @type {any} */ (globalThis).axe.run(document)).violations);
  assert.deepEqual(violations.map((/** @type {any} */ { id, nodes }) => `${id} ${nodes[0].target}`), []);
});
