// Alipay's cashier in a frame of the page, on a desktop: it fails to load, is slow, and the page around
// it is reloaded, left, hidden and killed.
import assert from "node:assert/strict";

import { LIFECYCLES, MAIN_FAULTS, untilFault } from "./faults/environments.mjs";
import { NETWORK_ERRORS } from "./faults/faults.mjs";
import { NAVIGATION_FAULTS } from "./faults/redirect-shopper.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */

const group = matrix({ desktopFlow: "page_frame" });
const framed = (/** @type {any} */ expected = []) =>
  ({ wallet: "alipay", device: "Chrome on Windows", expected: [...expected, ...NETWORK_ERRORS] });

/** Pays with a phone what it sees in the frame. */
async function payInFrame(/** @type {any} */ shopper) {
  await shopper.untilScannable();
  await shopper.scanAndApprove();
}

async function opened(/** @type {Case} */ case_) {
  const shopper = await case_.shopper();
  shopper.payOverride = payInFrame;
  return shopper;
}

async function payOnce(/** @type {Case} */ case_, /** @type {any} */ shopper) {
  shopper.payOverride = payInFrame;
  await shopper.payUntilComplete();
  await case_.assertPaidOnce();
  assert.equal((await case_.orders()).length, 1, "one order");
}

group("the start of a frame fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, framed(fault.expected), async (/** @type {Case} */ case_) => {
    const rule = case_.proxy.inject("start", fault.act, { times: 1 });
    const shopper = await opened(case_);
    await shopper.begin();
    await untilFault(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

group("the page in the frame", [
  ...["lost before it is served", "answered 500 before it is served"].map((name) =>
    [`${name}, and is gone to as a whole`, framed([/status of 500/]), async (/** @type {Case} */ case_) => {
      const shopper = await opened(case_);
      const rule = shopper.inject("gateway", NAVIGATION_FAULTS[name]);
      await shopper.begin();
      await shopper.until("the fault", () => rule.hits === 1);
      const screen = await shopper.untilActionable();
      assert.ok(shopper.offers(screen, "continue") && shopper.offers(screen, "paid"), screen.actions.join());
      await shopper.press("continue");
      await shopper.untilAtGateway();
      await shopper.payInApp();
      await shopper.returnByHand();
      await shopper.untilPaid(2_000);
      await case_.assertPaidOnce();
    }]),
  ["is slow: what can be done meanwhile is there", framed(), async (/** @type {Case} */ case_) => {
    let resolve = () => {};
    const promise = new Promise((open) => (resolve = () => open(null)));
    const shopper = await opened(case_);
    const rule = shopper.inject("gateway", (/** @type {any} */ navigation) => navigation.hold(promise));
    await shopper.begin();
    await shopper.until("the frame", () => rule.hits === 1);
    const screen = await shopper.untilActionable();
    assert.ok(shopper.offers(screen, "switch") && shopper.offers(screen, "continue"), screen.actions.join());
    resolve();
    await payOnce(case_, shopper);
  }],
]);

group("the check of a framed payment fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, framed(fault.expected), async (/** @type {Case} */ case_) => {
    const shopper = await opened(case_);
    await shopper.begin();
    await shopper.state("awaiting");
    const rule = case_.proxy.inject("check", fault.act, { times: 1 });
    await shopper.press("paid");
    await untilFault(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

for (const [lifecycle, cycle] of Object.entries(LIFECYCLES)) {
  group(`with a frame the page ${lifecycle}`, [
    ["and gone on with", framed(), async (/** @type {Case} */ case_) => {
      const shopper = await opened(case_);
      await shopper.begin();
      await shopper.state("awaiting");
      // A page that is still loading is not kept.
      await shopper.untilScannable();
      await payOnce(case_, await cycle(shopper));
    }],
    ["and paid by a phone meanwhile", framed(), async (/** @type {Case} */ case_) => {
      const before = await opened(case_);
      await before.begin();
      await before.state("awaiting");
      await payInFrame(before);
      const shopper = await cycle(before);
      await shopper.untilPaid(2_000);
      await case_.assertPaidOnce();
    }],
  ]);
}
