// A merchant whose contract is for codes only: on a phone the same code opens Alipay by a press.
import assert from "node:assert/strict";

import { stage } from "./stage/scenario.mjs";
import { device, lastOrder } from "./environments/device.mjs";

const scenario = stage({ mobileFlow: "precreate_link" });

scenario("mobile browser × alipay: the app opens by a press; where it does not, that is said and the code stays", async (visit) => {
  const widget = await visit.embed();
  const heard = await widget.listen("before-redirect", "action-handled");
  // This computer has no Alipay; what would open it is looked at and let be.
  await widget.host.evaluate((host) =>
    host.addEventListener("cashier-before-redirect", (event) => event.preventDefault()));
  const code = await widget.payByCode("alipay");
  assert.equal((await lastOrder(visit.servers)).product, "precreate");
  assert.deepEqual((await heard()).filter((/** @type {any} */ { name }) => name === "before-redirect"), [], "nobody asked for it");

  await widget.button("continue").click();
  const [asked] = (await heard()).filter((/** @type {any} */ { name }) => name === "before-redirect");
  const url = new URL(asked.detail.url);
  assert.equal(asked.detail.url.split("?")[0], "alipays://platformapi/startapp");
  assert.equal(url.searchParams.get("saId"), "10000007");
  assert.equal(url.searchParams.get("qrcode"), code);

  await widget.says("app_not_opened");
  await visit.servers.phone("approve", await widget.code(), "alipay");
  await widget.isPaid();
}, { context: device("Chrome on Android") });
