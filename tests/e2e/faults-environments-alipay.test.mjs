// Inside Alipay: signing in on its page, and `tradePay` by its bridge.
import assert from "node:assert/strict";

import { FAULTS } from "./faults/faults.mjs";
import { FEW, LIVES, LOST, meet, noBridge, toldALie } from "./faults/environments.mjs";
import { ROADS } from "./faults/redirect-shopper.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */

const group = matrix();
const PHONES = ["Alipay on an iPhone", "Alipay on Android"];

let turn = 0;
const inAlipay = (/** @type {any} */ expected = [], more = {}) => {
  turn += 1;
  return { wallet: "alipay", device: PHONES[turn % 2], bridge: "ready", expected: [...expected, ...LOST], ...more };
};

async function payOnce(/** @type {Case} */ case_, /** @type {any} */ shopper) {
  await shopper.payToTheEnd();
  await case_.assertPaidOnce();
  const products = (await case_.orders()).map((/** @type {any} */ { product }) => product);
  assert.deepEqual(products, ["create"], "one order, of the product for this environment");
}

async function leftTheSheet(/** @type {Case} */ case_) {
  const shopper = await case_.shopper();
  shopper.decisions = ["cancel"];
  await shopper.begin();
  await shopper.until("the sheet", () => shopper.bridged === 1);
  await shopper.rest();
  return shopper;
}

group("the start inside Alipay fails", FEW.map(([name, fault]) =>
  [name, inAlipay(fault.expected), async (/** @type {Case} */ case_) => {
    const rule = case_.proxy.spoil("start", fault.act, { times: 1 });
    const shopper = await case_.shopper();
    await shopper.begin();
    await meet(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

group("the return from signing in", Object.entries(ROADS).map(([name, act]) =>
  [name, inAlipay([/status of 500/]), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    const rule = shopper.spoil("return", act);
    await shopper.begin();
    await payOnce(case_, shopper);
    assert.equal(rule.hits, 1);
  }]));

/** gateways.md B11: 9000, 6001, 4000, no answer, 9000 unpaid, 8000, and 6004 in both ways. */
const DECISIONS = ["ok", "cancel", "fail", "nothing", "ok_unpaid", "cancel_paid", "processing", "unknown", "unknown_paid"];

group("tradePay answers", DECISIONS.map((decision) =>
  [decision, inAlipay(), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    shopper.decisions = [decision];
    await shopper.begin();
    await shopper.until("the sheet", () => shopper.bridged === 1);
    await payOnce(case_, shopper);
  }]));

group("the bridge is", [
  ["late", inAlipay([], { bridge: "late" }), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    await shopper.begin();
    await payOnce(case_, shopper);
    assert.equal(shopper.bridged, 1, "called once");
  }],
  ["never ready: that is said", inAlipay([], { bridge: "none" }), async (/** @type {Case} */ case_) => {
    await noBridge(case_, "wechat_pay");
  }],
]);

group("the check after tradePay fails", FEW.map(([name, fault]) =>
  [name, inAlipay(fault.expected), async (/** @type {Case} */ case_) => {
    await payOnce(case_, await toldALie(case_, fault));
  }]));

group("the notification is lost", ["ok", "cancel_paid", "unknown_paid"].map((decision) =>
  [`and tradePay answers ${decision}`, inAlipay(), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    shopper.decisions = [decision];
    await shopper.begin();
    await payOnce(case_, shopper);
  }]), { switches: { drop_notifications: true } });

for (const [life, live] of Object.entries(LIVES)) {
  group(`after tradePay was left the page ${life}`, [
    ["and gone on with", inAlipay(), async (/** @type {Case} */ case_) => {
      const shopper = await live(await leftTheSheet(case_));
      await payOnce(case_, shopper);
    }],
  ]);
}

group("the check after tradePay is on its way, and never answered, while the page", Object.entries(LIVES)
  .filter(([life]) => /restored|hidden/.test(life))
  .map(([life, live]) => [life, inAlipay(), async (/** @type {Case} */ case_) => {
    const { proxy } = case_;
    const rule = proxy.spoil("check", FAULTS["held for ever"].act, { times: 1 });
    const before = await case_.shopper();
    before.decisions = ["unknown"];
    await before.begin();
    await before.until("the check", () => rule.hits === 1);
    const shopper = await live(before);
    await shopper.until("it is asked anew", () => proxy.count("check") > 1, 500);
    await payOnce(case_, shopper);
  }]));
