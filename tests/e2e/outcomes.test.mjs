// The ways that a payment goes besides the straight one: each has a way forward.
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

scenario("a payment that is called off closes at its gateway; another can be made", async (visit) => {
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

scenario("the first wallet's code, paid after the second's, does not replace what is kept", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed();
  // Alipay knows no order before its code is scanned, so there is nothing to close.
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
  scenario(`a second payment goes back by itself, and whoever comes back reads that it is ${refund}`, async (visit) => {
    const before = (await visit.servers.orders()).length;
    const widget = await paidTwice(visit, "en", refund);
    const orders = (await visit.servers.orders()).slice(before);
    const kept = orders.map(({ wallet, captured, refunded }) => [wallet, captured - refunded]);
    const returned = refund === "succeeded" ? 12_800 : 0;
    assert.deepEqual(kept.sort(), [["alipay", 12_800 - returned], ["wechat_pay", 12_800]]);
    const { status, payment } = await visit.servers.readSession(widget.session.id);
    assert.deepEqual([status, payment.payment_method], ["complete", "wechat_pay"]);
  });
}

scenario("a payment after the end goes back by itself, and whoever comes back reads so", async (visit) => {
  const before = (await visit.servers.orders()).length;
  const widget = await paidLate(visit, "en");
  await widget.says("refund_succeeded");
  const [order, ...others] = (await visit.servers.orders()).slice(before);
  assert.deepEqual([order.captured, order.refunded, others.length], [12_800, 12_800, 0]);
});

scenario("switching there and back shows the same code", async (visit) => {
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

scenario("a second tab shows the same code, and both learn that it is paid", async (visit) => {
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

scenario("a code that runs out is replaced by itself", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed(null, {}, (context) => shortenCodes(context, servers));
  const heard = await widget.listen("refreshed");
  await widget.pay("alipay");
  await widget.page.waitForFunction(() => /** @type {any} */ (document.querySelector("open-cashier")).heard.length === 1);
  const code = await widget.code();
  await servers.phone("approve", code, "alipay");
  await widget.isPaid();
  assert.equal((await heard()).length, 1);
}, { expected: [/ERR_FAILED/] });

scenario("a code that cannot be replaced at once can be asked for by hand", async (visit) => {
  const { servers } = visit;
  let isBroken = true;
  const widget = await visit.embed(null, {}, async (context) => {
    await shortenCodes(context, servers);
    await context.route("**/refresh", (route) => isBroken ? route.abort() : route.fallback());
  });
  await widget.pay("wechat_pay");
  await widget.button("refresh").waitFor();
  isBroken = false;
  await widget.button("refresh").click();
  await widget.button("refresh").waitFor({ state: "detached" });
  const code = await widget.code();
  await servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
}, { expected: [/ERR_FAILED/] });

scenario("what is shown only cannot be paid", async (visit) => {
  const widget = await visit.embed(null, { "read-only": "" });
  await widget.is("selecting");
  assert.ok(await widget.radio("alipay").isDisabled());
  assert.equal(await widget.button("pay").count(), 0);
});

scenario("the merchant's order and choice of wallets is followed", async (visit) => {
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

/** Has the first code run out a second after it came; the one after it lives as long as it does. */
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
  // The stream would bring the backend's own time before that.
  await context.route(`${sessions}/events`, (/** @type {Route} */ route) => route.abort());
}
