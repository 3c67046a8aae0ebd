// Faults of a code with a link that opens Alipay's app on a phone (`precreate_link`).
import assert from "node:assert/strict";

import { LIFECYCLES, MAIN_FAULTS, payOneOrder, startFaults, untilFault } from "./faults/environments.mjs";
import { NETWORK_ERRORS } from "./faults/faults.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */
/** @typedef {import("./faults/page-time.mjs").Screen} Screen */

const group = matrix({ mobileFlow: "precreate_link" });
/** Chromium's message for a scheme that no app handles. */
const NO_APP = /launch 'alipays:/;
const onPhone = (/** @type {any} */ expected = []) =>
  ({ wallet: "alipay", device: "Chrome on Android", expected: [...expected, ...NETWORK_ERRORS, NO_APP] });

/** Opens the checkout. No app opens, as the browser has no handler for Alipay's scheme. */
async function opened(/** @type {Case} */ case_) {
  const shopper = await case_.shopper();
  await shopper.state("selecting");
  return shopper;
}

/** Presses the link to the app. */
async function openApp(/** @type {any} */ shopper) {
  shopper.page.hasOpenedApp = true;
  await shopper.press("continue");
}

const payOneCode = payOneOrder("precreate");

async function payOnce(/** @type {Case} */ case_, /** @type {any} */ shopper) {
  shopper.payOverride = (/** @type {any} */ now) => now.scanAndApprove();
  await payOneCode(case_, shopper);
}

group("the start of a code with an app link fails", startFaults(MAIN_FAULTS, onPhone, payOnce, opened));

group("the app", [
  ["does not open, which is reported while the code stays", onPhone([/registered handler/]), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    await shopper.begin();
    await shopper.code();
    await openApp(shopper);
    await shopper.until("the message", (/** @type {Screen} */ screen) => shopper.reads(screen, "app_not_opened"), 3_000);
    await payOnce(case_, shopper);
  }],
  ["opens, is paid in, and the page is shown again", onPhone(), async (/** @type {Case} */ case_) => {
    const shopper = await opened(case_);
    await shopper.begin();
    const code = await shopper.code();
    await openApp(shopper);
    await shopper.hide();
    await case_.servers.phone("approve", code);
    await shopper.show();
    await shopper.untilPaid(2_000);
    await case_.assertPaidOnce();
  }],
  ["opens, is closed unpaid, and the page is shown again", onPhone(), async (/** @type {Case} */ case_) => {
    const shopper = await opened(case_);
    await shopper.begin();
    await shopper.code();
    await openApp(shopper);
    await shopper.hide();
    await shopper.advance(60_000);
    await shopper.show();
    const screen = await shopper.state("awaiting");
    assert.ok(!shopper.reads(screen, "app_not_opened"), "the app has opened");
    await payOnce(case_, shopper);
  }],
]);

group("the check on return from the app fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, onPhone(fault.expected), async (/** @type {Case} */ case_) => {
    const shopper = await opened(case_);
    await shopper.begin();
    await shopper.code();
    await openApp(shopper);
    await shopper.hide();
    const rule = case_.proxy.inject("check", fault.act, { times: 1 });
    await shopper.show();
    await untilFault(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

for (const [lifecycle, cycle] of Object.entries(LIFECYCLES)) {
  group(`with such a code, the page ${lifecycle}`, [
    ["and the code is the same", onPhone(), async (/** @type {Case} */ case_) => {
      const before = await opened(case_);
      await before.begin();
      const code = await before.code();
      const shopper = await cycle(before);
      await shopper.untilAtShop();
      assert.equal(await shopper.code(), code);
      await payOnce(case_, shopper);
    }],
  ]);
}
