// Alipay v2: Alipay's own client for Node.js against our sandbox and our client.
import assert from "node:assert/strict";
import { test } from "node:test";

import { AlipayStage, SUBJECT, form, parametersOf } from "./stage/alipay.mjs";
import { DESCRIPTION, order } from "./stage/ours.mjs";
import { orderNumber, publicKeyOf } from "./stage/sandbox.mjs";

const stage = new AlipayStage();

test("their client orders, queries, refunds and closes at our sandbox and accepts its answers", async () => {
  const number = orderNumber("A-");
  const ordered = await stage.call("precreate", stage.content(number), { notify_url: `${stage.shop.url}/${number}` });
  assert.equal(ordered.code, "10000");
  assert.equal(ordered.outTradeNo, number);
  assert.match(ordered.qrCode, /^https:\/\/qr\.alipay\.com\//);
  assert.equal((await stage.call("query", { out_trade_no: number })).subCode, "ACQ.TRADE_NOT_EXIST");
  assert.equal((await stage.call("close", { out_trade_no: number })).subCode, "ACQ.TRADE_NOT_EXIST");

  await stage.sandbox.phone("scan", ordered.qrCode);
  assert.equal((await stage.call("query", { out_trade_no: number })).tradeStatus, "WAIT_BUYER_PAY");
  await stage.sandbox.phone("approve", ordered.qrCode);
  const done = await stage.call("query", { out_trade_no: number });
  assert.deepEqual([done.tradeStatus, done.totalAmount], ["TRADE_SUCCESS", "128.00"]);
  assert.equal((await stage.call("query", { trade_no: done.tradeNo })).outTradeNo, number);

  const refund = { out_trade_no: number, refund_amount: "8.00", out_request_no: `${number}-R`, refund_reason: "不要了 +1" };
  const refunded = await stage.call("refund", refund);
  assert.deepEqual([refunded.fundChange, refunded.refundFee], ["Y", "8.00"]);
  assert.equal((await stage.call("refund", refund)).fundChange, "N");
  const found = await stage.call("fastpay.refund.query", { out_trade_no: number, out_request_no: `${number}-R` });
  assert.deepEqual([found.refundStatus, found.refundAmount], ["REFUND_SUCCESS", "8.00"]);

  const other = orderNumber();
  const { qrCode } = await stage.call("precreate", stage.content(other), { notify_url: `${stage.shop.url}/${other}` });
  await stage.sandbox.phone("scan", qrCode);
  assert.equal((await stage.call("close", { out_trade_no: other })).outTradeNo, other);
  assert.equal((await stage.call("query", { out_trade_no: other })).tradeStatus, "TRADE_CLOSED");
});

/** Follows a payment page to its end, as a browser does. Returns the return URL. */
async function payOnPage(/** @type {[url: string, options?: RequestInit]} */ [url, options]) {
  const cashier = await fetch(url, options);
  assert.equal(cashier.status, 200);
  assert.match(await cashier.text(), /¥128\.00/);
  const back = await fetch(`${cashier.url}/pay`, { method: "POST", redirect: "manual" });
  assert.equal(back.status, 302);
  return new URL(back.headers.get("location") ?? "");
}

/** The request of the form that their client wrote for a browser. @returns {[string, RequestInit]} */
function submitted(/** @type {any} */ html) {
  const unescaped = (/** @type {string} */ text) => text.replaceAll("&quot;", '"');
  const [, action = ""] = /action="([^"]*)"/.exec(html) ?? [];
  const inputs = [...html.matchAll(/name="(\w+)" value="([^"]*)"/g)];
  const body = new URLSearchParams(inputs.map(([, name, value]) => [name, unescaped(value)]));
  return [action, { method: "POST", body }];
}

test("their payment pages lead to our sandbox's cashier, whose return they verify", async () => {
  for (const verb of ["GET", "POST"]) {
    const number = orderNumber();
    const page = stage.theirs.pageExecute("alipay.trade.page.pay", verb, {
      bizContent: stage.content(number, { product_code: "FAST_INSTANT_TRADE_PAY" }),
      returnUrl: `${stage.shop.url}/back`, notifyUrl: `${stage.shop.url}/${number}`,
    });
    const back = await payOnPage(verb === "GET" ? [page] : submitted(page));
    const parameters = Object.fromEntries(back.searchParams);
    assert.equal(parameters.out_trade_no, number);
    assert.ok(stage.theirs.checkNotifySignV2(parameters), verb);
    assert.ok(!stage.theirs.checkNotifySignV2({ ...parameters, total_amount: "0.01" }));
    assert.ok(stage.theirs.checkNotifySignV2(form(await stage.shop.take(`/${number}`))));
  }
});

test("our sandbox refuses their signature by another key, and reports the text that it verified", async () => {
  const wrong = stage.client({ privateKey: stage.sandbox.platform.alipay });
  const refused = await stage.call("query", { out_trade_no: orderNumber() }, { by: wrong });
  assert.deepEqual([refused.code, refused.subCode], ["40002", "isv.invalid-signature"]);
  assert.match(refused.subMsg, /验签字符串为：app_id=\d+&amp;biz_content=/);
});

test("a request of their client in another time zone is refused, as its timestamp is hours off", async () => {
  process.env.TZ = "UTC";
  try {
    const refused = await stage.call("query", { out_trade_no: orderNumber() });
    assert.equal(refused.subCode, "isv.invalid-timestamp");
  } finally {
    process.env.TZ = "Asia/Shanghai";
  }
});

test("their client refuses answers of our sandbox with a wrong signature, another key or no signature", async () => {
  const number = orderNumber();
  await stage.paid(number);
  const asked = (more = {}) => stage.call("query", { out_trade_no: number }, more);
  await stage.sandbox.spoilNext("query", "bad_signature");
  await assert.rejects(asked(), /验签失败/);
  await assert.rejects(asked({ by: stage.client({ alipayPublicKey: publicKeyOf(stage.sandbox.alipay.app_private_key) }) }), /验签失败/);
  await stage.sandbox.faults({ alipay_unsigned: true });
  await assert.rejects(asked());
  // Escaped slashes are part of the signed text and accepted.
  await stage.sandbox.faults({ alipay_unsigned: false, alipay_plain_slashes: true });
  assert.equal((await asked()).tradeStatus, "TRADE_SUCCESS");
});

test("they verify our sandbox's notifications of a payment and of refunds, and refuse damaged ones", async () => {
  const number = orderNumber();
  const notification = await stage.paid(number, { passback_params: encodeURIComponent("a=1&b=二") });
  const message = form(notification);
  assert.match(notification.headers["content-type"] ?? "", /^application\/x-www-form-urlencoded/);
  assert.ok(stage.theirs.checkNotifySignV2(message));
  assert.deepEqual(
    [message.trade_status, message.total_amount, message.subject, message.passback_params],
    ["TRADE_SUCCESS", "128.00", SUBJECT, "a%3D1%26b%3D%E4%BA%8C"],
  );
  for (const name of Object.keys(message).filter((name) => name !== "sign_type")) {
    assert.ok(!stage.theirs.checkNotifySignV2({ ...message, [name]: `~${message[name].slice(1)}` }), `another ${name}`);
  }
  const { buyer_id: _, ...without } = message;
  assert.ok(!stage.theirs.checkNotifySignV2(without));
  assert.ok(!stage.theirs.checkNotifySignV2({ ...message, extra: "1" }));

  for (const [amount, status, sum] of [["28.00", "TRADE_SUCCESS", "28.00"], ["100.00", "TRADE_CLOSED", "128.00"]]) {
    await stage.call("refund", { out_trade_no: number, refund_amount: amount, out_request_no: `R${amount.length}` });
    const about = form(await stage.shop.take(`/${number}`));
    assert.ok(stage.theirs.checkNotifySignV2(about));
    assert.deepEqual([about.trade_status, about.refund_fee], [status, sum]);
  }
});

test("their check accepts what our client signs, and our client accepts what they sign", async () => {
  const number = orderNumber("O-");
  const refundNumber = `${number}-R`;
  // Escapes, blanks, another order and nested braces: the node must be verified as it was written.
  const trade = `{"code":"10000", "msg":"Success","buyer_logon_id":"a}\\"{***","fund_bill_list":[{"amount":"128.00"}],`
    + `"out_trade_no":"${number}","trade_no":"2026112822001434021425786415","send_pay_date":"2026-11-28 13:29:35",`
    + `"subject":"\\u9f99\\/{\\"sign\\"","total_amount":"128.00","trade_status":"TRADE_SUCCESS"}`;
  /** @type {[call: object, method: string, node: string, expected: unknown][]} */
  const calls = [
    [{ precreate: order(number, { description: SUBJECT }) }, "precreate",
      `{"code":"10000","msg":"Success","out_trade_no":"${number}","qr_code":"https:\\/\\/qr.alipay.com\\/bax0"}`,
      { qr_code: "https://qr.alipay.com/bax0" }],
    [{ query: number }, "query", trade, {
      state: "Paid", app_id: stage.sandbox.alipay.app_id, merchant_id: stage.sandbox.alipay.seller_id, out_trade_no: number,
      transaction_id: "2026112822001434021425786415", amount: 12_800, currency: null,
      paid_at: Date.parse("2026-11-28T13:29:35+08:00") / 1000,
    }],
    [{ close: number }, "close", `{"code":"10000","msg":"Success","out_trade_no":"${number}"}`, "Closed"],
    [{ refund: { out_trade_no: number, out_refund_no: refundNumber, amount: 800, total: 12_800, reason: "不要了 +1" } },
      "refund",
      `{"code":"10000","msg":"Success","out_trade_no":"${number}","fund_change":"Y","refund_fee":"8.00"}`,
      { state: "Succeeded", out_trade_no: number, out_refund_no: refundNumber, refund_id: null, amount: 800 }],
    [{ query_refund: { out_trade_no: number, out_refund_no: refundNumber } }, "fastpay.refund.query",
      `{"code":"10000","msg":"Success","out_trade_no":"${number}","out_request_no":"${refundNumber}",`
        + `"refund_status":"REFUND_SUCCESS","refund_amount":"8.00","total_amount":"128.00"}`,
      { state: "Succeeded", out_trade_no: number, out_refund_no: refundNumber, refund_id: null, amount: 800 }],
  ];
  for (const [wanted, method, node, expected] of calls) {
    stage.answer = () => stage.signedByThem(`trade.${method}`, node);
    assert.deepEqual(await stage.ask(wanted), { ok: expected }, method);
    const [request] = stage.platform.takeAll();
    const parameters = parametersOf(request);
    assert.equal(parameters.method, `alipay.trade.${method}`);
    assert.ok(stage.isSignedByUs(parameters), method);
    assert.throws(() => assert.ok(stage.isSignedByUs({ ...parameters, version: "2.0" })));
  }
});

test("our client refuses an answer that was changed or signed with another key", async () => {
  const number = orderNumber();
  const node = `{"code":"10000","msg":"Success","out_trade_no":"${number}","trade_status":"TRADE_SUCCESS","total_amount":"128.00"}`;
  stage.answer = () => stage.signedByThem("trade.query", node, stage.sandbox.alipay.app_private_key);
  assert.equal((await stage.ask({ query: number })).error.code, "unverified");
  stage.answer = () => {
    const signed = stage.signedByThem("trade.query", node);
    return { ...signed, body: signed.body.replace("128.00", "129.00") };
  };
  assert.equal((await stage.ask({ query: number })).error.code, "unverified");
});

test("their check accepts the payment pages that our client signs", async () => {
  for (const [call, method] of [["page_pay_url", "alipay.trade.page.pay"], ["wap_pay_url", "alipay.trade.wap.pay"]]) {
    const { ok } = await stage.ask({
      [call]: order(orderNumber(), { return_url: "http://127.0.0.1:9/back", quit_url: "http://127.0.0.1:9/cart?a=1&b=二" }),
    });
    const parameters = Object.fromEntries(new URL(ok.url).searchParams);
    assert.equal(parameters.method, method);
    assert.ok(stage.isSignedByUs(parameters), method);
    assert.throws(() => assert.ok(stage.isSignedByUs({ ...parameters, return_url: "http://127.0.0.1:9/" })));
  }
});

test("their client and ours agree about which notifications are genuine", async () => {
  const number = orderNumber();
  const plain = {
    notify_id: "ac05099524730693a8b330c5ecf72da9786", notify_type: "trade_status_sync", charset: "utf-8", version: "1.0",
    app_id: stage.sandbox.alipay.app_id, seller_id: stage.sandbox.alipay.seller_id, out_trade_no: number, total_amount: "128.00",
    trade_no: "2026112822001434021425786415", trade_status: "TRADE_SUCCESS", gmt_payment: "2026-11-28 13:29:35",
    fund_bill_list: '[{"amount":"128.00","fundChannel":"ALIPAYACCOUNT"}]', subject: "龙井茶", sign_type: "RSA2",
  };
  /** @type {[name: string, members: Record<string, any>, isGenuine: boolean][]} */
  const cases = [
    ["plain", stage.notification(plain), true],
    ["hard to encode", stage.notification({ ...plain, subject: DESCRIPTION, passback_params: "a%3D1%26b%3D%E4%BA%8C", body: "a+b c" }), true],
    ["with unknown members", stage.notification({ ...plain, zzz: "1", _a: "2", A: "3" }), true],
    ["another amount", { ...stage.notification(plain), total_amount: "129.00" }, false],
    ["a member more", { ...stage.notification(plain), zzz: "1" }, false],
    ["a member less", { ...stage.notification(plain), notify_type: undefined }, false],
    ["another signature", { ...stage.notification(plain), sign: stage.notification({ ...plain, version: "2.0" }).sign }, false],
  ];
  for (const [name, members, isGenuine] of cases) {
    const present = Object.entries(members).filter(([, value]) => value !== undefined);
    const body = new URLSearchParams(present).toString();
    assert.equal(stage.theirs.checkNotifySignV2(Object.fromEntries(new URLSearchParams(body))), isGenuine, `theirs: ${name}`);
    const { ok, error } = await stage.ask({ notification: body });
    assert.equal(ok !== undefined, isGenuine, `ours: ${name}`);
    if (isGenuine) assert.deepEqual([ok.trade.out_trade_no, ok.trade.amount, ok.trade.state], [number, 12_800, "Paid"]);
    else assert.equal(error.code, "bad_signature", name);
  }
});

test("our client verifies the return that they sign", async () => {
  const members = stage.notification({
    charset: "utf-8", out_trade_no: "O_1", method: "alipay.trade.page.pay.return", total_amount: "128.00",
    trade_no: "2026112822001434021425786415", auth_app_id: stage.sandbox.alipay.app_id, version: "1.0",
    app_id: stage.sandbox.alipay.app_id, sign_type: "RSA2", seller_id: stage.sandbox.alipay.seller_id, timestamp: "2026-11-28 13:29:35",
  });
  const query = new URLSearchParams(members).toString();
  assert.deepEqual(await stage.ask({ verify_return: query }), {
    ok: { out_trade_no: "O_1", trade_no: "2026112822001434021425786415", total: 12_800 },
  });
  assert.equal((await stage.ask({ verify_return: query.replace("128.00", "128.01") })).error.code, "bad_signature");
});
