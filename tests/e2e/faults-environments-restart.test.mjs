// A payment that was started inside a wallet's app and is opened in another environment, where it cannot
// continue: it is started again there, while requests fail and the app's page is still open.
import assert from "node:assert/strict";

import { MAIN_FAULTS, dismissSheet, untilFault } from "./faults/environments.mjs";
import { NETWORK_ERRORS } from "./faults/faults.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */

const group = matrix();
/** @type {Record<string, string>} */
const APPS = { wechat_pay: "WeChat on an iPhone", alipay: "Alipay on Android" };
const DESKTOP = "Chrome on Windows";
const PHONE = "Chrome on Android";

let turn = 0;
const startedInApp = (/** @type {any} */ expected = [], wallet = Object.keys(APPS)[(turn += 1) % 2]) =>
  ({ wallet, device: APPS[wallet], bridge: "ready", expected: [...expected, ...NETWORK_ERRORS] });

/** Starts a payment in the app, dismisses the sheet, and opens the session on another device. */
async function opened(/** @type {Case} */ case_, device = DESKTOP) {
  const inside = await dismissSheet(case_);
  const shopper = await case_.shopper({ device });
  const screen = await shopper.until("the message", (/** @type {any} */ seen) => shopper.reads(seen, "started_elsewhere"), 1_000);
  assert.ok(shopper.offers(screen, "pay") && shopper.offers(screen, "switch"), screen.actions.join());
  return { inside, shopper };
}

async function payOnce(/** @type {Case} */ case_, /** @type {any} */ shopper) {
  if (shopper.isOnDesktop) shopper.payOverride = (/** @type {any} */ now) => now.scanAndApprove();
  await shopper.payUntilComplete();
  await case_.assertPaidOnce();
}

group("the second start, on another device, fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, startedInApp(fault.expected), async (/** @type {Case} */ case_) => {
    const { inside, shopper } = await opened(case_);
    shopper.isOnDesktop = true;
    const rule = case_.proxy.inject("start", fault.act, { times: 1 });
    await shopper.press("pay");
    await untilFault(shopper, rule, fault);
    await payOnce(case_, shopper);
    assert.equal((await case_.orders()).length, 2, "one of each product");
    await inside.untilPaid();
  }]));

group("started again", [
  ["in a phone's browser, by H5", startedInApp([], "wechat_pay"), async (/** @type {Case} */ case_) => {
    const { shopper } = await opened(case_, PHONE);
    await payOnce(case_, shopper);
    assert.equal((await case_.orders()).at(-1).product, "h5");
  }],
  ["after a reload, which shows the same message", startedInApp(), async (/** @type {Case} */ case_) => {
    const { shopper } = await opened(case_);
    shopper.isOnDesktop = true;
    await shopper.page.reload();
    await shopper.until("the message", (/** @type {any} */ seen) => shopper.reads(seen, "started_elsewhere"), 1_000);
    await payOnce(case_, shopper);
  }],
  ["once by seven clicks in one tick", startedInApp(), async (/** @type {Case} */ case_) => {
    const { shopper } = await opened(case_);
    shopper.isOnDesktop = true;
    await shopper.pressRepeatedly("pay", 7);
    await shopper.code();
    assert.equal((await case_.orders()).length, 2, "one of each product");
    await payOnce(case_, shopper);
  }],
  ["while the app completes the first payment", startedInApp([/status of 409/]), async (/** @type {Case} */ case_) => {
    const { inside, shopper } = await opened(case_);
    shopper.isOnDesktop = true;
    // Either may be first; the other must show the outcome. The button may have gone.
    await Promise.all([inside.payInApp(), shopper.pressRepeatedly("pay", 1)]);
    shopper.hasPaid = (await case_.orders()).some((/** @type {any} */ { state }) => /SUCCESS/.test(state));
    await payOnce(case_, shopper);
  }],
]);

group("opened on another device and paid in the app", Object.keys(APPS).map((wallet) =>
  [wallet, startedInApp([], wallet), async (/** @type {Case} */ case_) => {
    const { inside, shopper } = await opened(case_);
    await inside.payInApp();
    await Promise.all([inside.untilPaid(), shopper.untilPaid()]);
    await case_.assertPaidOnce();
  }]));
