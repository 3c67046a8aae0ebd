// Outcomes other than a direct payment: refusal, cancel, switch, duplicate, late, refresh.
import assert from "node:assert/strict";

import { stage } from "./stage/scenario.mjs";
import { paidLate, paidTwice } from "./stage/screens.mjs";
import { Widget } from "./stage/widget.mjs";

/** @typedef {import("playwright-core").BrowserContext} BrowserContext */
/** @typedef {import("playwright-core").Route} Route */
/** @typedef {import("./stage/servers.mjs").Servers} Servers */

const scenario = stage();

scenario("a refusal on the phone leaves the code payable", async (visit) => {
  const widget = await visit.embed();
  const code = await widget.payByCode("wechat_pay");
  const phone = await visit.phone();
  await phone.scan("wechat_pay", code);
  await phone.refuse();
  assert.equal(await widget.code(), code);
  await phone.scan("wechat_pay", code);
  await phone.approve();
  await widget.isPaid();
});

scenario('"I have paid" before paying is answered honestly', async (visit) => {
  const widget = await visit.embed();
  const code = await widget.payByCode("wechat_pay");
  await widget.button("paid").click();
  await widget.says("not_paid_yet");
  assert.equal(await widget.code(), code);
});

scenario("a canceled payment is closed at its gateway, and another can be started", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed();
  const first = await widget.payByCode("wechat_pay");
  await widget.button("cancel").click();
  await widget.is("canceled");
  await assert.rejects(servers.phone("approve", first, "wechat_pay"), /order_closed/);
  await widget.button("retry").click();
  const second = await widget.payByCode("alipay");
  await servers.phone("approve", second, "alipay");
  await widget.isPaid();
});

scenario("switching wallets closes the first order before the second opens", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed();
  const before = (await servers.orders()).length;
  const first = await widget.payByCode("wechat_pay");
  await widget.button("switch").click();
  await widget.is("selecting");
  const second = await widget.payByCode("alipay");
  assert.notEqual(first, second);
  await assert.rejects(servers.phone("approve", first, "wechat_pay"), /order_closed/);
  await servers.phone("approve", second, "alipay");
  await widget.isPaid();
  const states = (await servers.orders()).slice(before).map((order) => order.state);
  assert.deepEqual(states, ["CLOSED", "TRADE_SUCCESS"]);
});

scenario("the first wallet's code, paid after the second's, does not replace the kept payment", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed();
  // Alipay creates the order when the code is scanned, so there is nothing to close.
  const first = await widget.payByCode("alipay");
  await widget.button("switch").click();
  const second = await widget.payByCode("wechat_pay");
  await servers.phone("approve", second, "wechat_pay");
  await widget.isPaid();
  const { status, payment } = await servers.readSession(widget.session.id);
  await servers.phone("approve", first, "alipay");
  const after = await servers.readSession(widget.session.id);
  assert.equal(status, "complete");
  assert.equal(payment.payment_method, "wechat_pay");
  assert.deepEqual([after.status, after.payment.id], [status, payment.id]);
  await widget.is("succeeded");
});

for (const refund of /** @type {const} */ (["pending", "succeeded"])) {
  scenario(`a second payment is refunded automatically, and the page shows that the refund is ${refund}`, async (visit) => {
    const before = (await visit.servers.orders()).length;
    const widget = await paidTwice(visit, "en", refund);
    const orders = (await visit.servers.orders()).slice(before);
    const netByWallet = orders.map(({ wallet, captured, refunded }) => [wallet, captured - refunded]);
    const returned = refund === "succeeded" ? 12_800 : 0;
    assert.deepEqual(netByWallet.sort(), [["alipay", 12_800 - returned], ["wechat_pay", 12_800]]);
    const { status, payment } = await visit.servers.readSession(widget.session.id);
    assert.deepEqual([status, payment.payment_method], ["complete", "wechat_pay"]);
  });
}

scenario("a payment after expiry is refunded automatically, and the page shows the refund", async (visit) => {
  const before = (await visit.servers.orders()).length;
  const widget = await paidLate(visit, "en");
  await widget.says("refund_succeeded");
  const [order, ...others] = (await visit.servers.orders()).slice(before);
  assert.deepEqual([order.captured, order.refunded, others.length], [12_800, 12_800, 0]);
});

scenario("switching to the other wallet and back shows the same code", async (visit) => {
  const widget = await visit.embed();
  const code = await widget.payByCode("wechat_pay");
  await widget.button("switch").click();
  assert.equal(await widget.payByCode("wechat_pay"), code);
});

scenario("a payment made while the shopper switches completes the session", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed();
  const code = await widget.payByCode("wechat_pay");
  await servers.faults({ drop_notifications: true });
  await widget.button("switch").click();
  await widget.choose("alipay");
  await servers.phone("approve", code, "wechat_pay");
  const before = (await servers.orders()).length;
  await widget.button("pay").click();
  await widget.isPaid();
  assert.equal((await servers.orders()).length, before, "no second order was opened");
});

scenario("a reload keeps the same code and the same payment", async (visit) => {
  const shop = await visit.shop();
  await shop.checkOut();
  const code = await shop.widget.payByCode("alipay");
  await shop.page.reload();
  assert.equal(await shop.widget.code(), code);
  await visit.servers.phone("approve", code, "alipay");
  await shop.widget.isPaid();
});

scenario("a second tab shows the same code, and both show that it is paid", async (visit) => {
  const shop = await visit.shop();
  await shop.checkOut();
  const code = await shop.widget.payByCode("wechat_pay");
  const page = await visit.context.newPage();
  await page.goto(shop.page.url());
  const other = new Widget(page);
  assert.equal(await other.code(), code);
  await visit.servers.phone("approve", code, "wechat_pay");
  await other.isPaid();
  await shop.page.bringToFront();
  await shop.widget.isPaid();
});

scenario("an expired code is refreshed automatically", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed(null, {}, (context) => shortenCodes(context, servers));
  const events = await widget.listen("refreshed");
  await widget.pay("alipay");
  await widget.page.waitForFunction(() => /** @type {any} */ (document.querySelector("open-cashier")).events.length === 1);
  const code = await widget.code();
  await servers.phone("approve", code, "alipay");
  await widget.isPaid();
  assert.equal((await events()).length, 1);
}, { expected: [/ERR_FAILED/] });

scenario("an expired code that cannot be refreshed automatically can be refreshed by a button", async (visit) => {
  const { servers } = visit;
  let isBroken = true;
  const widget = await visit.embed(null, {}, async (context) => {
    await shortenCodes(context, servers);
    await context.route("**/refresh", (route) => isBroken ? route.abort() : route.fallback());
  });
  await widget.pay("wechat_pay");
  await widget.says("code_stale");
  isBroken = false;
  await widget.button("refresh").click();
  await widget.button("refresh").waitFor({ state: "detached" });
  const code = await widget.code();
  await servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
}, { expected: [/ERR_FAILED/] });

scenario("a read-only checkout cannot be paid", async (visit) => {
  const widget = await visit.embed(null, { "read-only": "" });
  await widget.is("selecting");
  assert.ok(await widget.radio("alipay").isDisabled());
  assert.equal(await widget.button("pay").count(), 0);
});

scenario("the merchant's choice and order of wallets is used", async (visit) => {
  const { servers } = visit;
  const both = await servers.openSession({ payment_methods: ["alipay", "wechat_pay"] });
  const values = (/** @type {Widget} */ widget) => widget.host.getByRole("radio").evaluateAll((/** @type {any} */ radios) => radios.map((/** @type {any} */ radio) => radio.value));
  const first = await visit.embed(both);
  await first.is("selecting");
  assert.deepEqual(await values(first), ["alipay", "wechat_pay"]);
  const turned = await visit.embed(both, { "payment-method-order": "wechat_pay alipay" });
  await turned.is("selecting");
  assert.deepEqual(await values(turned), ["wechat_pay", "alipay"]);
  const one = await visit.embed(both, { "payment-methods": "wechat_pay" });
  await one.is("selecting");
  assert.deepEqual(await values(one), ["wechat_pay"]);
  assert.ok(await one.radio("wechat_pay").isChecked(), "the only wallet is picked");
});

/** Makes the first code expire one second after it was issued; the next one keeps its expiry. */
async function shortenCodes(/** @type {BrowserContext} */ context, /** @type {Servers} */ servers) {
  const sessions = `${servers.merchantUrl}/v1/checkout/sessions/*`;
  let end = null;
  let isRefreshed = false;
  await context.route(new RegExp(`^${servers.merchantUrl}/v1/checkout/sessions/\\w+(/payments)?$`), async (/** @type {Route} */ route) => {
    if (route.request().method() === "OPTIONS" || isRefreshed) return route.continue();
    const response = await route.fetch();
    const session = await response.json();
    const action = session.payment?.next_action;
    if (action) {
      end ??= new Date(Date.parse(session.server_time) + 1_000).toISOString();
      action.expires_at = end;
    }
    await route.fulfill({ response, json: session });
  });
  await context.route(`${sessions}/payments/*/refresh`, (/** @type {Route} */ route) => {
    isRefreshed = true;
    return route.continue();
  });
  // The stream would deliver the backend's unchanged expiry first.
  await context.route(`${sessions}/events`, (/** @type {Route} */ route) => route.abort());
}
