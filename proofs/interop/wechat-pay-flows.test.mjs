// WeChat Pay's other products, certificates and bills: a third-party client against our sandbox.
import assert from "node:assert/strict";
import { X509Certificate, createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { test } from "node:test";

import { Aes, Formatter, Rsa } from "./stage/packages.mjs";
import { orderNumber } from "./stage/sandbox.mjs";
import { WechatStage } from "./stage/wechat.mjs";

const stage = new WechatStage();

const WECHAT = { "User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50" };
const SCENE = { payer_client_ip: "203.0.113.7", h5_info: { type: "Wap" } };

test("their client orders for a phone's browser, whose page pays at our sandbox", async () => {
  const number = orderNumber();
  const { data } = await stage.theirs.v3.pay.transactions.h5.post(stage.body(number, { scene_info: SCENE }));
  const back = `${stage.shop.url}/back?a=1&b=2`;
  const page = await fetch(`${data.h5_url}&redirect_url=${encodeURIComponent(back)}`, {
    headers: { Referer: `${stage.shop.url}/cart` },
  });
  const [, pay = ""] = /action="([^"]*\/pay)"/.exec(await page.text()) ?? [];
  const left = await fetch(new URL(pay, page.url), { method: "POST", redirect: "manual" });
  assert.equal(left.headers.get("location"), back);
  const notification = await stage.shop.take(`/${number}`);
  assert.ok(stage.isGenuine(notification));
  assert.deepEqual(stage.opened(notification), (await stage.query(number)).data);
  assert.equal(stage.opened(notification).trade_type, "MWEB");
});

/** The openid that our sandbox gives a page in WeChat. */
async function openid() {
  const { appid, app_secret } = stage.sandbox.wechat;
  const asked = new URLSearchParams({
    appid, redirect_uri: `${stage.shop.url}/code`, response_type: "code", scope: "snsapi_base", state: "s",
  });
  const gone = await fetch(`${stage.sandbox.url}/connect/oauth2/authorize?${asked}`, { headers: WECHAT, redirect: "manual" });
  const code = new URL(gone.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const swap = new URLSearchParams({ appid, secret: app_secret, code, grant_type: "authorization_code" });
  const answer = await fetch(`${stage.sandbox.url}/sns/oauth2/access_token?${swap}`);
  return JSON.parse(await answer.text()).openid;
}

/** The bridge parameters of a page in WeChat, signed as their documentation describes. */
function invocation(/** @type {any} */ prepayId, key = stage.sandbox.wechat.merchant_private_key) {
  const params = {
    appId: stage.sandbox.wechat.appid, timeStamp: String(Formatter.timestamp()), nonceStr: Formatter.nonce(),
    package: `prepay_id=${prepayId}`, signType: "RSA",
  };
  const message = Formatter.joinedByLineFeed(params.appId, params.timeStamp, params.nonceStr, params.package);
  return { ...params, paySign: Rsa.sign(message, key) };
}

async function invoke(/** @type {any} */ params) {
  const answer = await fetch(`${stage.sandbox.url}/bridge/wechat_pay`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ params, decision: "ok" }),
  });
  return answer.json();
}

test("their client orders inside WeChat, and our sandbox's bridge accepts only correct signatures", async () => {
  const number = orderNumber();
  const payer = { openid: await openid() };
  const { data } = await stage.theirs.v3.pay.transactions.jsapi.post(stage.body(number, { payer }));
  const forged = await invoke(invocation(data.prepay_id, stage.sandbox.platform.wechat));
  assert.equal(forged.err_msg, "get_brand_wcpay_request:fail");
  assert.deepEqual(await invoke(invocation(data.prepay_id)), { err_msg: "get_brand_wcpay_request:ok" });
  const notification = await stage.shop.take(`/${number}`);
  assert.ok(stage.isGenuine(notification));
  assert.deepEqual([stage.opened(notification).trade_type, stage.opened(notification).payer], ["JSAPI", payer]);
});

/** Returns their client without platform keys, and the map in which it looks keys up. */
function learner() {
  /** @type {{ certs: Record<string, any> }} */
  const settings = { certs: { any: undefined } };
  const by = stage.client(settings);
  return { by, keys: settings.certs };
}

/** Downloads the platform certificates as their documentation describes: decrypts them, then verifies the answer by them. */
async function downloadCertificates(/** @type {any} */ { by, keys }) {
  const open = (/** @type {string} */ text) => {
    for (const { serial_no, encrypt_certificate: sealed } of JSON.parse(text).data ?? []) {
      const { ciphertext, nonce, associated_data } = sealed;
      keys[serial_no] = Aes.AesGcm.decrypt(ciphertext, stage.sandbox.wechat.api_v3_key, nonce, associated_data);
    }
    return text;
  };
  const { data } = await by.v3.certificates.get({
    transformResponse: [open, ...by.client.v3.defaults.transformResponse],
  });
  return data.data;
}

test("they decrypt our sandbox's platform certificates, verify by them, and follow a rotation", async () => {
  const theirs = learner();
  await assert.rejects(downloadCertificates(theirs), ({ response }) => response.data.code === "RESOURCE_NOT_EXISTS");
  await stage.sandbox.faults({ wechat_trust: "certificate" });
  for (const { serial_no, effective_time, expire_time } of await downloadCertificates(theirs)) {
    const certificate = new X509Certificate(theirs.keys[serial_no]);
    assert.equal(certificate.serialNumber, serial_no);
    assert.equal(Date.parse(certificate.validFrom), Date.parse(effective_time));
    assert.equal(Date.parse(certificate.validTo), Date.parse(expire_time));
  }

  const number = orderNumber();
  const { data } = await theirs.by.v3.pay.transactions.native.post(stage.body(number));
  await assert.rejects(stage.query(number), { code: "EV3_RES_HEADER_PLATFORM_SERIAL" });
  await stage.sandbox.rotate();
  await assert.rejects(stage.query(number, theirs.by), { code: "EV3_RES_HEADER_PLATFORM_SERIAL" });
  assert.equal((await downloadCertificates(theirs)).length, 2);
  assert.equal((await stage.query(number, theirs.by)).data.trade_state, "NOTPAY");
  await stage.sandbox.phone("approve", data.code_url);
  assert.ok(stage.isGenuine(await stage.shop.take(`/${number}`), theirs.keys));
});

/** The current date in China, which bills use. */
const today = () => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10);

test("their bill parser reads our sandbox's bill", async () => {
  await stage.sandbox.faults({ bills_of_today: true });
  const number = orderNumber();
  await stage.paid(number);
  for (const more of [{}, { tar_type: "GZIP" }]) {
    const { data } = await stage.theirs.v3.bill.tradebill.get({ params: { bill_date: today(), ...more } });
    const { data: file } = await stage.theirs.v3.billdownload.file.get({
      params: { token: new URL(data.download_url).searchParams.get("token") }, responseType: "arraybuffer",
      transformResponse: [],
    });
    const plain = more.tar_type ? gunzipSync(file) : file;
    assert.equal(createHash("sha1").update(plain).digest("hex"), data.hash_value);
    const { rows, summary } = Formatter.castCsvBill(plain);
    const row = rows.find((/** @type {any} */ row) => row.商户订单号 === number);
    assert.deepEqual(
      [row?.交易类型, row?.交易状态, row?.订单金额, row?.商品名称?.length > 0], ["NATIVE", "SUCCESS", "128.00", true],
    );
    assert.equal(row.交易时间.slice(0, 10), today());
    assert.equal(summary.总交易单数, String(rows.length));
  }
});
