// From the cart to "paid" in every engine, only by what a shopper sees: the code is decoded from a screenshot.
import assert from "node:assert/strict";

import { WAY_ENGINES } from "./stage/engines/engines.mjs";
import { isMarked, tabTo } from "./stage/engines/focus.mjs";
import { inEngines } from "./stage/engines/scenario.mjs";
import { EXPECTED, SCREENS } from "./stage/screens.mjs";
import { Widget } from "./stage/widget.mjs";

inEngines(WAY_ENGINES, (scenario, engine) => {
  for (const wallet of ["wechat_pay", "alipay"]) {
    scenario(`a cart is paid with ${wallet}`, async (visit) => {
      const { servers } = visit;
      const before = (await servers.orders()).length;
      const shop = await visit.shop();
      await shop.order(3);
      assert.equal(await shop.total(), "CN¥562.00");
      const orderId = await shop.checkOut();
      assert.equal(await shop.widget.amount(), "CN¥562.00");

      const code = await shop.widget.payByCode(wallet);
      await servers.phone("approve", code, wallet);
      await shop.widget.isPaid();
      await shop.isPaid();

      const order = await shop.readOrder(orderId);
      assert.equal(order.status, "complete");
      const orders = (await servers.orders()).slice(before);
      assert.deepEqual(orders.map(({ wallet, amount }) => ({ wallet, amount })), [{ wallet, amount: 56_200 }], "one order at the gateways");
      await shop.page.reload();
      await shop.isPaid();
    });
  }

  // Of Chromium in no-wasm.test.mjs.
  if (engine !== "chromium") {
    scenario("a policy that forbids Wasm is named", async (visit) => {
      const { page } = await SCREENS["wasm-forbidden"](/** @type {any} */ (visit), "en");
      await new Widget(page).host.getByText("Reference: wasm_blocked").waitFor();
    }, { expected: EXPECTED });
  }

  scenario("a code is paid by keyboard alone, and each control in focus has a mark", async (visit) => {
    const widget = await visit.embed();
    await widget.is("selecting");
    const { page } = /** @type {{ page: import("./stage/engines/page.mjs").EnginePage }} */ (/** @type {unknown} */ (widget));
    await tabTo(page, "input");
    await isMarked(page, "the wallet");
    await page.press("ArrowDown");
    await widget.host.locator("input:checked").waitFor();
    await tabTo(page, "button");
    await isMarked(page, "the button");
    await page.press("Enter");
    const code = await widget.code();
    await tabTo(page, "button");
    await isMarked(page, "a button beside the code");
    await visit.servers.phone("approve", code);
    await widget.isPaid();
  });
});
