// Faults inside WeChat: sign-in on WeChat's page, the order, and the bridge that opens the payment
// sheet, each late, lost, refused, repeated or forged.
import assert from "node:assert/strict";

import { FAULTS, NETWORK_ERRORS } from "./faults/faults.mjs";
import {
  COMMON_FAULTS, LIFECYCLES, MAIN_FAULTS, checkFaults, dismissSheet, lateBridge, payOneOrder, payWithoutBridge, signInReturnFaults, startFaults,
  untilFault,
} from "./faults/environments.mjs";
import { NAVIGATION_FAULTS } from "./faults/redirect-shopper.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */
/** @typedef {import("./faults/page-time.mjs").Screen} Screen */

const group = matrix();
const PHONES = ["WeChat on an iPhone", "WeChat on Android", "WeChat on HarmonyOS NEXT"];

let turn = 0;
const inWechat = (/** @type {any} */ expected = [], more = {}) => {
  turn += 1;
  return { wallet: "wechat_pay", device: PHONES[turn % 3], bridge: "ready", expected: [...expected, ...NETWORK_ERRORS], ...more };
};

const payOnce = payOneOrder("jsapi");

group("the start inside WeChat fails", startFaults(COMMON_FAULTS, inWechat, payOnce));

group("the return from sign-in is", signInReturnFaults(inWechat, payOnce));

group("WeChat's sign-in page does not load", ["lost before it is served", "lost after it is served"].map((name) =>
  [name, inWechat(), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    const rule = shopper.inject("gateway", NAVIGATION_FAULTS[name]);
    await shopper.begin();
    await shopper.until("the browser's error page", (/** @type {any} */ { state }) => state === "away");
    await shopper.back();
    await payOnce(case_, shopper);
    assert.equal(rule.hits, 1);
  }]));

/** Faults of the gateway's order call, which is made on return from sign-in. */
const ORDERS = {
  "lost before it is served": { down: true },
  "served, its answer lost": { drop_answers: true },
  "served, and answered 500": { wechat_next_status: 500 },
  "served after the page has returned": { slow_ms: 14_000 },
};

// The gateway's fault switches affect all cases of the file, so these run one at a time.
group("the order after sign-in is", Object.entries(ORDERS).map(([name, switches]) =>
  [name, inWechat([/status of (?:429|50\d)/]), async (/** @type {Case} */ case_) => {
    const { servers } = case_;
    await servers.faults(switches);
    const shopper = await case_.shopper();
    await shopper.begin();
    await shopper.untilAtShop();
    const screen = await shopper.untilActionable();
    assert.ok(screen.actions.length > 0, screen.text);
    await servers.resetFaults();
    await payOnce(case_, shopper);
  }]), { concurrency: 1 });

/** The first decision at the payment sheet, and the message that the widget shows; the next one pays. */
/** @type {Record<string, { message?: string }>} */
const DECISIONS = {
  ok: {},
  cancel: {},
  fail: { message: "wallet_unavailable" },
  nothing: {},
  // gateways.md A11.1: only the backend's query proves a payment.
  ok_unpaid: { message: "not_paid_yet" },
  cancel_paid: {},
  unknown_paid: {},
};

group("the bridge answers", Object.entries(DECISIONS).map(([decision, { message }]) =>
  [decision, inWechat(), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    shopper.decisions = [decision];
    await shopper.begin();
    await shopper.until("the sheet", () => shopper.bridgeCalls === 1);
    if (message) await shopper.until("the message", (/** @type {Screen} */ screen) => shopper.reads(screen, message));
    await payOnce(case_, shopper);
  }]));

group("the bridge is", [
  lateBridge(inWechat, payOnce),
  ["never ready, which is reported with a QR code as the alternative", inWechat([], { bridge: "none" }), async (/** @type {Case} */ case_) => {
    await payWithoutBridge(case_, "alipay");
  }],
]);

group("the check after the sheet fails", checkFaults(inWechat, payOnce));

group("the notification is lost", [
  ["and the bridge reports success", inWechat(), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    await shopper.begin();
    await payOnce(case_, shopper);
  }],
  ["and the bridge reports a cancel", inWechat(), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    shopper.decisions = ["cancel_paid"];
    await shopper.begin();
    await payOnce(case_, shopper);
    assert.equal(shopper.bridgeCalls, 1, "called once");
  }],
  ["and the bridge does not answer, and the shopper presses \"I have paid\"", inWechat(), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    shopper.decisions = ["nothing"];
    await shopper.begin();
    await shopper.until("the sheet", () => shopper.bridgeCalls === 1);
    await shopper.payInApp();
    await shopper.press("paid");
    await shopper.untilPaid(2_000);
    await case_.assertPaidOnce();
  }],
], { switches: { drop_notifications: true } });

for (const [lifecycle, cycle] of Object.entries(LIFECYCLES)) {
  group(`after the payment sheet was dismissed the page ${lifecycle}`, [
    ["and the payment is completed", inWechat(), async (/** @type {Case} */ case_) => {
      const shopper = await cycle(await dismissSheet(case_));
      await payOnce(case_, shopper);
    }],
    ["and the app has paid before it returns", inWechat(), async (/** @type {Case} */ case_) => {
      const before = await dismissSheet(case_);
      await before.payInApp();
      const shopper = await cycle(before);
      await shopper.untilPaid(2_000);
      await case_.assertPaidOnce();
    }],
  ]);
}

group("the cancel after the payment sheet was dismissed fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, inWechat(fault.expected), async (/** @type {Case} */ case_) => {
    const shopper = await dismissSheet(case_);
    const rule = case_.proxy.inject("cancel", fault.act, { times: 1 });
    await shopper.press("cancel");
    await untilFault(shopper, rule, fault);
    await shopper.payUntilComplete();
    await case_.assertPaidOnce();
  }]));

group("all requests fail while the payment sheet is open", ["lost before it is served", "a captive portal"].map((name) =>
  [name, inWechat(FAULTS[name].expected), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    shopper.decisions = ["nothing"];
    await shopper.begin();
    await shopper.until("the sheet", () => shopper.bridgeCalls === 1);
    const rule = case_.proxy.inject("*", FAULTS[name].act);
    case_.proxy.breakConnections();
    await shopper.payInApp();
    await shopper.until("three failed requests", () => rule.hits >= 3, 60_000);
    rule.lift();
    await shopper.untilPaid(75_000);
    await case_.assertPaidOnce();
  }]));
