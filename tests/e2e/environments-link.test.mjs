// A merchant with a contract for codes only: on a phone a link opens the same code in Alipay's app.
import assert from "node:assert/strict";

import { stage } from "./stage/scenario.mjs";
import { device, lastOrder } from "./environments/device.mjs";

const scenario = stage({ mobileFlow: "precreate_link" });

scenario("mobile browser × alipay: a button opens the app; if no app opens, that is reported and the code stays", async (visit) => {
  const widget = await visit.embed();
  const events = await widget.listen("before-redirect", "action-handled");
  const code = await widget.payByCode("alipay");
  assert.equal((await lastOrder(visit.servers)).product, "precreate");
  assert.deepEqual((await events()).filter((/** @type {any} */ { name }) => name === "before-redirect"), [], "no redirect without a press");

  await widget.button("continue").click();
  const [asked] = (await events()).filter((/** @type {any} */ { name }) => name === "before-redirect");
  const url = new URL(asked.detail.url);
  assert.equal(asked.detail.url.split("?")[0], "alipays://platformapi/startapp");
  assert.equal(url.searchParams.get("saId"), "10000007");
  assert.equal(url.searchParams.get("qrcode"), code);

  await widget.says("app_not_opened");
  await visit.servers.phone("approve", await widget.code(), "alipay");
  await widget.isPaid();
}, { context: device("Chrome on Android"), expected: [/launch 'alipays:/] });
