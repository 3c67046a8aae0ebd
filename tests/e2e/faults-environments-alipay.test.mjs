// Faults inside Alipay: sign-in on its page, and `tradePay` by its bridge.
import assert from "node:assert/strict";

import { FAULTS, NETWORK_ERRORS } from "./faults/faults.mjs";
import { LIFECYCLES, MAIN_FAULTS, falseBridgeSuccess, payWithoutBridge, untilFault } from "./faults/environments.mjs";
import { NAVIGATION_FAULTS } from "./faults/redirect-shopper.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */

const group = matrix();
const PHONES = ["Alipay on an iPhone", "Alipay on Android"];

let turn = 0;
const inAlipay = (/** @type {any} */ expected = [], more = {}) => {
  turn += 1;
  return { wallet: "alipay", device: PHONES[turn % 2], bridge: "ready", expected: [...expected, ...NETWORK_ERRORS], ...more };
};

async function payOnce(/** @type {Case} */ case_, /** @type {any} */ shopper) {
  await shopper.payUntilComplete();
  await case_.assertPaidOnce();
  const products = (await case_.orders()).map((/** @type {any} */ { product }) => product);
  assert.deepEqual(products, ["create"], "one order, of the product for this environment");
}

async function dismissSheet(/** @type {Case} */ case_) {
  const shopper = await case_.shopper();
  shopper.decisions = ["cancel"];
  await shopper.begin();
  await shopper.until("the sheet", () => shopper.bridgeCalls === 1);
  await shopper.untilActionable();
  return shopper;
}

group("the start inside Alipay fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, inAlipay(fault.expected), async (/** @type {Case} */ case_) => {
    const rule = case_.proxy.inject("start", fault.act, { times: 1 });
    const shopper = await case_.shopper();
    await shopper.begin();
    await untilFault(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

group("the return from sign-in is", Object.entries(NAVIGATION_FAULTS).map(([name, act]) =>
  [name, inAlipay([/status of 500/]), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    const rule = shopper.inject("return", act);
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
    await shopper.until("the sheet", () => shopper.bridgeCalls === 1);
    await payOnce(case_, shopper);
  }]));

group("the bridge is", [
  ["late", inAlipay([], { bridge: "late" }), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    await shopper.begin();
    await payOnce(case_, shopper);
    assert.equal(shopper.bridgeCalls, 1, "called once");
  }],
  ["never ready, which is reported", inAlipay([], { bridge: "none" }), async (/** @type {Case} */ case_) => {
    await payWithoutBridge(case_, "wechat_pay");
  }],
]);

group("the check after tradePay fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, inAlipay(fault.expected), async (/** @type {Case} */ case_) => {
    await payOnce(case_, await falseBridgeSuccess(case_, fault));
  }]));

group("the notification is lost", ["ok", "cancel_paid", "unknown_paid"].map((decision) =>
  [`and tradePay answers ${decision}`, inAlipay(), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    shopper.decisions = [decision];
    await shopper.begin();
    await payOnce(case_, shopper);
  }]), { switches: { drop_notifications: true } });

for (const [lifecycle, cycle] of Object.entries(LIFECYCLES)) {
  group(`after the payment sheet was dismissed the page ${lifecycle}`, [
    ["and the payment is completed", inAlipay(), async (/** @type {Case} */ case_) => {
      const shopper = await cycle(await dismissSheet(case_));
      await payOnce(case_, shopper);
    }],
  ]);
}

group("the check after tradePay is pending and never answered while the page", Object.entries(LIFECYCLES)
  .filter(([lifecycle]) => /restored|hidden/.test(lifecycle))
  .map(([lifecycle, cycle]) => [lifecycle, inAlipay(), async (/** @type {Case} */ case_) => {
    const { proxy } = case_;
    const rule = proxy.inject("check", FAULTS["held for ever"].act, { times: 1 });
    const before = await case_.shopper();
    before.decisions = ["unknown"];
    await before.begin();
    await before.until("the check", () => rule.hits === 1);
    const shopper = await cycle(before);
    await shopper.until("another check", () => proxy.count("check") > 1, 500);
    await payOnce(case_, shopper);
  }]));
