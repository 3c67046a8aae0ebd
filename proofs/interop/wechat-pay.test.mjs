// WeChat Pay v3: a third-party client against our sandbox and our client.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Listener } from "./stage/listener.mjs";
import { DESCRIPTION, order } from "./stage/ours.mjs";
import { Aes, Formatter } from "./stage/packages.mjs";
import { orderNumber, publicKeyOf } from "./stage/sandbox.mjs";
import { WechatStage } from "./stage/wechat.mjs";

const stage = new WechatStage();

const refundBody = (/** @type {any} */ number, /** @type {any} */ refundNumber) => ({
  out_trade_no: number, out_refund_no: refundNumber, reason: "不要了 +1",
  notify_url: `${stage.shop.url}/${refundNumber}`, amount: { refund: 800, total: 12_800, currency: "CNY" },
});

test("their client orders, queries, refunds and closes at our sandbox and accepts its answers", async () => {
  const number = orderNumber("N|*-");
  const { data: ordered } = await stage.theirs.v3.pay.transactions.native.post(stage.body(number));
  assert.match(ordered.code_url, /^weixin:\/\/wxpay\/bizpayurl/);
  const { data: waiting } = await stage.query(number);
  assert.equal(waiting.trade_state, "NOTPAY");

  await stage.sandbox.phone("approve", ordered.code_url);
  const { data: done } = await stage.query(number);
  assert.equal(done.trade_state, "SUCCESS");
  assert.equal(done.amount.total, 12_800);
  assert.equal(done.attach, "a=1&b=%20+ 二");
  const { data: byId } = await stage.theirs.v3.pay.transactions.id._transaction_id_.get({
    params: { mchid: stage.sandbox.wechat.mchid }, transaction_id: done.transaction_id,
  });
  assert.equal(byId.out_trade_no, number);

  const refundNumber = `${number}-R@1`;
  const { data: refund } = await stage.theirs.v3.refund.domestic.refunds.post(refundBody(number, refundNumber));
  assert.equal(refund.status, "PROCESSING");
  await stage.shop.take(`/${refundNumber}`);
  const { data: refunded } = await stage.theirs.v3.refund.domestic.refunds._out_refund_no_.get({
    out_refund_no: refundNumber,
  });
  assert.equal(refunded.status, "SUCCESS");
  assert.equal(refunded.amount.refund, 800);

  const other = orderNumber();
  await stage.theirs.v3.pay.transactions.native.post(stage.body(other));
  const closed = await stage.theirs.v3.pay.transactions.outTradeNo._out_trade_no_.close.post(
    { mchid: stage.sandbox.wechat.mchid }, { out_trade_no: other },
  );
  assert.equal(closed.status, 204);
  assert.equal((await stage.query(other)).data.trade_state, "CLOSED");
});

test("our sandbox refuses their signature by another key, and reports the text that it verified", async () => {
  const wrong = stage.client({ privateKey: stage.sandbox.platform.wechat });
  await assert.rejects(stage.query(orderNumber(), wrong), ({ response }) => {
    assert.equal(response.status, 401);
    assert.equal(response.data.code, "SIGN_ERROR");
    assert.match(response.data.detail.sign_information.truncated_sign_message, /^GET\n\/v3\/pay/);
    return true;
  });
});

test("their client refuses answers of our sandbox with a wrong signature or an unknown key", async () => {
  const number = orderNumber();
  await stage.theirs.v3.pay.transactions.native.post(stage.body(number));
  await stage.sandbox.spoilNext("query", "bad_signature");
  await assert.rejects(stage.query(number), { code: "EV3_RES_HEADER_SIGNATURE_DIGEST" });
  await stage.sandbox.faults({ signtest_response: true });
  await assert.rejects(stage.query(number), { code: "EV3_RES_HEADER_SIGNATURE_DIGEST" });
  await stage.sandbox.allIsWell();
  const blind = stage.client({ certs: { PUB_KEY_ID_0: stage.sandbox.wechat.public_key } });
  await assert.rejects(stage.query(number, blind), { code: "EV3_RES_HEADER_PLATFORM_SERIAL" });
  assert.equal((await stage.query(number)).data.trade_state, "NOTPAY");
});

test("they verify and decrypt our sandbox's notification of a payment", async () => {
  const number = orderNumber();
  const notification = await stage.paid(number);
  assert.ok(stage.isGenuine(notification));
  assert.equal(JSON.parse(notification.body.toString()).event_type, "TRANSACTION.SUCCESS");
  const transaction = stage.opened(notification);
  assert.deepEqual(transaction, (await stage.query(number)).data);
});

test("they verify and decrypt our sandbox's notification of a refund", async () => {
  const number = orderNumber();
  await stage.paid(number);
  const refundNumber = `${number}R`;
  const { data: refund } = await stage.theirs.v3.refund.domestic.refunds.post(refundBody(number, refundNumber));
  const notification = await stage.shop.take(`/${refundNumber}`);
  assert.ok(stage.isGenuine(notification));
  assert.equal(JSON.parse(notification.body.toString()).event_type, "REFUND.SUCCESS");
  const { refund_status, refund_id, amount } = stage.opened(notification);
  assert.deepEqual(
    { refund_status, refund_id, refund: amount.refund },
    { refund_status: "SUCCESS", refund_id: refund.refund_id, refund: 800 },
  );
});

test("they refuse a modified notification, and one that cannot be decrypted", async () => {
  const notification = await stage.paid(orderNumber());
  for (const at of [0, Math.floor(notification.body.length / 2), notification.body.length - 1]) {
    const body = Buffer.from(notification.body);
    body[at] ^= 1;
    assert.ok(!stage.isGenuine({ ...notification, body }), `a changed byte ${at}`);
  }
  for (const name of ["wechatpay-timestamp", "wechatpay-nonce", "wechatpay-signature"]) {
    const headers = { ...notification.headers, [name]: String(notification.headers[name]).replace(/^./, (/** @type {any} */ first) => (first === "1" ? "2" : "1")) };
    assert.ok(!stage.isGenuine({ ...notification, headers }), `another ${name}`);
  }
  assert.throws(() => stage.opened(notification, "0".repeat(32)));
  const message = JSON.parse(notification.body.toString());
  message.resource.associated_data = "refund";
  assert.throws(() => stage.opened({ body: JSON.stringify(message) }));
});

test("they refuse our sandbox's signature probe and accept the retry", async () => {
  await stage.sandbox.faults({ signtest_notification: true });
  /** @type {any[]} */
  const verdicts = [];
  const careful = await Listener.start((request) => {
    verdicts.push(stage.isGenuine(request));
    return { status: verdicts.at(-1) ? 204 : 401 };
  });
  try {
    const { data } = await stage.theirs.v3.pay.transactions.native.post(
      stage.body(orderNumber(), { notify_url: `${careful.url}/careful` }),
    );
    await stage.sandbox.phone("approve", data.code_url);
    const probe = await careful.take("/careful");
    assert.match(String(probe.headers["wechatpay-signature"]), /^WECHATPAY\/SIGNTEST\//);
    await careful.take("/careful");
    assert.deepEqual(verdicts, [false, true]);
  } finally {
    await careful.stop();
  }
});

function transaction(/** @type {any} */ number, more = {}) {
  const { appid, mchid } = stage.sandbox.wechat;
  return {
    appid, mchid, out_trade_no: number, transaction_id: "4200001863202305068344507881", trade_type: "NATIVE",
    trade_state: "SUCCESS", trade_state_desc: "支付成功", success_time: "2026-11-28T13:29:35+08:00",
    amount: { total: 12_800, payer_total: 12_000, currency: "CNY", payer_currency: "CNY" }, ...more,
  };
}

test("our client signs like theirs, and accepts the answers that they sign", async () => {
  const number = orderNumber("O|*-").slice(0, 32);
  const refundNumber = `${number}-R@1`;
  const refunded = {
    refund_id: "50300001", out_refund_no: refundNumber, out_trade_no: number, status: "PROCESSING",
    transaction_id: "4200001863202305068344507881", amount: { refund: 800, total: 12_800 },
  };
  const calls = [
    [{ native_order: order(number) }, stage.signedByThem({ code_url: "weixin://wxpay/bizpayurl?pr=1" }),
      { code_url: "weixin://wxpay/bizpayurl?pr=1" }],
    [{ query: number }, stage.signedByThem(transaction(number)), {
      state: "Paid", app_id: stage.sandbox.wechat.appid, merchant_id: stage.sandbox.wechat.mchid, out_trade_no: number,
      transaction_id: "4200001863202305068344507881", amount: 12_800, currency: "CNY",
      paid_at: Date.parse("2026-11-28T13:29:35+08:00") / 1000,
    }],
    [{ close: number }, stage.signedByThem(null, { status: 204 }), null],
    [{ refund: { out_trade_no: number, out_refund_no: refundNumber, amount: 800, total: 12_800, reason: "不要了 +1" } },
      stage.signedByThem(refunded), {
        state: "Processing", out_trade_no: number, out_refund_no: refundNumber, refund_id: "50300001", amount: 800,
      }],
    [{ query_refund: refundNumber }, stage.signedByThem({ ...refunded, status: "SUCCESS" }), {
      state: "Succeeded", out_trade_no: number, out_refund_no: refundNumber, refund_id: "50300001", amount: 800,
    }],
  ];
  for (const [call, signed, expected] of calls) {
    stage.answer = () => /** @type {import("./stage/listener.mjs").Answer} */ (signed);
    assert.deepEqual(await stage.ask(call), { ok: expected });
    const [request] = stage.platform.takeAll();
    stage.checkSignedByUs(request);
    assert.throws(() => stage.checkSignedByUs({ ...request, url: `${request.url}1` }));
  }
});

test("our client refuses an answer that they sign with another key", async () => {
  const number = orderNumber();
  stage.answer = () => stage.signedByThem(transaction(number), { key: stage.sandbox.wechat.merchant_private_key });
  assert.equal((await stage.ask({ query: number })).error.code, "unverified");
});

/** A notification encrypted and signed by their functions. */
function signedNotification(/** @type {any} */ event, /** @type {any} */ subject, /** @type {any} */ resource, { key = stage.sandbox.wechat.api_v3_key } = {}) {
  const nonce = Formatter.nonce(12);
  const { body, headers } = stage.signedByThem({
    id: "EV-2018022511223320873", create_time: "2026-11-28T13:29:35+08:00", resource_type: "encrypt-resource",
    event_type: event, summary: "支付成功",
    resource: {
      original_type: subject, algorithm: "AEAD_AES_256_GCM", associated_data: subject, nonce,
      ciphertext: Aes.AesGcm.encrypt(JSON.stringify(resource), key, nonce, subject),
    },
  });
  return { body, headers };
}

test("our client accepts notifications that they encrypt and sign, and no others", async () => {
  const number = orderNumber();
  const message = signedNotification("TRANSACTION.SUCCESS", "transaction", transaction(number, { attach: DESCRIPTION }));
  const { ok } = await stage.ask({ notification: message });
  assert.equal(ok.trade.state, "Paid");
  assert.deepEqual([ok.trade.out_trade_no, ok.trade.amount], [number, 12_800]);

  const code = async (/** @type {any} */ spoiled) => (await stage.ask({ notification: spoiled })).error?.code;
  assert.equal(await code({ ...message, body: message.body.replace("EV-", "EX-") }), "bad_signature");
  assert.equal(await code({ ...message, body: `${message.body} ` }), "bad_signature");
  assert.equal(
    await code(signedNotification("TRANSACTION.SUCCESS", "transaction", transaction(number), { key: "0".repeat(32) })),
    "undecryptable",
  );
  const stale = { ...message.headers, "Wechatpay-Timestamp": String(Formatter.timestamp() - 301) };
  assert.equal(await code({ ...message, headers: stale }), "stale_timestamp");

  const refund = signedNotification("REFUND.SUCCESS", "refund", {
    mchid: stage.sandbox.wechat.mchid, out_trade_no: number, out_refund_no: "R_1", refund_id: "50300001",
    transaction_id: "4200001863202305068344507881", refund_status: "SUCCESS",
    success_time: "2026-11-28T13:29:35+08:00", user_received_account: "零钱",
    amount: { total: 12_800, refund: 800, payer_total: 12_000, payer_refund: 750 },
  });
  const { ok: read } = await stage.ask({ refund_notification: refund });
  assert.deepEqual(read.refund, {
    state: "Succeeded", out_trade_no: number, out_refund_no: "R_1", refund_id: "50300001", amount: 800,
  });
});
