// WeChat Pay v3: `wechatpay-node-v3`, another third-party client, against our sandbox and our client.
import assert from "node:assert/strict";
import { test } from "node:test";

import { order } from "./stage/ours.mjs";
import { Pay, PayRequest } from "./stage/packages.mjs";
import { orderNumber } from "./stage/sandbox.mjs";
import { WechatStage } from "./stage/wechat.mjs";

const stage = new WechatStage();
const GATEWAY = "https://api.mch.weixin.qq.com";

/** Their transport, which sends to our sandbox what is meant for the gateway. */
class ToSandbox extends PayRequest {
  /** @param {string} url @param {object} headers */
  get(url, headers) {
    return super.get(url.replace(GATEWAY, stage.sandbox.url), headers);
  }

  /** @param {string} url @param {object} params @param {object} headers */
  post(url, params, headers) {
    return super.post(url.replace(GATEWAY, stage.sandbox.url), params, headers);
  }
}

/** Their client for our sandbox. @returns {any} */
function client(more = {}) {
  const {
    appid, mchid, merchant_serial, merchant_private_key, public_key_id, public_key, api_v3_key,
  } = stage.sandbox.wechat;
  // The client fetches certificates; a public key has to be put beside them.
  Pay.certificates[public_key_id] = public_key;
  const made = new Pay({
    appid, mchid, serial_no: merchant_serial, publicKey: Buffer.from(public_key),
    privateKey: Buffer.from(merchant_private_key), key: api_v3_key, ...more,
  });
  made.createHttp(new ToSandbox());
  return made;
}

/** An order as their client sends it, which adds `appid` and `mchid`. */
function body(/** @type {string} */ number) {
  const { appid: _, mchid: __, ...rest } = stage.body(number);
  return rest;
}

/** Their client orders a code at our sandbox, and the phone pays. Returns the notification. */
async function paid(/** @type {string} */ number) {
  const { status, data } = await client().transactions_native(body(number));
  assert.equal(status, 200);
  await stage.sandbox.phone("approve", data.code_url);
  return stage.shop.take(`/${number}`);
}

/** Verifies a notification as their documentation says. @param {any} notification */
function isGenuine({ headers, body }) {
  return client().verifySign({
    timestamp: headers["wechatpay-timestamp"], nonce: headers["wechatpay-nonce"], body: body.toString(),
    serial: headers["wechatpay-serial"], signature: headers["wechatpay-signature"],
  });
}

/** Decrypts a notification by their function. @param {any} notification */
function opened({ body }) {
  const { ciphertext, associated_data, nonce } = JSON.parse(body).resource;
  return client().decipher_gcm(ciphertext, associated_data, nonce);
}

test("their client orders, queries, refunds and closes at our sandbox", async () => {
  const number = orderNumber();
  const { data: ordered } = await client().transactions_native(body(number));
  assert.match(ordered.code_url, /^weixin:\/\/wxpay\/bizpayurl\?pr=/);
  const unpaid = await client().query({ out_trade_no: number });
  assert.deepEqual([unpaid.status, unpaid.data.trade_state], [200, "NOTPAY"]);
  await stage.sandbox.phone("approve", ordered.code_url);
  await stage.shop.take(`/${number}`);
  const { data: done } = await client().query({ out_trade_no: number });
  assert.deepEqual([done.trade_state, done.amount.total], ["SUCCESS", 12_800]);
  assert.deepEqual((await client().query({ transaction_id: done.transaction_id })).data, done);
  const refused = await client().close(number);
  assert.deepEqual([refused.status, JSON.parse(refused.error).code], [400, "ORDERPAID"]);

  const refundNumber = `${number}-R@1`;
  const refund = {
    out_trade_no: number, out_refund_no: refundNumber, reason: "不要了 +1", notify_url: `${stage.shop.url}/${refundNumber}`,
    amount: { refund: 800, total: 12_800, currency: "CNY" },
  };
  assert.equal((await client().refunds(refund)).data.status, "PROCESSING");
  const notification = await stage.shop.take(`/${refundNumber}`);
  assert.ok(await isGenuine(notification));
  assert.equal(opened(notification).refund_status, "SUCCESS");
  assert.equal((await client().find_refunds(refundNumber)).data.status, "SUCCESS");

  const other = orderNumber();
  await client().transactions_native(body(other));
  assert.equal((await client().close(other)).status, 204);
  assert.equal((await client().query({ out_trade_no: other })).data.trade_state, "CLOSED");
});

test("our sandbox refuses their signature by another key", async () => {
  const wrong = client({ privateKey: Buffer.from(stage.sandbox.platform.wechat) });
  const { status, error } = await wrong.query({ out_trade_no: orderNumber() });
  assert.deepEqual([status, JSON.parse(error).code], [401, "SIGN_ERROR"]);
});

test("they verify and decrypt our sandbox's notifications, and refuse changed ones", async () => {
  const number = orderNumber();
  const notification = await paid(number);
  assert.ok(await isGenuine(notification));
  assert.deepEqual(opened(notification), (await client().query({ out_trade_no: number })).data);
  assert.ok(!(await isGenuine({ ...notification, body: `${notification.body} ` })));
  for (const name of ["wechatpay-timestamp", "wechatpay-nonce"]) {
    const headers = { ...notification.headers, [name]: `${notification.headers[name]}1` };
    assert.ok(!(await isGenuine({ ...notification, headers })), name);
  }
});

test("their client fetches our sandbox's certificates and verifies a notification by a new one", async () => {
  await stage.sandbox.faults({ wechat_trust: "certificate" });
  const { serial_no } = await stage.sandbox.rotate();
  const notification = await paid(orderNumber());
  assert.equal(notification.headers["wechatpay-serial"], serial_no);
  assert.ok(await isGenuine(notification));
  assert.ok(serial_no in Pay.certificates);
});

test("their code writes the same authorization as our client", async () => {
  const number = orderNumber();
  const calls = [
    { native_order: order(number) }, { query: number }, { close: number },
    { refund: { out_trade_no: number, out_refund_no: "R_1", amount: 800, total: 12_800, reason: "不要了 +1" } },
    { query_refund: "R_1" },
  ];
  // The answer does not matter here: only the request is looked at.
  stage.answer = () => ({ status: 404 });
  for (const call of calls) {
    await stage.ask(call);
    const [{ method, url, headers, body: sent }] = stage.platform.takeAll();
    const [, pairs = ""] = headers.authorization?.split(" ") ?? [];
    const claim = Object.fromEntries([...pairs.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    const signature = client().getSignature(method, claim.nonce_str, claim.timestamp, url, sent.toString());
    const [, written] = client().getAuthorization(claim.nonce_str, claim.timestamp, signature).split(" ");
    assert.deepEqual(pairs.split(",").sort(), written.split(",").sort(), JSON.stringify(call));
  }
});
