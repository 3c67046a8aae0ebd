// A payment that was begun inside a wallet's app and is found somewhere else, where it cannot go on: it
// is begun anew there, while requests are lost and the app's page is still open.
import assert from "node:assert/strict";

import { MAIN_FAULTS, untilFault } from "./faults/environments.mjs";
import { NETWORK_ERRORS } from "./faults/faults.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */

const group = matrix();
/** @type {Record<string, string>} */
const APPS = { wechat_pay: "WeChat on an iPhone", alipay: "Alipay on Android" };
const DESKTOP = "Chrome on Windows";
const PHONE = "Chrome on Android";

let turn = 0;
const begun = (/** @type {any} */ expected = [], wallet = Object.keys(APPS)[(turn += 1) % 2]) =>
  ({ wallet, device: APPS[wallet], bridge: "ready", expected: [...expected, ...NETWORK_ERRORS] });

/** Begun in the app, where the sheet was left, and opened elsewhere. */
async function opened(/** @type {Case} */ case_, device = DESKTOP) {
  const inside = await case_.shopper();
  inside.decisions = ["cancel"];
  await inside.begin();
  await inside.until("the sheet", () => inside.bridgeCalls === 1);
  await inside.untilActionable();
  const shopper = await case_.shopper({ device });
  const screen = await shopper.until("words of it", (/** @type {any} */ seen) => shopper.reads(seen, "begun_elsewhere"), 1_000);
  assert.ok(shopper.offers(screen, "pay") && shopper.offers(screen, "switch"), screen.actions.join());
  return { inside, shopper };
}

async function payOnce(/** @type {Case} */ case_, /** @type {any} */ shopper) {
  if (shopper.isOnDesktop) shopper.payOverride = (/** @type {any} */ now) => now.scanAndApprove();
  await shopper.payUntilComplete();
  await case_.assertPaidOnce();
}

group("the start of what is begun anew fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, begun(fault.expected), async (/** @type {Case} */ case_) => {
    const { inside, shopper } = await opened(case_);
    shopper.isOnDesktop = true;
    const rule = case_.proxy.inject("start", fault.act, { times: 1 });
    await shopper.press("pay");
    await untilFault(shopper, rule, fault);
    await payOnce(case_, shopper);
    assert.equal((await case_.orders()).length, 2, "one of each product");
    await inside.untilPaid();
  }]));

group("begun anew", [
  ["in a phone's browser, by its own page", begun([], "wechat_pay"), async (/** @type {Case} */ case_) => {
    const { shopper } = await opened(case_, PHONE);
    await payOnce(case_, shopper);
    assert.equal((await case_.orders()).at(-1).product, "h5");
  }],
  ["after a reload, which says the same", begun(), async (/** @type {Case} */ case_) => {
    const { shopper } = await opened(case_);
    shopper.isOnDesktop = true;
    await shopper.page.reload();
    await shopper.until("words of it", (/** @type {any} */ seen) => shopper.reads(seen, "begun_elsewhere"), 1_000);
    await payOnce(case_, shopper);
  }],
  ["by seven clicks in one tick, once", begun(), async (/** @type {Case} */ case_) => {
    const { shopper } = await opened(case_);
    shopper.isOnDesktop = true;
    await shopper.pressRepeatedly("pay", 7);
    await shopper.code();
    assert.equal((await case_.orders()).length, 2, "one of each product");
    await payOnce(case_, shopper);
  }],
  ["while the app goes on with the old one", begun([/status of 409/]), async (/** @type {Case} */ case_) => {
    const { inside, shopper } = await opened(case_);
    shopper.isOnDesktop = true;
    // Either is first; the other must find out.
    await Promise.all([inside.payInApp(), shopper.press("pay")]);
    shopper.hasPaid = (await case_.orders()).some((/** @type {any} */ { state }) => /SUCCESS/.test(state));
    await payOnce(case_, shopper);
  }],
]);

group("found elsewhere and paid in the app", Object.keys(APPS).map((wallet) =>
  [wallet, begun([], wallet), async (/** @type {Case} */ case_) => {
    const { inside, shopper } = await opened(case_);
    await inside.payInApp();
    await Promise.all([inside.untilPaid(), shopper.untilPaid()]);
    await case_.assertPaidOnce();
  }]));
