// Faults inside Alipay: sign-in on its page, and `tradePay` by its bridge.
import { FAULTS, NETWORK_ERRORS } from "./faults/faults.mjs";
import {
  LIFECYCLES, MAIN_FAULTS, checkFaults, dismissSheet, lateBridge, payOneOrder, payWithoutBridge, signInReturnFaults, startFaults,
} from "./faults/environments.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */

const group = matrix();
const PHONES = ["Alipay on an iPhone", "Alipay on Android"];

let turn = 0;
const inAlipay = (/** @type {any} */ expected = [], more = {}) => {
  turn += 1;
  return { wallet: "alipay", device: PHONES[turn % 2], bridge: "ready", expected: [...expected, ...NETWORK_ERRORS], ...more };
};

const payOnce = payOneOrder("create");

group("the start inside Alipay fails", startFaults(MAIN_FAULTS, inAlipay, payOnce));

group("the return from sign-in is", signInReturnFaults(inAlipay, payOnce));

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
  lateBridge(inAlipay, payOnce),
  ["never ready, which is reported", inAlipay([], { bridge: "none" }), async (/** @type {Case} */ case_) => {
    await payWithoutBridge(case_, "wechat_pay");
  }],
]);

group("the check after tradePay fails", checkFaults(inAlipay, payOnce));

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
    const rule = proxy.inject("check", FAULTS["held and never served"].act, { times: 1 });
    const before = await case_.shopper();
    before.decisions = ["unknown"];
    await before.begin();
    await before.until("the check", () => rule.hits === 1);
    const shopper = await cycle(before);
    await shopper.until("another check", () => proxy.count("check") > 1, 500);
    await payOnce(case_, shopper);
  }]));
