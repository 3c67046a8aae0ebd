// Our client's requests for Alipay's other products, verified by Alipay's own client.
import assert from "node:assert/strict";
import { test } from "node:test";

import { AlipayStage, SUBJECT, parametersOf } from "./stage/alipay.mjs";
import { order } from "./stage/ours.mjs";
import { orderNumber } from "./stage/sandbox.mjs";

const stage = new AlipayStage();

test("their check accepts our client's other calls, and our client accepts answers that they sign", async () => {
  const number = orderNumber();
  /** @type {[call: object, method: string, node: string, expected: unknown][]} */
  const calls = [
    [{ buyer: "4b203fe6c11548bcabd8da5bb087a83b" }, "system.oauth.token",
      '{"access_token":"a","expires_in":3600,"refresh_token":"r","re_expires_in":3600,"user_id":"2088102150477652"}',
      { user_id: "2088102150477652" }],
    [{ trade_create: { order: order(number, { description: SUBJECT }), user_id: "2088102150477652" } }, "trade.create",
      `{"code":"10000","msg":"Success","out_trade_no":"${number}","trade_no":"2026112822001434021425786415"}`,
      { trade_no: "2026112822001434021425786415" }],
    [{ cancel: number }, "trade.cancel",
      `{"code":"10000","msg":"Success","action":"refund","out_trade_no":"${number}","retry_flag":"N","trade_no":"2026112822001434021425786415"}`,
      "Refunded"],
  ];
  for (const [call, method, node, expected] of calls) {
    stage.answer = () => stage.signedByThem(method, node);
    const { ok, error } = await stage.ask(call);
    assert.deepEqual(ok, expected, `${method}: ${error?.message}`);
    const [request] = stage.platform.takeAll();
    const parameters = parametersOf(request);
    assert.equal(parameters.method, `alipay.${method}`);
    assert.ok(stage.isSignedByUs(parameters), method);
  }
});

test("their check accepts the framed payment page that our client signs", async () => {
  const { ok } = await stage.ask({ page_frame_url: order(orderNumber(), { return_url: "http://127.0.0.1:9/back" }) });
  const parameters = Object.fromEntries(new URL(ok.url).searchParams);
  assert.ok(stage.isSignedByUs(parameters));
  assert.ok("qr_pay_mode" in JSON.parse(parameters.biz_content));
});
