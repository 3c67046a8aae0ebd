// Faults in a phone's browser, with WeChat Pay's H5 page and Alipay's wap cashier: requests and
// navigations fail while the shopper goes to the gateway's page and returns, or does not.
import assert from "node:assert/strict";

import { FAULTS, NETWORK_ERRORS, expireFirstAction } from "./faults/faults.mjs";
import { COMMON_FAULTS, LIFECYCLES, MAIN_FAULTS, RETURNS, untilFault } from "./faults/environments.mjs";
import { other } from "./faults/shopper.mjs";
import { NAVIGATION_FAULTS } from "./faults/redirect-shopper.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */

const group = matrix();
const WALLETS = ["wechat_pay", "alipay"];
/** @type {Record<string, string>} */
const PHONES = { wechat_pay: "Chrome on Android", alipay: "Safari on an iPhone" };

const on = (/** @type {string} */ wallet, /** @type {any} */ expected = []) => ({ wallet, device: PHONES[wallet], expected: [...expected, ...NETWORK_ERRORS] });
let turn = 0;
const nextOptions = (/** @type {any} */ expected) => on(WALLETS[(turn += 1) % 2], expected);

/** Starts a payment and waits for the gateway's page. */
async function leaveForGateway(/** @type {Case} */ case_) {
  const shopper = await case_.shopper();
  await shopper.begin();
  await shopper.untilAtGateway();
  return shopper;
}

/** Returns from the gateway's page without paying; the widget has checked. */
async function returnUnpaid(/** @type {Case} */ case_) {
  const shopper = await leaveForGateway(case_);
  await shopper.returnByHand();
  await shopper.state("awaiting");
  return shopper;
}

async function payOnce(/** @type {Case} */ case_, /** @type {any} */ shopper) {
  await shopper.payUntilComplete();
  await case_.assertPaidOnce();
}

for (const wallet of WALLETS) {
  group(`the start of a redirect fails, ${wallet}`, (wallet === "wechat_pay" ? COMMON_FAULTS : MAIN_FAULTS).map(([name, fault]) =>
    [name, on(wallet, fault.expected), async (/** @type {Case} */ case_) => {
      const rule = case_.proxy.inject("start", fault.act, { times: 1 });
      const shopper = await case_.shopper();
      await shopper.begin();
      await untilFault(shopper, rule, fault);
      await payOnce(case_, shopper);
      assert.equal((await case_.orders()).length, 1, "one order");
    }]));
}

group("the gateway's page does not load", WALLETS.flatMap((wallet) =>
  ["lost before it is served", "lost after it is served"].map((name) =>
    [`${name}, ${wallet}`, on(wallet), async (/** @type {Case} */ case_) => {
      const shopper = await case_.shopper();
      const rule = shopper.inject("gateway", NAVIGATION_FAULTS[name]);
      await shopper.begin();
      await shopper.until("the browser's error page", (/** @type {any} */ { state }) => state === "away");
      await shopper.back();
      await shopper.state("awaiting", "confirming");
      assert.equal(rule.hits, 1);
      await payOnce(case_, shopper);
    }])));

group("the return from Alipay is", Object.entries(NAVIGATION_FAULTS).map(([name, act]) =>
  [name, on("alipay", [/status of 500/]), async (/** @type {Case} */ case_) => {
    const shopper = await leaveForGateway(case_);
    const rule = shopper.inject("return", act);
    await payOnce(case_, shopper);
    assert.equal(rule.hits, 1);
  }]));

group("the shop's page does not load on return", WALLETS.flatMap((wallet) =>
  ["lost before it is served", "answered 500 before it is served"].map((name) =>
    [`${name}, ${wallet}`, on(wallet, [/status of 500/]), async (/** @type {Case} */ case_) => {
      const shopper = await leaveForGateway(case_);
      const rule = shopper.inject("home", NAVIGATION_FAULTS[name]);
      await shopper.payAtGateway();
      await shopper.returnByHand();
      await payOnce(case_, shopper);
      assert.equal(rule.hits, 1);
    }])));

for (const [how, back] of Object.entries(RETURNS)) {
  group(`returned ${how}`, WALLETS.flatMap((wallet) => [
    [`unpaid, ${wallet}`, on(wallet), async (/** @type {Case} */ case_) => {
      const shopper = await back(await leaveForGateway(case_));
      const screen = await shopper.state("awaiting");
      assert.ok(shopper.offers(screen, "continue") && shopper.offers(screen, "paid"), screen.actions.join());
      await payOnce(case_, shopper);
    }],
    [`paid in the app, ${wallet}`, on(wallet), async (/** @type {Case} */ case_) => {
      const shopper = await leaveForGateway(case_);
      await shopper.payInApp();
      const there = await back(shopper);
      // Without waiting for a timer.
      await there.untilPaid(2_000);
      await case_.assertPaidOnce();
    }],
  ]));
}

group("the page is restored from the back-forward cache and checks the payment", WALLETS.map((wallet) =>
  [wallet, on(wallet), async (/** @type {Case} */ case_) => {
    const shopper = await leaveForGateway(case_);
    await shopper.payInApp();
    const before = case_.proxy.count("read", "check");
    await shopper.back();
    await shopper.untilPaid(2_000);
    assert.ok(await shopper.run(() => globalThis.test.pageEvents.includes("restored")), "from the back-forward cache");
    assert.ok(case_.proxy.count("read", "check") - before <= 3, "at most three requests");
    await case_.assertPaidOnce();
  }]));

group("H5 returns automatically after five seconds", [
  ["unpaid, and is paid in the app later", on("wechat_pay"), async (/** @type {Case} */ case_) => {
    const shopper = await leaveForGateway(case_);
    await shopper.untilAtShop();
    const screen = await shopper.state("awaiting");
    assert.ok(shopper.reads(screen, "not_paid_yet"), screen.text);
    await shopper.payInApp();
    await shopper.untilPaid();
    await case_.assertPaidOnce();
  }],
]);

group("the check on return fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, nextOptions(fault.expected), async (/** @type {Case} */ case_) => {
    const shopper = await leaveForGateway(case_);
    const rule = case_.proxy.inject("check", fault.act, { times: 1 });
    await shopper.returnByHand();
    await untilFault(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

group("the check on return fails for as long as the shopper waits", MAIN_FAULTS.filter(([, fault]) => !fault.isLate).map(([name, fault]) =>
  [name, nextOptions(fault.expected), async (/** @type {Case} */ case_) => {
    const shopper = await leaveForGateway(case_);
    await shopper.payInApp();
    const rule = case_.proxy.inject("check", fault.act);
    case_.proxy.inject("events", FAULTS["lost before it is served"].act);
    await shopper.returnByHand();
    await shopper.until("the fault", (/** @type {any} */ { state }) => rule.hits >= 2 || state === "succeeded", 90_000);
    await shopper.untilActionable();
    rule.lift();
    await shopper.untilPaid();
    await case_.assertPaidOnce();
  }]));

group("the first read on return fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, nextOptions(fault.expected), async (/** @type {Case} */ case_) => {
    const shopper = await leaveForGateway(case_);
    const rule = case_.proxy.inject("read", fault.act, { times: 1 });
    await shopper.page.goto(`${case_.proxy.pageUrl}/`);
    await untilFault(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

group("the cancel after an unpaid return fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, nextOptions(fault.expected), async (/** @type {Case} */ case_) => {
    const shopper = await returnUnpaid(case_);
    const rule = case_.proxy.inject("cancel", fault.act, { times: 1 });
    await shopper.press("cancel");
    await untilFault(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

group("the refresh of an expired H5 URL fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, on("wechat_pay", fault.expected), async (/** @type {Case} */ case_) => {
    const { proxy } = case_;
    expireFirstAction(case_);
    const shopper = await returnUnpaid(case_);
    const rule = proxy.inject("refresh", fault.act, { times: 1 });
    await shopper.until("the refresh", () => proxy.count("refresh") > 0, 90_000);
    await untilFault(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

for (const [lifecycle, cycle] of Object.entries(LIFECYCLES)) {
  group(`after an unpaid return the page ${lifecycle}`, WALLETS.map((wallet) =>
    [wallet, on(wallet), async (/** @type {Case} */ case_) => {
      const shopper = await cycle(await returnUnpaid(case_));
      await payOnce(case_, shopper);
      assert.equal((await case_.orders()).length, 1, "one order");
    }]));
}

group("the other wallet after an unpaid return", WALLETS.map((wallet) =>
  [`from ${wallet}`, on(wallet), async (/** @type {Case} */ case_) => {
    const shopper = await returnUnpaid(case_);
    await shopper.press("switch");
    await shopper.begin(other(wallet));
    await payOnce(case_, shopper);
  }]));
