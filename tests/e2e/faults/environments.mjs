// Shared by the environment fault specs: the faults for each request, and what can happen to a page
// while the shopper is in another page or app.
import assert from "node:assert/strict";

import { FAULTS } from "./faults.mjs";
import { NAVIGATION_FAULTS } from "./redirect-shopper.mjs";

/** @typedef {import("./faults.mjs").Fault} Fault */
/** @typedef {import("./proxy.mjs").Rule} Rule */
/** A `Shopper` or `RedirectShopper`. @typedef {any} Anyone */


/** One fault of each kind. The QR code flow is tested with all of them, in faults-requests.test.mjs. */
export const COMMON_FAULTS = [
  "lost before it is served",
  "lost after it is served",
  "served, and answered late",
  "cut in the middle",
  "429 with Retry-After",
  "500 after it is served",
  "an HTML page",
  "a captive portal",
].map((name) => /** @type {[string, Fault]} */ ([name, FAULTS[name]]));

/** The smallest set that covers each combination of "served or not" and "answered or not". */
export const MAIN_FAULTS = COMMON_FAULTS.filter(([name]) => /^lost|late|500/.test(name));

/** Waits until the fault has hit, and releases a late answer. @param {Anyone} shopper @param {Rule} rule @param {Fault} fault */
export async function untilFault(shopper, rule, fault) {
  await shopper.until("the fault", () => rule.hits > 0, 90_000);
  if (!fault.isLate) return;
  await shopper.until("the late answer", () => shopper.case.proxy.held > 0);
  await shopper.advance(8_000);
  rule.lift();
}

/**
 * Checks that a missing bridge is reported, and pays with the `other` wallet by another phone, as
 * that wallet does not open inside this app.
 * @param {any} case_ @param {string} other
 */
export async function payWithoutBridge(case_, other) {
  const shopper = await case_.shopper();
  await shopper.begin();
  const screen = await shopper.until("the message", (/** @type {any} */ seen) => shopper.reads(seen, "wallet_unavailable"), 10_000);
  assert.ok(shopper.offers(screen, "switch"), screen.actions.join());
  await shopper.press("switch");
  await shopper.begin(other);
  await shopper.state("guiding");
  // Two presses within 50 ms are a double press.
  for (const end = shopper.passed + 100; shopper.passed < end; ) await shopper.advance(end - shopper.passed);
  await shopper.press("guide_code");
  await shopper.scanAndApprove();
  await shopper.untilPaid();
  await case_.assertPaidOnce();
}

/** Signs in and dismisses the payment sheet; the button that opens it again is shown. @param {any} case_ */
export async function dismissSheet(case_) {
  const shopper = await case_.shopper();
  shopper.decisions = ["cancel"];
  await shopper.begin();
  await shopper.until("the sheet", () => shopper.bridgeCalls === 1);
  await shopper.untilActionable();
  return shopper;
}

/**
 * Returns a function that pays until the session is complete, and fails unless there is one order, of
 * this product.
 * @param {string} product
 * @returns {PayOnce}
 */
export const payOneOrder = (product) => async (case_, shopper) => {
  await shopper.payUntilComplete();
  await case_.assertPaidOnce();
  const products = (await case_.orders()).map((/** @type {any} */ order) => order.product);
  assert.deepEqual(products, [product], "one order, of the product for this environment");
};

/** @typedef {(case_: any, shopper: Anyone) => Promise<void>} PayOnce */
/** @typedef {(expected?: RegExp[], more?: object) => object} Options returns a case's options */

/**
 * Returns cases in which a fault hits the start.
 * @param {[string, Fault][]} faults @param {Options} options @param {PayOnce} payOnce
 * @param {(case_: any) => Promise<Anyone>} [open]
 */
export const startFaults = (faults, options, payOnce, open = (case_) => case_.shopper()) =>
  faults.map(([name, fault]) => [name, options(fault.expected), async (/** @type {any} */ case_) => {
    const rule = case_.proxy.inject("start", fault.act, { times: 1 });
    const shopper = await open(case_);
    await shopper.begin();
    await untilFault(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]);

/** Returns cases in which a fault hits the return from sign-in. @param {Options} options @param {PayOnce} payOnce */
export const signInReturnFaults = (options, payOnce) =>
  Object.entries(NAVIGATION_FAULTS).map(([name, act]) => [name, options([/status of 500/]), async (/** @type {any} */ case_) => {
    const shopper = await case_.shopper();
    const rule = shopper.inject("return", act);
    await shopper.begin();
    await payOnce(case_, shopper);
    assert.equal(rule.hits, 1);
  }]);

/** Returns the case of a bridge that is injected late. @param {Options} options @param {PayOnce} payOnce */
export const lateBridge = (options, payOnce) => ["late", options([], { bridge: "late" }), async (/** @type {any} */ case_) => {
  const shopper = await case_.shopper();
  await shopper.begin();
  await payOnce(case_, shopper);
  assert.equal(shopper.bridgeCalls, 1, "called once");
}];

/** Returns cases in which a fault hits the check after the payment sheet. @param {Options} options @param {PayOnce} payOnce */
export const checkFaults = (options, payOnce) =>
  MAIN_FAULTS.map(([name, fault]) => [name, options(fault.expected), async (/** @type {any} */ case_) => {
    await payOnce(case_, await falseBridgeSuccess(case_, fault));
  }]);

/** Starts a payment whose bridge reports success without a payment; `fault` hits the check that follows. @param {any} case_ @param {Fault} fault */
async function falseBridgeSuccess(case_, fault) {
  const rule = case_.proxy.inject("check", fault.act, { times: 1 });
  const shopper = await case_.shopper();
  shopper.decisions = ["ok_unpaid"];
  await shopper.begin();
  await untilFault(shopper, rule, fault);
  return shopper;
}

/** Lifecycle changes of the shop's page, each including the return. @type {Record<string, (shopper: Anyone) => Promise<Anyone>>} */
export const LIFECYCLES = {
  "is reloaded": async (shopper) => {
    await shopper.page.reload();
    return shopper;
  },
  "is killed and opened again": async (shopper) => {
    await shopper.page.close();
    return shopper.case.shopper();
  },
  "is left and restored": async (shopper) => {
    await shopper.navigateAway();
    await shopper.goBack();
    return shopper;
  },
  "is hidden for a minute": async (shopper) => {
    await shopper.hide();
    await shopper.advance(60_000);
    await shopper.show();
    return shopper;
  },
};

/** Ways to return from a gateway's page without paying there. @type {Record<string, (shopper: Anyone) => Promise<Anyone>>} */
export const RETURNS = {
  "by the browser's back button": async (shopper) => {
    await shopper.back();
    return shopper;
  },
  "by opening the shop's URL": async (shopper) => {
    await shopper.returnByHand();
    return shopper;
  },
  "in another tab, after the first was killed": async (shopper) => {
    await shopper.page.close();
    const next = await shopper.case.shopper();
    await next.untilAtShop();
    return next;
  },
};
