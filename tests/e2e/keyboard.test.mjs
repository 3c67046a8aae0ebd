// Keyboard-only use, and announcements for screen readers.
import assert from "node:assert/strict";

import { stage } from "./stage/scenario.mjs";
import { Widget } from "./stage/widget.mjs";

/** @typedef {import("playwright-core").Page} Page */

const scenario = stage();

for (const method of ["wechat_pay", "alipay"]) {
  scenario(`from cart to paid with ${method} by keyboard alone`, async (visit) => {
    const shop = await visit.shop();
    const { page, widget } = shop;
    const keys = page.keyboard;
    await tabTo(page, page.getByRole("button", { name: "Check out" }));
    await keys.press("Enter");
    await widget.is("selecting");

    await tabTo(page, widget.host.getByRole("radio"));
    await keys.press("Space");
    const value = () => widget.host.getByRole("radio", { checked: true }).getAttribute("value");
    if ((await value()) !== method) await keys.press("ArrowDown");
    assert.equal(await value(), method);
    await keys.press("Enter");
    await widget.is("awaiting");
    await widget.hasFocus();

    await tabTo(page, widget.button("paid"));
    await keys.press("Enter");
    await widget.says("not_paid_yet");
    await widget.hasFocus();
    await visit.servers.phone("approve", await widget.code(), method);
    await widget.isPaid();
    await widget.hasFocus();
  });
}

scenario("B9: Enter and Space in the wallets pay nothing where the shop has hidden the button", async (visit) => {
  const widget = await visit.embed(null, { "show-pay-button": "false" });
  await widget.is("selecting");
  await widget.radio("alipay").focus();
  for (const key of ["Space", "Enter", "ArrowDown", "Enter"]) await widget.page.keyboard.press(key);
  assert.ok(await widget.radio("wechat_pay").isChecked());
  // The start would have been sent before this answer comes.
  await widget.page.evaluate((url) => fetch(url), `${visit.servers.shopUrl}/shop.json`);
  await widget.is("selecting");
  assert.equal((await visit.servers.readSession(widget.session.id)).payment, undefined);
  await widget.host.evaluate((/** @type {any} */ host) => void host.confirm());
  await widget.is("awaiting");
});

scenario("B39: a click on the code or on a text focuses no button, and Space presses none", async (visit) => {
  const widget = await visit.embed();
  await widget.payByCode("wechat_pay");
  await widget.host.locator(".qr").click();
  await widget.page.keyboard.press("Space");
  await widget.host.getByRole("heading", { name: widget.text("scan") }).click();
  await widget.page.keyboard.press("Space");
  await widget.is("awaiting");
  assert.equal(await widget.host.evaluate((host) => host.shadowRoot?.activeElement?.localName), "h2", "the heading");
});

scenario("after \"try again\" the focus is on the heading, while the session is loaded and after", async (visit) => {
  const session = await visit.servers.openSession();
  /** @type {(route: import("playwright-core").Route) => Promise<unknown>} */
  let answer = (route) => route.fulfill({ status: 404, contentType: "application/json", body: "{}" });
  const widget = await visit.embed(session, {}, (context) =>
    context.route(`${visit.servers.merchantUrl}/v1/checkout/sessions/${session.id}`, (route) => answer(route)));
  let release = () => {};
  const released = new Promise((resolve) => (release = () => resolve(undefined)));
  await widget.button("try_again").focus();
  answer = async (route) => {
    await released;
    await route.continue();
  };
  await widget.page.keyboard.press("Enter");
  const focused = widget.host.getByRole("heading").and(widget.page.locator(":focus"));
  await focused.filter({ hasText: widget.text("loading") }).waitFor({ state: "attached" });
  release();
  await focused.filter({ hasText: widget.text("choose") }).waitFor();
}, { expected: [/status of 404/, /^open-cashier: /] });

scenario("changes are announced to a screen reader without moving its focus", async (visit) => {
  const widget = await visit.embed();
  const live = widget.host.getByRole("status");
  await widget.pay("alipay");
  await live.filter({ hasText: widget.text("qr_label") }).waitFor();
  const code = await widget.code();
  await visit.servers.phone("approve", code, "alipay");
  await live.filter({ hasText: /\S/ }).waitFor();
  await widget.isPaid();
});

scenario("A3: what another tab does is announced in this one, each change once", async (visit) => {
  const first = await visit.embed();
  await first.payByCode("alipay");
  await first.host.evaluate((/** @type {any} */ host) => {
    const live = host.shadowRoot.querySelector("[role=status]");
    host.said = [];
    new MutationObserver(() => live.textContent && host.said.push(live.textContent)).observe(live, { childList: true, characterData: true, subtree: true });
  });
  const second = await visit.embed(first.session);
  await second.button("switch").click();
  const code = await second.payByCode("wechat_pay");
  await first.host.getByRole("heading", { name: /WeChat/ }).waitFor();
  await first.says("other_tab");
  await visit.servers.phone("approve", code, "wechat_pay");
  await first.isPaid();
  /** @type {string[]} */
  const said = await first.host.evaluate((/** @type {any} */ host) => host.said);
  assert.equal(new Set(said).size, said.length, `${said}`);
  // That its own payment was closed may be pushed before.
  const [found = "", paid = ""] = said.slice(-2);
  assert.match(found, first.text("other_tab"));
  assert.ok(found.includes("WeChat Pay. QR code"), found);
  assert.match(paid, first.text("succeeded_how"));
});

scenario("the widget does not take the focus from the rest of the page", async (visit) => {
  const session = await visit.servers.openSession();
  const page = await visit.page(
    `<label>Note <input id="note"></label>
     <open-cashier client-secret="${session.client_secret}" api-base="${visit.servers.merchantUrl}"></open-cashier>`,
  );
  const widget = new Widget(page, { session });
  const code = await widget.payByCode("wechat_pay");
  await page.getByLabel("Note").focus();
  await visit.servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "note");
});

/** Presses Tab until `target`, or one of them, has the focus. */
async function tabTo(/** @type {Page} */ page, /** @type {any} */ target) {
  const isFocused = () => target.evaluateAll((/** @type {any} */ elements) =>
    elements.some((/** @type {any} */ element) => element.getRootNode().activeElement === element));
  for (let presses = 0; presses < 40; presses += 1) {
    if (await isFocused()) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not lead to ${target}`);
}
