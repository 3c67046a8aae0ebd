// Our client's requests for WeChat Pay's other products, verified by a third-party client.
import assert from "node:assert/strict";
import { test } from "node:test";

import { order, ours, wechatConfig } from "./stage/ours.mjs";
import { Formatter, Rsa } from "./stage/packages.mjs";
import { orderNumber } from "./stage/sandbox.mjs";
import { WechatStage } from "./stage/wechat.mjs";

const stage = new WechatStage();

test("our client signs the same bridge parameters for a page in WeChat as theirs", async () => {
  const { ok } = await stage.ask({ jsapi_parameters: "wx201410272009395522657a690389285100" });
  const { appId, timeStamp, nonceStr, package: pack, signType, paySign } = ok;
  assert.deepEqual([appId, pack, signType], [
    stage.sandbox.wechat.appid, "prepay_id=wx201410272009395522657a690389285100", "RSA",
  ]);
  const message = Formatter.joinedByLineFeed(appId, timeStamp, nonceStr, pack);
  assert.equal(paySign, Rsa.sign(message, stage.sandbox.wechat.merchant_private_key));
});

test("our client signs orders for a phone's browser and inside WeChat like theirs", async () => {
  const number = orderNumber();
  const h5Url = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx1&package=1";
  const calls = [
    [{ h5_order: { order: order(number), payer_client_ip: "203.0.113.7" } }, { h5_url: h5Url }],
    [{ jsapi_order: { order: order(number), openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" } }, { prepay_id: "wx1" }],
  ];
  for (const [call, answer] of calls) {
    stage.answer = () => stage.signedByThem(answer);
    assert.deepEqual((await stage.ask(call)).ok, answer);
    const [request] = stage.platform.takeAll();
    stage.checkSignedByUs(request);
  }
});

test("our client and their bill parser read the same lines of our sandbox's bill", async () => {
  await stage.sandbox.faults({ bills_of_today: true });
  const [number, refundNumber] = [orderNumber(), orderNumber("R")];
  await stage.paid(number);
  await stage.theirs.v3.refund.domestic.refunds.post({
    out_trade_no: number, out_refund_no: refundNumber, notify_url: `${stage.shop.url}/${refundNumber}`,
    amount: { refund: 801, total: 12_800, currency: "CNY" },
  });
  await stage.shop.take(`/${refundNumber}`);

  const day = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10);
  const { data } = await stage.theirs.v3.bill.tradebill.get({ params: { bill_date: day } });
  const { data: file } = await stage.theirs.v3.billdownload.file.get({
    params: { token: new URL(data.download_url).searchParams.get("token") }, responseType: "arraybuffer",
    transformResponse: [],
  });
  const theirs = Formatter.castCsvBill(file).rows.map((/** @type {any} */ row) => (row.交易状态 === "REFUND"
    ? [row.商户订单号, row.商户退款单号, row.申请退款金额]
    : [row.商户订单号, null, row.订单金额]));
  const { ok } = await ours("wechat_pay", wechatConfig(stage.sandbox.wechat), { trade_bill: day });
  const yuan = (/** @type {any} */ fen) => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
  assert.deepEqual(ok.map((/** @type {any} */ line) => [line.out_trade_no, line.out_refund_no, yuan(line.amount)]), theirs);
  assert.deepEqual(theirs, [[number, null, "128.00"], [number, refundNumber, "8.01"]]);
});
