// Alipay's cashier in a frame of the page, on a desktop.
import assert from "node:assert/strict";

import { policy, stage } from "./stage/scenario.mjs";
import { Widget } from "./stage/widget.mjs";
import { device, lastOrder } from "./environments/device.mjs";

const scenario = stage({ desktopFlow: "page_frame" });

/** Returns the frame in the widget. */
const frameOf = (/** @type {Widget} */ widget) => widget.host.locator("iframe").contentFrame();

scenario("desktop × alipay: the cashier in a frame is paid by a phone", async (visit) => {
  const shop = await visit.shop();
  await shop.checkOut();
  await shop.widget.pay("alipay");
  const frame = frameOf(shop.widget);
  await frame.getByRole("img", { name: "QR code" }).waitFor();
  const { product, out_trade_no } = await lastOrder(visit.servers);
  assert.equal(product, "page");
  const [{ code }] = (await visit.servers.codes()).filter((/** @type {any} */ known) => known.out_trade_no === out_trade_no);
  await visit.servers.phone("approve", code, "alipay");
  await shop.isPaid();
}, { context: device("Chrome on a Mac") });

scenario("desktop × alipay: a press inside the frame navigates the whole window to the cashier", async (visit) => {
  const shop = await visit.shop();
  await shop.checkOut();
  await shop.widget.pay("alipay");
  await frameOf(shop.widget).getByRole("button", { name: /Pay here/ }).click();
  await shop.page.waitForURL(`${visit.servers.shopUrl}/**`);
  await shop.isPaid();
}, { context: device("Chrome on Windows") });

scenario("desktop × alipay: if a policy forbids the frame, its page can be opened in the whole window", async (visit) => {
  const session = await visit.servers.openSession();
  const csp = policy(visit.servers).replace(/frame-src [^;]+; /, "");
  const page = await visit.page(
    `<open-cashier client-secret="${session.client_secret}" api-base="${visit.servers.merchantUrl}"></open-cashier>`,
    { csp },
  );
  const widget = new Widget(page, { session });
  await widget.pay("alipay");
  await widget.is("awaiting");
  await widget.button("continue").click();
  await page.waitForURL(`${visit.servers.sandboxUrl}/**`);
  await page.getByRole("img", { name: "QR code" }).waitFor();
}, { context: device("Chrome on Windows"), expected: [/frame-src|default-src|Framing/] });
