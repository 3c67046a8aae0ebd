// Faults of Alipay's cashier in a frame, on a desktop: it fails to load or is slow, and the page around
// it is reloaded, left, hidden or killed.
import assert from "node:assert/strict";

import { LIFECYCLES, MAIN_FAULTS, startFaults, untilFault } from "./faults/environments.mjs";
import { NETWORK_ERRORS } from "./faults/faults.mjs";
import { NAVIGATION_FAULTS } from "./faults/redirect-shopper.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */

const group = matrix({ desktopFlow: "page_frame" });
const framed = (/** @type {any} */ expected = []) =>
  ({ wallet: "alipay", device: "Chrome on Windows", expected: [...expected, ...NETWORK_ERRORS] });

/** Scans the code in the frame with a phone, and pays. */
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

group("the start of a framed payment fails", startFaults(MAIN_FAULTS, framed, payOnce, opened));

group("the page in the frame is", [
  ...["lost before it is served", "answered 500 before it is served"].map((name) =>
    [`${name}, and opened in the whole window`, framed([/status of 500/]), async (/** @type {Case} */ case_) => {
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
  ["slow, and the other actions stay available", framed(), async (/** @type {Case} */ case_) => {
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
  group(`with a framed payment the page ${lifecycle}`, [
    ["and the payment is completed", framed(), async (/** @type {Case} */ case_) => {
      const shopper = await opened(case_);
      await shopper.begin();
      await shopper.state("awaiting");
      // The back-forward cache does not store a page that is still loading.
      await shopper.untilScannable();
      await payOnce(case_, await cycle(shopper));
    }],
    ["and a phone has paid before it returns", framed(), async (/** @type {Case} */ case_) => {
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
