// Inside WeChat: signing in on WeChat's page, the order, and the bridge that opens the payment sheet;
// each of them late, lost, refused, repeated, or saying what is not true.
import assert from "node:assert/strict";

import { FAULTS } from "./faults/faults.mjs";
import { FEW, KINDS, LIVES, LOST, meet, noBridge, toldALie } from "./faults/environments.mjs";
import { ROADS } from "./faults/redirect-shopper.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */
/** @typedef {import("./faults/page-time.mjs").Screen} Screen */

const group = matrix();
const PHONES = ["WeChat on an iPhone", "WeChat on Android", "WeChat on HarmonyOS NEXT"];

let turn = 0;
const inWechat = (/** @type {any} */ expected = [], more = {}) => {
  turn += 1;
  return { wallet: "wechat_pay", device: PHONES[turn % 3], bridge: "ready", expected: [...expected, ...LOST], ...more };
};

/** Signed in, and the sheet was left unpaid: the button to open it is there. */
async function leftTheSheet(/** @type {Case} */ case_) {
  const shopper = await case_.shopper();
  shopper.decisions = ["cancel"];
  await shopper.begin();
  await shopper.until("the sheet", () => shopper.bridged === 1);
  await shopper.rest();
  return shopper;
}

async function payOnce(/** @type {Case} */ case_, /** @type {any} */ shopper) {
  await shopper.payToTheEnd();
  await case_.assertPaidOnce();
  const products = (await case_.orders()).map((/** @type {any} */ { product }) => product);
  assert.deepEqual(products, ["jsapi"], "one order, of the product for this environment");
}

group("the start inside WeChat fails", KINDS.map(([name, fault]) =>
  [name, inWechat(fault.expected), async (/** @type {Case} */ case_) => {
    const rule = case_.proxy.spoil("start", fault.act, { times: 1 });
    const shopper = await case_.shopper();
    await shopper.begin();
    await meet(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

group("the return from signing in", Object.entries(ROADS).map(([name, act]) =>
  [name, inWechat([/status of 500/]), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    const rule = shopper.spoil("return", act);
    await shopper.begin();
    await payOnce(case_, shopper);
    assert.equal(rule.hits, 1);
  }]));

group("WeChat's own page does not come", ["lost before it is served", "lost after it is served"].map((name) =>
  [name, inWechat(), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    const rule = shopper.spoil("gateway", ROADS[name]);
    await shopper.begin();
    await shopper.until("the browser's own page", (/** @type {any} */ { state }) => state === "away");
    await shopper.back();
    await payOnce(case_, shopper);
    assert.equal(rule.hits, 1);
  }]));

/** What the gateway does to the order that is made on return from signing in. */
const ORDERS = {
  "lost before it is served": { down: true },
  "served, its answer lost": { drop_answers: true },
  "served, and answered 500": { wechat_next_status: 500 },
  "served so late that the page is back before": { slow_ms: 14_000 },
};

// The switches are the gateway's, so of all cases of the file.
group("the order after signing in is", Object.entries(ORDERS).map(([name, switches]) =>
  [name, inWechat([/status of (?:429|50\d)/]), async (/** @type {Case} */ case_) => {
    const { servers } = case_;
    await servers.faults(switches);
    const shopper = await case_.shopper();
    await shopper.begin();
    await shopper.isHome();
    const screen = await shopper.rest();
    assert.ok(screen.actions.length > 0, screen.words);
    await servers.resetFaults();
    await payOnce(case_, shopper);
  }]), { atOnce: 1 });

/** What the sheet says and does at first; after that it pays. */
/** @type {Record<string, { says?: string }>} */
const DECISIONS = {
  ok: {},
  cancel: {},
  fail: { says: "wallet_unavailable" },
  nothing: {},
  // gateways.md A11.1: the page may ask nobody but its backend.
  ok_unpaid: { says: "not_paid_yet" },
  cancel_paid: {},
  unknown_paid: {},
};

group("the bridge answers", Object.entries(DECISIONS).map(([decision, { says }]) =>
  [decision, inWechat(), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    shopper.decisions = [decision];
    await shopper.begin();
    await shopper.until("the sheet", () => shopper.bridged === 1);
    if (says) await shopper.until("words of it", (/** @type {Screen} */ screen) => shopper.reads(screen, says));
    await payOnce(case_, shopper);
  }]));

group("the bridge is", [
  ["late", inWechat([], { bridge: "late" }), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    await shopper.begin();
    await payOnce(case_, shopper);
    assert.equal(shopper.bridged, 1, "called once");
  }],
  ["never ready: that is said, and a code is a way on", inWechat([], { bridge: "none" }), async (/** @type {Case} */ case_) => {
    await noBridge(case_, "alipay");
  }],
]);

group("the check after the sheet fails", FEW.map(([name, fault]) =>
  [name, inWechat(fault.expected), async (/** @type {Case} */ case_) => {
    await payOnce(case_, await toldALie(case_, fault));
  }]));

group("the notification is lost", [
  ["and the bridge says that it was paid", inWechat(), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    await shopper.begin();
    await payOnce(case_, shopper);
  }],
  ["and the bridge says that it was not", inWechat(), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    shopper.decisions = ["cancel_paid"];
    await shopper.begin();
    await payOnce(case_, shopper);
    assert.equal(shopper.bridged, 1, "called once");
  }],
  ["and the bridge says nothing, and the shopper \"I have paid\"", inWechat(), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    shopper.decisions = ["nothing"];
    await shopper.begin();
    await shopper.until("the sheet", () => shopper.bridged === 1);
    await shopper.payInApp();
    await shopper.press("paid");
    await shopper.isDone(2_000);
    await case_.assertPaidOnce();
  }],
], { switches: { drop_notifications: true } });

for (const [life, live] of Object.entries(LIVES)) {
  group(`after the sheet was left the page ${life}`, [
    ["and gone on with", inWechat(), async (/** @type {Case} */ case_) => {
      const shopper = await live(await leftTheSheet(case_));
      await payOnce(case_, shopper);
    }],
    ["and paid in the app meanwhile", inWechat(), async (/** @type {Case} */ case_) => {
      const before = await leftTheSheet(case_);
      await before.payInApp();
      const shopper = await live(before);
      await shopper.isDone(2_000);
      await case_.assertPaidOnce();
    }],
  ]);
}

group("called off after the sheet was left, and it fails", FEW.map(([name, fault]) =>
  [name, inWechat(fault.expected), async (/** @type {Case} */ case_) => {
    const shopper = await leftTheSheet(case_);
    const rule = case_.proxy.spoil("cancel", fault.act, { times: 1 });
    await shopper.press("cancel");
    await meet(shopper, rule, fault);
    await shopper.payToTheEnd();
    await case_.assertPaidOnce();
  }]));

group("everything fails while the sheet is open", ["lost before it is served", "a captive portal"].map((name) =>
  [name, inWechat(FAULTS[name].expected), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    shopper.decisions = ["nothing"];
    await shopper.begin();
    await shopper.until("the sheet", () => shopper.bridged === 1);
    const rule = case_.proxy.spoil("*", FAULTS[name].act);
    case_.proxy.breakConnections();
    await shopper.payInApp();
    await shopper.until("it is noticed", () => rule.hits >= 3, 60_000);
    rule.lift();
    await shopper.isDone(75_000);
    await case_.assertPaidOnce();
  }]));
