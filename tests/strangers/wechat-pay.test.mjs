// WeChat Pay v3: a published client of somebody else against our sandbox and our client.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { Listener } from "./stage/listener.mjs";
import { DESCRIPTION, order, ours, wechatConfig } from "./stage/ours.mjs";
import { Aes, Formatter, Rsa, Wechatpay } from "./stage/packages.mjs";
import { Sandbox, orderNumber, publicKeyOf } from "./stage/sandbox.mjs";

let sandbox;
/** Where our sandbox notifies a merchant who uses their client. */
let shop;
/** Plays the platform by their functions. */
let platform;
/** What `platform` answers next. */
let answer;
let theirs;

before(async () => {
  sandbox = await Sandbox.start();
  shop = await Listener.start(() => ({ status: 204 }));
  platform = await Listener.start((kept) => answer(kept));
  theirs = client();
});
after(() => Promise.all([sandbox?.stop(), shop?.stop(), platform?.stop()]));
afterEach(() => sandbox.allIsWell());

/** Their client for our sandbox. */
function client(more = {}) {
  const { base_url, mchid, merchant_serial, merchant_private_key, public_key_id, public_key } = sandbox.wechat;
  return new Wechatpay({
    baseURL: base_url, mchid, serial: merchant_serial, privateKey: merchant_private_key,
    certs: { [public_key_id]: public_key }, ...more,
  });
}

function nativeBody(number, more = {}) {
  const { appid, mchid } = sandbox.wechat;
  return {
    appid, mchid, description: DESCRIPTION, out_trade_no: number, notify_url: `${shop.url}/${number}`,
    attach: "a=1&b=%20+ 二", amount: { total: 12_800, currency: "CNY" }, ...more,
  };
}

/** Their client orders at our sandbox, and the phone pays. */
async function paid(number) {
  const { data } = await theirs.v3.pay.transactions.native.post(nativeBody(number));
  await sandbox.phone("approve", data.code_url);
  return shop.take(`/${number}`);
}

function query(chain, number) {
  return chain.v3.pay.transactions.outTradeNo._out_trade_no_.get({
    params: { mchid: sandbox.wechat.mchid }, out_trade_no: number,
  });
}

const refundBody = (number, refundNumber) => ({
  out_trade_no: number, out_refund_no: refundNumber, reason: "不要了 +1",
  notify_url: `${shop.url}/${refundNumber}`, amount: { refund: 800, total: 12_800, currency: "CNY" },
});

test("their client orders, asks, refunds and closes at our sandbox and believes its answers", async () => {
  const number = orderNumber("N|*-");
  const { data: ordered } = await theirs.v3.pay.transactions.native.post(nativeBody(number));
  assert.match(ordered.code_url, /^weixin:\/\/wxpay\/bizpayurl/);
  const { data: waiting } = await query(theirs, number);
  assert.equal(waiting.trade_state, "NOTPAY");

  await sandbox.phone("approve", ordered.code_url);
  const { data: done } = await query(theirs, number);
  assert.equal(done.trade_state, "SUCCESS");
  assert.equal(done.amount.total, 12_800);
  assert.equal(done.attach, "a=1&b=%20+ 二");
  const { data: byId } = await theirs.v3.pay.transactions.id._transaction_id_.get({
    params: { mchid: sandbox.wechat.mchid }, transaction_id: done.transaction_id,
  });
  assert.equal(byId.out_trade_no, number);

  const refundNumber = `${number}-R@1`;
  const { data: refund } = await theirs.v3.refund.domestic.refunds.post(refundBody(number, refundNumber));
  assert.equal(refund.status, "PROCESSING");
  await shop.take(`/${refundNumber}`);
  const { data: refunded } = await theirs.v3.refund.domestic.refunds._out_refund_no_.get({
    out_refund_no: refundNumber,
  });
  assert.equal(refunded.status, "SUCCESS");
  assert.equal(refunded.amount.refund, 800);

  const other = orderNumber();
  await theirs.v3.pay.transactions.native.post(nativeBody(other));
  const closed = await theirs.v3.pay.transactions.outTradeNo._out_trade_no_.close.post(
    { mchid: sandbox.wechat.mchid }, { out_trade_no: other },
  );
  assert.equal(closed.status, 204);
  assert.equal((await query(theirs, other)).data.trade_state, "CLOSED");
});

test("our sandbox refuses their signature by another key, and says what it verified", async () => {
  const wrong = client({ privateKey: sandbox.platform.wechat });
  await assert.rejects(query(wrong, orderNumber()), ({ response }) => {
    assert.equal(response.status, 401);
    assert.equal(response.data.code, "SIGN_ERROR");
    assert.match(response.data.detail.sign_information.truncated_sign_message, /^GET\n\/v3\/pay/);
    return true;
  });
});

test("their client refuses what our sandbox signs wrongly or with a key they do not hold", async () => {
  const number = orderNumber();
  await theirs.v3.pay.transactions.native.post(nativeBody(number));
  await sandbox.spoilNext("query", "bad_signature");
  await assert.rejects(query(theirs, number), { code: "EV3_RES_HEADER_SIGNATURE_DIGEST" });
  await sandbox.faults({ signtest_response: true });
  await assert.rejects(query(theirs, number), { code: "EV3_RES_HEADER_SIGNATURE_DIGEST" });
  await sandbox.allIsWell();
  const blind = client({ certs: { PUB_KEY_ID_0: sandbox.wechat.public_key } });
  await assert.rejects(query(blind, number), { code: "EV3_RES_HEADER_PLATFORM_SERIAL" });
  assert.equal((await query(theirs, number)).data.trade_state, "NOTPAY");
});

/** Verifies a notification as their documentation tells. */
function genuine({ headers, body }) {
  const message = Formatter.response(headers["wechatpay-timestamp"], headers["wechatpay-nonce"], body.toString());
  return headers["wechatpay-serial"] === sandbox.wechat.public_key_id
    && Rsa.verify(message, headers["wechatpay-signature"], sandbox.wechat.public_key);
}

function opened({ body }, key = sandbox.wechat.api_v3_key) {
  const { ciphertext, nonce, associated_data } = JSON.parse(body).resource;
  return JSON.parse(Aes.AesGcm.decrypt(ciphertext, key, nonce, associated_data));
}

test("they verify and decrypt our sandbox's notification of a payment", async () => {
  const number = orderNumber();
  const told = await paid(number);
  assert.ok(genuine(told));
  assert.equal(JSON.parse(told.body).event_type, "TRANSACTION.SUCCESS");
  const transaction = opened(told);
  assert.deepEqual(transaction, (await query(theirs, number)).data);
});

test("they verify and decrypt our sandbox's notification of a refund", async () => {
  const number = orderNumber();
  await paid(number);
  const refundNumber = `${number}R`;
  const { data: refund } = await theirs.v3.refund.domestic.refunds.post(refundBody(number, refundNumber));
  const told = await shop.take(`/${refundNumber}`);
  assert.ok(genuine(told));
  assert.equal(JSON.parse(told.body).event_type, "REFUND.SUCCESS");
  const { refund_status, refund_id, amount } = opened(told);
  assert.deepEqual(
    { refund_status, refund_id, refund: amount.refund },
    { refund_status: "SUCCESS", refund_id: refund.refund_id, refund: 800 },
  );
});

test("they refuse a notification that was damaged, and one that cannot be opened", async () => {
  const told = await paid(orderNumber());
  for (const at of [0, Math.floor(told.body.length / 2), told.body.length - 1]) {
    const body = Buffer.from(told.body);
    body[at] ^= 1;
    assert.ok(!genuine({ ...told, body }), `a changed byte ${at}`);
  }
  for (const name of ["wechatpay-timestamp", "wechatpay-nonce", "wechatpay-signature"]) {
    const headers = { ...told.headers, [name]: told.headers[name].replace(/^./, (first) => (first === "1" ? "2" : "1")) };
    assert.ok(!genuine({ ...told, headers }), `another ${name}`);
  }
  assert.throws(() => opened(told, "0".repeat(32)));
  const message = JSON.parse(told.body);
  message.resource.associated_data = "refund";
  assert.throws(() => opened({ body: JSON.stringify(message) }));
});

test("they refuse our sandbox's probe and take the try after it", async () => {
  await sandbox.faults({ signtest_notification: true });
  const verdicts = [];
  const careful = await Listener.start((kept) => {
    verdicts.push(genuine(kept));
    return { status: verdicts.at(-1) ? 204 : 401 };
  });
  try {
    const { data } = await theirs.v3.pay.transactions.native.post(
      nativeBody(orderNumber(), { notify_url: `${careful.url}/careful` }),
    );
    await sandbox.phone("approve", data.code_url);
    const probe = await careful.take("/careful");
    assert.match(probe.headers["wechatpay-signature"], /^WECHATPAY\/SIGNTEST\//);
    await careful.take("/careful");
    assert.deepEqual(verdicts, [false, true]);
  } finally {
    await careful.stop();
  }
});

/** Checks the `Authorization` header of a request by their functions. */
function checkSignedByUs({ method, url, headers, body }) {
  const [scheme, pairs] = headers.authorization.split(" ");
  const claim = Object.fromEntries([...pairs.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  const { merchant_serial, mchid, merchant_private_key } = sandbox.wechat;
  assert.equal(scheme, "WECHATPAY2-SHA256-RSA2048");
  assert.deepEqual([claim.mchid, claim.serial_no], [mchid, merchant_serial]);
  // Written by them from the same parts it is the same header but for the order of its pairs.
  const message = Formatter.request(method, url, claim.timestamp, claim.nonce_str, body.toString());
  const written = Formatter.authorization(
    mchid, claim.nonce_str, Rsa.sign(message, merchant_private_key), claim.timestamp, merchant_serial,
  );
  assert.deepEqual(pairs.split(",").sort(), written.split(" ")[1].split(",").sort());
  assert.ok(Rsa.verify(message, claim.signature, publicKeyOf(merchant_private_key)));
}

/** Signs an answer by their functions, with the platform's key. */
function signedByThem(value, { key = sandbox.platform.wechat, status = 200 } = {}) {
  const body = value === null ? "" : JSON.stringify(value);
  const [timestamp, nonce] = [String(Formatter.timestamp()), Formatter.nonce()];
  return {
    status,
    body,
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      "Wechatpay-Timestamp": timestamp,
      "Wechatpay-Nonce": nonce,
      "Wechatpay-Serial": sandbox.wechat.public_key_id,
      "Wechatpay-Signature": Rsa.sign(Formatter.response(timestamp, nonce, body), key),
    },
  };
}

const ask = (call) => ours("wechat_pay", wechatConfig(sandbox.wechat, platform.url), call);

function transaction(number, more = {}) {
  const { appid, mchid } = sandbox.wechat;
  return {
    appid, mchid, out_trade_no: number, transaction_id: "4200001863202305068344507881", trade_type: "NATIVE",
    trade_state: "SUCCESS", trade_state_desc: "支付成功", success_time: "2026-11-28T13:29:35+08:00",
    amount: { total: 12_800, payer_total: 12_000, currency: "CNY", payer_currency: "CNY" }, ...more,
  };
}

test("what our client signs is what theirs would have signed, and its answers are believed", async () => {
  const number = orderNumber("O|*-").slice(0, 32);
  const refundNumber = `${number}-R@1`;
  const refunded = {
    refund_id: "50300001", out_refund_no: refundNumber, out_trade_no: number, status: "PROCESSING",
    transaction_id: "4200001863202305068344507881", amount: { refund: 800, total: 12_800 },
  };
  const calls = [
    [{ native_order: order(number) }, signedByThem({ code_url: "weixin://wxpay/bizpayurl?pr=1" }),
      { code_url: "weixin://wxpay/bizpayurl?pr=1" }],
    [{ query: number }, signedByThem(transaction(number)), {
      state: "Paid", app_id: sandbox.wechat.appid, merchant_id: sandbox.wechat.mchid, out_trade_no: number,
      transaction_id: "4200001863202305068344507881", amount: 12_800, currency: "CNY",
      paid_at: Date.parse("2026-11-28T13:29:35+08:00") / 1000,
    }],
    [{ close: number }, signedByThem(null, { status: 204 }), null],
    [{ refund: { out_trade_no: number, out_refund_no: refundNumber, amount: 800, total: 12_800, reason: "不要了 +1" } },
      signedByThem(refunded), {
        state: "Processing", out_trade_no: number, out_refund_no: refundNumber, refund_id: "50300001", amount: 800,
      }],
    [{ query_refund: refundNumber }, signedByThem({ ...refunded, status: "SUCCESS" }), {
      state: "Succeeded", out_trade_no: number, out_refund_no: refundNumber, refund_id: "50300001", amount: 800,
    }],
  ];
  for (const [call, signed, expected] of calls) {
    answer = () => signed;
    assert.deepEqual(await ask(call), { ok: expected });
    const [kept] = platform.takeAll();
    checkSignedByUs(kept);
    assert.throws(() => checkSignedByUs({ ...kept, url: `${kept.url}1` }));
  }
});

test("our client refuses an answer that they sign with another key", async () => {
  const number = orderNumber();
  answer = () => signedByThem(transaction(number), { key: sandbox.wechat.merchant_private_key });
  assert.equal((await ask({ query: number })).error.code, "unverified");
});

/** A notification encrypted and signed by their functions. */
function notification(event, subject, resource, { key = sandbox.wechat.api_v3_key } = {}) {
  const nonce = Formatter.nonce(12);
  const { body, headers } = signedByThem({
    id: "EV-2018022511223320873", create_time: "2026-11-28T13:29:35+08:00", resource_type: "encrypt-resource",
    event_type: event, summary: "支付成功",
    resource: {
      original_type: subject, algorithm: "AEAD_AES_256_GCM", associated_data: subject, nonce,
      ciphertext: Aes.AesGcm.encrypt(JSON.stringify(resource), key, nonce, subject),
    },
  });
  return { body, headers };
}

test("our client opens notifications that they encrypt and sign, and no others", async () => {
  const number = orderNumber();
  const message = notification("TRANSACTION.SUCCESS", "transaction", transaction(number, { attach: DESCRIPTION }));
  const { ok } = await ask({ notification: message });
  assert.equal(ok.trade.state, "Paid");
  assert.deepEqual([ok.trade.out_trade_no, ok.trade.amount], [number, 12_800]);

  const code = async (spoiled) => (await ask({ notification: spoiled })).error?.code;
  assert.equal(await code({ ...message, body: message.body.replace("EV-", "EX-") }), "bad_signature");
  assert.equal(await code({ ...message, body: `${message.body} ` }), "bad_signature");
  assert.equal(
    await code(notification("TRANSACTION.SUCCESS", "transaction", transaction(number), { key: "0".repeat(32) })),
    "undecryptable",
  );
  const stale = { ...message.headers, "Wechatpay-Timestamp": String(Formatter.timestamp() - 301) };
  assert.equal(await code({ ...message, headers: stale }), "stale_timestamp");

  const refund = notification("REFUND.SUCCESS", "refund", {
    mchid: sandbox.wechat.mchid, out_trade_no: number, out_refund_no: "R_1", refund_id: "50300001",
    transaction_id: "4200001863202305068344507881", refund_status: "SUCCESS",
    success_time: "2026-11-28T13:29:35+08:00", user_received_account: "零钱",
    amount: { total: 12_800, refund: 800, payer_total: 12_000, payer_refund: 750 },
  });
  const { ok: read } = await ask({ refund_notification: refund });
  assert.deepEqual(read.refund, {
    state: "Succeeded", out_trade_no: number, out_refund_no: "R_1", refund_id: "50300001", amount: 800,
  });
});
