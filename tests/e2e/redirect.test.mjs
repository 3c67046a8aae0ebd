// The redirect to Alipay's page on a desktop, and the return, paid or not.
import assert from "node:assert/strict";

import { stage } from "./stage/scenario.mjs";

const scenario = stage({ desktopFlow: "page" });

scenario("a shopper pays on Alipay's page and returns to a paid order", async (visit) => {
  const shop = await visit.shop();
  const orderId = await shop.checkOut();
  const address = shop.page.url();
  await shop.widget.pay("alipay");
  await shop.page.waitForURL(`${visit.servers.sandboxUrl}/**`);
  await shop.payAtGateway(visit.servers);
  assert.equal(new URL(shop.page.url()).search.slice(0, 39), new URL(address).search.slice(0, 39));
  await shop.isPaid();
  assert.equal((await shop.readOrder(orderId)).status, "complete");
});

scenario("a shopper who returns unpaid can continue and pay", async (visit) => {
  const shop = await visit.shop();
  await shop.checkOut();
  const address = shop.page.url();
  await shop.widget.pay("alipay");
  await shop.page.waitForURL(`${visit.servers.sandboxUrl}/**`);
  await shop.page.getByRole("button", { name: /^Cancel/ }).click();
  await shop.page.getByRole("heading", { name: /Payment canceled/ }).waitFor();

  await shop.page.goto(address);
  await shop.widget.is("awaiting");
  await shop.widget.button("continue").click();
  await shop.page.waitForURL(`${visit.servers.sandboxUrl}/**`);
  await shop.payAtGateway(visit.servers);
  await shop.isPaid();
});

scenario("D36: a page that handles the redirect itself keeps the widget's screen, with actions to continue and to leave", async (visit) => {
  const widget = await visit.embed();
  const events = await widget.listen("before-redirect");
  await widget.host.evaluate((host) =>
    host.addEventListener("cashier-before-redirect", (event) => event.preventDefault()));
  await widget.pay("alipay");
  await widget.is("awaiting");
  for (const way of ["continue", "paid", "switch", "cancel"]) await widget.button(way).waitFor();
  const [event] = await events();
  assert.ok(event.detail.url.startsWith(visit.servers.sandboxUrl), event.detail.url);
  assert.equal(new URL(widget.page.url()).origin, visit.servers.shopUrl);
  // A payment in the other window is still shown in this one.
  const cashier = await visit.context.newPage();
  await cashier.goto(event.detail.url);
  // Paid there; that window is closed before it returns.
  const address = await cashier.getByRole("button", { name: /Pay now/ }).evaluate((button) => /** @type {HTMLButtonElement} */ (button).form?.action ?? "");
  await fetch(address, { method: "POST", redirect: "manual" });
  await cashier.close();
  await widget.isPaid();
});

scenario("the page can request a code instead of the backend's redirect", async (visit) => {
  const widget = await visit.embed(null, { "desktop-flow": "qr_code" });
  const code = await widget.payByCode("alipay");
  await visit.servers.phone("approve", code, "alipay");
  await widget.isPaid();
});
