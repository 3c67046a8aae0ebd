// What the matrix of the places has in common: the faults that are tried on each request there, and
// what can happen to a page while its shopper is away.
import assert from "node:assert/strict";

import { FAULTS } from "./faults.mjs";

/** @typedef {import("./faults.mjs").Fault} Fault */
/** @typedef {import("./proxy.mjs").Rule} Rule */
/** A shopper or a shopper. @typedef {any} Anyone */


/** One of each kind; the whole list is tried on the code's way, by faults-requests.test.mjs. */
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

/** The fewest that differ in what the backend knows and the page hears. */
export const MAIN_FAULTS = COMMON_FAULTS.filter(([name]) => /^lost|late|500/.test(name));

/** Waits until a fault is met, and lets what is late come. @param {Anyone} shopper @param {Rule} rule @param {Fault} fault */
export async function untilFault(shopper, rule, fault) {
  await shopper.until("the fault", () => rule.hits > 0, 90_000);
  if (!fault.isLate) return;
  await shopper.until("the late answer", () => shopper.case.proxy.held > 0);
  await shopper.advance(8_000);
  rule.lift();
}

/** An app whose bridge never comes says so; the `other` wallet does not open in it, and another phone scans its code. @param {any} case_ @param {string} other */
export async function payWithoutBridge(case_, other) {
  const shopper = await case_.shopper();
  await shopper.begin();
  const screen = await shopper.until("words of it", (/** @type {any} */ seen) => shopper.reads(seen, "wallet_unavailable"), 10_000);
  assert.ok(shopper.offers(screen, "switch"), screen.actions.join());
  await shopper.press("switch");
  await shopper.begin(other);
  await shopper.state("guiding");
  await shopper.press("guide_code");
  await shopper.scanAndApprove();
  await shopper.untilPaid();
  await case_.assertPaidOnce();
}

/** A bridge that says "paid" where nobody has, which nothing but the check can tell; the check meets `fault`. @param {any} case_ @param {Fault} fault */
export async function falseBridgeSuccess(case_, fault) {
  const rule = case_.proxy.inject("check", fault.act, { times: 1 });
  const shopper = await case_.shopper();
  shopper.decisions = ["ok_unpaid"];
  await shopper.begin();
  await untilFault(shopper, rule, fault);
  return shopper;
}

/** What happens to a page that is open at the shop, and back again. @type {Record<string, (shopper: Anyone) => Promise<Anyone>>} */
export const LIFECYCLES = {
  "is reloaded": async (shopper) => {
    await shopper.page.reload();
    return shopper;
  },
  "is killed and opened anew": async (shopper) => {
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

/** How a shopper comes back from a gateway's page without using it. @type {Record<string, (shopper: Anyone) => Promise<Anyone>>} */
export const RETURNS = {
  "by the browser's button": async (shopper) => {
    await shopper.back();
    return shopper;
  },
  "by the shop's address": async (shopper) => {
    await shopper.returnByHand();
    return shopper;
  },
  "in another tab, as the first was killed": async (shopper) => {
    await shopper.page.close();
    const next = await shopper.case.shopper();
    await next.untilAtShop();
    return next;
  },
};
