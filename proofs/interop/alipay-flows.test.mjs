// Alipay's other products, OAuth and bills: Alipay's own client against our sandbox and client.
import assert from "node:assert/strict";
import { test } from "node:test";

import { AlipayStage, form } from "./stage/alipay.mjs";
import { alipayConfig, ours } from "./stage/ours.mjs";
import { Sandbox, orderNumber } from "./stage/sandbox.mjs";

const stage = new AlipayStage();

const APP = { "User-Agent": "Mozilla/5.0 (iPhone) AliApp(AP/10.6.0) AlipayClient/10.6.0" };
const PHONE = { "User-Agent": "Mozilla/5.0 (iPhone)" };

test("their page for phones leads to our sandbox's cashier, whose return they verify", async () => {
  const number = orderNumber();
  const page = stage.theirs.pageExecute("alipay.trade.wap.pay", "GET", {
    bizContent: stage.content(number, { product_code: "QUICK_WAP_WAY", quit_url: `${stage.shop.url}/cart` }),
    returnUrl: `${stage.shop.url}/back`, notifyUrl: `${stage.shop.url}/${number}`,
  });
  const cashier = await fetch(page, { headers: PHONE });
  const back = await fetch(`${cashier.url}/pay`, { method: "POST", redirect: "manual" });
  const parameters = Object.fromEntries(new URL(back.headers.get("location") ?? "").searchParams);
  assert.deepEqual([parameters.out_trade_no, parameters.method], [number, "alipay.trade.wap.pay.return"]);
  assert.ok(stage.theirs.checkNotifySignV2(parameters));
  assert.ok(stage.theirs.checkNotifySignV2(form(await stage.shop.take(`/${number}`))));
});

/** The `auth_code` that our sandbox gives a page in Alipay's app. */
async function authCode() {
  const asked = new URLSearchParams({
    app_id: stage.sandbox.alipay.app_id, scope: "auth_base", redirect_uri: `${stage.shop.url}/code`, state: "s",
  });
  const gone = await fetch(`${stage.sandbox.url}/oauth2/publicAppAuthorize.htm?${asked}`, { headers: APP, redirect: "manual" });
  return new URL(gone.headers.get("location") ?? "").searchParams.get("auth_code");
}

const token = (/** @type {any} */ code) => stage.theirs.exec(
  "alipay.system.oauth.token", { grant_type: "authorization_code", code }, { validateSign: true },
);

test("their client gets the buyer from our sandbox and creates an order for them", async () => {
  const code = await authCode();
  const granted = await token(code);
  assert.match(granted.userId, /^2088\d{12}$/);
  // Only a failure has a code (gateways.md B11), by which their clients detect it.
  assert.equal(granted.code, undefined);
  // A failure is an `error_response`, which their client reads and cannot verify.
  await assert.rejects(token(code), ({ responseDataRaw }) => {
    assert.equal(JSON.parse(responseDataRaw).error_response.sub_code, "isv.code-invalid");
    const signed = stage.theirs.getSignStr(responseDataRaw, "error_response");
    return stage.theirs.rsaCheck(signed, JSON.parse(responseDataRaw).sign);
  });

  const number = orderNumber();
  const created = await stage.call(
    "create", stage.content(number, { product_code: "JSAPI_PAY", buyer_id: granted.userId, op_app_id: stage.sandbox.alipay.app_id }),
    { notify_url: `${stage.shop.url}/${number}` },
  );
  assert.equal(created.outTradeNo, number);
  assert.equal((await stage.call("query", { out_trade_no: number })).tradeNo, created.tradeNo);
  const answer = await fetch(`${stage.sandbox.url}/bridge/alipay`, {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ params: { tradeNO: created.tradeNo }, decision: "ok" }),
  });
  assert.equal((await answer.json()).resultCode, "9000");
  assert.ok(stage.theirs.checkNotifySignV2(form(await stage.shop.take(`/${number}`))));
});

test("their client cancels at our sandbox, which refunds the payment", async () => {
  const number = orderNumber();
  await stage.paid(number);
  const canceled = await stage.call("cancel", { out_trade_no: number });
  assert.deepEqual([canceled.action, canceled.retryFlag], ["refund", "N"]);
  assert.equal((await stage.call("query", { out_trade_no: number })).tradeStatus, "TRADE_CLOSED");
});

test("their client and ours talk to our sandbox in certificate mode", async () => {
  await stage.sandbox.faults({ alipay_certificates: true });
  const number = orderNumber();
  const inKeyMode = await stage.call("query", { out_trade_no: number });
  assert.deepEqual([inKeyMode.code, inKeyMode.subCode], ["40003", "isv.missing-signature-config"]);

  const { alipay: certificates } = await stage.sandbox.certificates();
  const by = stage.client({
    alipayPublicKey: undefined, appCertContent: certificates.app_cert,
    alipayPublicCertContent: certificates.alipay_cert, alipayRootCertContent: certificates.alipay_root_cert,
  });
  const { qrCode } = await stage.call("precreate", stage.content(number), { by, notify_url: `${stage.shop.url}/${number}` });
  await stage.sandbox.phone("approve", qrCode);
  assert.equal((await stage.call("query", { out_trade_no: number }, { by })).tradeStatus, "TRADE_SUCCESS");

  const notification = await stage.shop.take(`/${number}`);
  const { alipay_cert_sn, ...message } = form(notification);
  assert.equal(alipay_cert_sn, by.config.alipayCertSn);
  assert.ok(by.checkNotifySignV2(message));
  // Their check treats the number as a signed member, which it is not (gateways.md B8).
  assert.ok(!by.checkNotifySignV2(form(notification)));

  const { alipay_public_key: _, ...settings } = alipayConfig(stage.sandbox.alipay);
  const asked = (/** @type {any} */ call) => ours("alipay", { ...settings, certificates }, call);
  assert.equal((await asked({ query: number })).ok.state, "Paid");
  assert.equal((await asked({ notification: notification.body.toString() })).ok.trade.out_trade_no, number);
});

test("their client accepts Alipay's certificate alone, and with issuers that no root certificate has signed", async () => {
  for (const chain of ["leaf", "test"]) {
    const sandbox = await Sandbox.start(["--alipay-chain", chain]);
    try {
      await sandbox.faults({ alipay_certificates: true });
      const { alipay: certificates } = await sandbox.certificates();
      assert.equal(certificates.alipay_cert.match(/BEGIN/g).length, chain === "leaf" ? 1 : 3);
      const { gateway_url, app_id, app_private_key } = sandbox.alipay;
      const by = stage.client({
        gateway: gateway_url, appId: app_id, privateKey: app_private_key, alipayPublicKey: undefined,
        appCertContent: certificates.app_cert, alipayPublicCertContent: certificates.alipay_cert,
        alipayRootCertContent: certificates.alipay_root_cert,
      });
      const answer = await stage.call("query", { out_trade_no: orderNumber() }, { by });
      assert.equal(answer.subCode, "ACQ.TRADE_NOT_EXIST", chain);
    } finally {
      await sandbox.stop();
    }
  }
});
