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
