// From the cart to "paid", only by what a shopper sees: the QR code is decoded from a screenshot.
import assert from "node:assert/strict";

import { stage } from "./stage/scenario.mjs";

const scenario = stage();

for (const [method, lang] of /** @type {const} */ ([["wechat_pay", "en"], ["alipay", "en"], ["alipay", "zh-CN"], ["wechat_pay", "zh-CN"]])) {
  scenario(`a cart is paid with ${method} in ${lang}`, async (visit) => {
    const { servers } = visit;
    const before = (await servers.orders()).length;
    const shop = await visit.shop(lang);
    await shop.order(3);
    const amount = lang === "en" ? "CN¥562.00" : "¥562.00";
    assert.equal(await shop.total(), amount);
    const orderId = await shop.checkOut();
    assert.equal(await shop.widget.amount(), amount);

    const code = await shop.widget.payByCode(method);
    const phone = await visit.phone();
    await phone.scan(method, code);
    assert.equal(await phone.amount(), "¥562.00");
    await phone.approve();

    await shop.widget.isPaid();
    await shop.isPaid();
    const order = await shop.readOrder(orderId);
    assert.equal(order.status, "complete");
    const orders = (await servers.orders()).slice(before);
    assert.equal(orders.length, 1, "one order at the gateways");
    assert.equal(orders[0].wallet, method);
    assert.match(orders[0].state, /SUCCESS/);
    assert.equal(orders[0].amount, order.amount.value);
    assert.equal(orders[0].amount, 56_200);

    await shop.page.reload();
    await shop.isPaid();
  }, { context: { locale: lang === "en" ? "en-US" : "zh-CN" } });
}

scenario("a code is readable on a narrow phone-sized page", async (visit) => {
  const shop = await visit.shop();
  await shop.checkOut();
  const code = await shop.widget.payByCode("wechat_pay");
  assert.match(code, /^weixin:\/\/wxpay\//);
  await visit.servers.phone("approve", code, "wechat_pay");
  await shop.widget.isPaid();
}, { context: { viewport: { width: 360, height: 780 }, deviceScaleFactor: 2 } });

scenario("from the press to the receipt the card never becomes lower", async (visit) => {
  const widget = await visit.embed();
  await widget.choose("wechat_pay");
  await widget.host.evaluate((/** @type {any} */ host) => {
    host.heights = [];
    new ResizeObserver(() => host.heights.push(Math.round(host.getBoundingClientRect().height))).observe(host);
  });
  await widget.button("pay").click();
  const code = await widget.code();
  await widget.button("paid").click();
  await widget.says("not_paid_yet");
  await visit.servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
  /** @type {number[]} */
  const heights = await widget.host.evaluate((/** @type {any} */ host) => host.heights);
  assert.ok(heights.length > 1, "the code needs more room than the selector");
  assert.deepEqual(heights, heights.toSorted((one, other) => one - other));
});

scenario("a wallet rejects the other's code, and the payment does not change", async (visit) => {
  const widget = await visit.embed();
  const code = await widget.payByCode("wechat_pay");
  const phone = await visit.phone();
  await phone.page.getByRole("radio", { name: /Alipay/ }).check();
  await phone.page.getByLabel(/Paste the code/).fill(code);
  await phone.page.getByRole("button", { name: "Scan the code" }).click();
  assert.match(await phone.complaint(), /Alipay cannot read this code/);
  await widget.is("awaiting");
  await phone.scan("wechat_pay", code);
  await phone.approve();
  await widget.isPaid();
}, { expected: [/status of 422/] });

scenario("the page cannot change the price", async (visit) => {
  const shop = await visit.shop();
  const statuses = await shop.page.evaluate(async () => {
    const order = (/** @type {any} */ body) => fetch("/orders", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const bodies = [
      { items: { tea: 1 }, lang: "en", amount: 1 },
      { items: { tea: -1 }, lang: "en" },
      { items: { tea: 0 }, lang: "en" },
      { items: { gold: 1 }, lang: "en" },
    ];
    return Promise.all(bodies.map(async (body) => (await order(body)).status));
  });
  assert.deepEqual(statuses, [422, 422, 422, 422]);
}, { expected: [/status of 422/] });

scenario("the wallet phone is one click away, in a window of its own", async (visit) => {
  const shop = await visit.shop();
  const opened = visit.context.waitForEvent("page");
  await shop.page.getByRole("link", { name: "Open the wallet phone" }).click();
  const phone = await opened;
  await phone.getByRole("heading", { name: "Wallet phone" }).waitFor();
  assert.equal(await phone.evaluate(() => window.opener), null);
});

scenario("an empty cart and an unknown order show a message", async (visit) => {
  const shop = await visit.shop();
  for (const product of ["Longjing tea", "celadon cup"]) {
    await shop.page.getByLabel(`Quantity of ${product}`).fill("0");
  }
  await shop.page.getByRole("button", { name: "Check out" }).click();
  await shop.page.getByRole("alert").filter({ hasText: "Your cart is empty" }).waitFor();
  await shop.page.goto(`${visit.servers.shopUrl}/?order=unknown`);
  await shop.page.getByRole("alert").filter({ hasText: "We do not know this order" }).waitFor();
}, { expected: [/status of 404/] });

scenario("navigating between cart and order keeps the order", async (visit) => {
  const shop = await visit.shop();
  const orderId = await shop.checkOut();
  await shop.page.goBack();
  await shop.page.getByRole("button", { name: "Check out" }).waitFor();
  await shop.page.goForward();
  await shop.widget.is("selecting");
  assert.equal(await shop.page.locator("#order-number").innerText(), orderId);
});

/** Goes back from the order to the cart. @param {import("./stage/shop.mjs").Shop} shop */
async function backToCart(shop) {
  await shop.page.goBack();
  await shop.page.getByRole("button", { name: "Check out" }).waitFor();
}

/** Checks out again and waits for the order page. @param {import("./stage/shop.mjs").Shop} shop */
async function checkOutAgain(shop) {
  await shop.page.getByRole("button", { name: "Check out" }).click();
  await shop.page.waitForURL(/order=/);
  return shop.page.locator("#order-number").innerText();
}

scenario("back from the code, checking out again continues the same order with the same code", async (visit) => {
  const before = (await visit.servers.orders()).length;
  const shop = await visit.shop();
  const orderId = await shop.checkOut();
  const code = await shop.widget.payByCode("wechat_pay");
  await backToCart(shop);
  assert.equal(await checkOutAgain(shop), orderId);
  assert.equal(await shop.widget.code(), code);
  assert.equal((await visit.servers.orders()).length, before + 1);
});

scenario("back from the code, a changed cart is the same order with another amount, and its first code is closed", async (visit) => {
  const shop = await visit.shop();
  const orderId = await shop.checkOut();
  const code = await shop.widget.payByCode("wechat_pay");
  await backToCart(shop);
  await shop.order(3);
  assert.equal(await checkOutAgain(shop), orderId);
  await shop.widget.is("selecting");
  assert.equal(await shop.widget.amount(), "CN¥562.00");
  const open = (await visit.servers.codes()).map((/** @type {any} */ waiting) => waiting.code);
  assert.ok(!open.includes(code), "nobody can pay the first code any more");
  await visit.servers.phone("approve", await shop.widget.payByCode("wechat_pay"), "wechat_pay");
  await shop.isPaid();
});

scenario("a paid order shows one success, and leaves an empty cart", async (visit) => {
  const shop = await visit.shop();
  await shop.checkOut();
  await visit.servers.phone("approve", await shop.widget.payByCode("alipay"), "alipay");
  await shop.isPaid();
  await shop.page.getByText("We’ll pack it today").filter({ visible: true }).waitFor();
  assert.equal(await shop.page.locator("#paid").isVisible(), false, "the widget shows it");
  await shop.page.getByRole("link", { name: "Continue shopping" }).click();
  await shop.page.locator("#total").filter({ hasText: "¥0.00" }).waitFor();
});
