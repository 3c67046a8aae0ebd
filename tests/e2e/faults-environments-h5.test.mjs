// A phone's browser: WeChat Pay's H5 page and Alipay's wap cashier. The shopper leaves for the
// gateway's page and comes back, or does not, while requests and pages are lost.
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

/** Gone to the gateway's page. */
async function leaveForGateway(/** @type {Case} */ case_) {
  const shopper = await case_.shopper();
  await shopper.begin();
  await shopper.untilAtGateway();
  return shopper;
}

/** Back from there, unpaid: the widget has asked and says so. */
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
  group(`the start of a way out fails, ${wallet}`, (wallet === "wechat_pay" ? COMMON_FAULTS : MAIN_FAULTS).map(([name, fault]) =>
    [name, on(wallet, fault.expected), async (/** @type {Case} */ case_) => {
      const rule = case_.proxy.inject("start", fault.act, { times: 1 });
      const shopper = await case_.shopper();
      await shopper.begin();
      await untilFault(shopper, rule, fault);
      await payOnce(case_, shopper);
      assert.equal((await case_.orders()).length, 1, "one order");
    }]));
}

group("the gateway's page does not come", WALLETS.flatMap((wallet) =>
  ["lost before it is served", "lost after it is served"].map((name) =>
    [`${name}, ${wallet}`, on(wallet), async (/** @type {Case} */ case_) => {
      const shopper = await case_.shopper();
      const rule = shopper.inject("gateway", NAVIGATION_FAULTS[name]);
      await shopper.begin();
      await shopper.until("the browser's own page", (/** @type {any} */ { state }) => state === "away");
      await shopper.back();
      await shopper.state("awaiting", "confirming");
      assert.equal(rule.hits, 1);
      await payOnce(case_, shopper);
    }])));

group("the way back from Alipay", Object.entries(NAVIGATION_FAULTS).map(([name, act]) =>
  [name, on("alipay", [/status of 500/]), async (/** @type {Case} */ case_) => {
    const shopper = await leaveForGateway(case_);
    const rule = shopper.inject("return", act);
    await payOnce(case_, shopper);
    assert.equal(rule.hits, 1);
  }]));

group("the shop's page does not come back", WALLETS.flatMap((wallet) =>
  ["lost before it is served", "answered 500 before it is served"].map((name) =>
    [`${name}, ${wallet}`, on(wallet, [/status of 500/]), async (/** @type {Case} */ case_) => {
      const shopper = await leaveForGateway(case_);
      const rule = shopper.inject("home", NAVIGATION_FAULTS[name]);
      await shopper.payAtGateway();
      await shopper.returnByHand();
      await payOnce(case_, shopper);
      assert.equal(rule.hits, 1);
    }])));

for (const [way, back] of Object.entries(RETURNS)) {
  group(`back ${way}`, WALLETS.flatMap((wallet) => [
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
      // At once: no timer has to fall due.
      await there.untilPaid(2_000);
      await case_.assertPaidOnce();
    }],
  ]));
}

group("the page that was left is kept, and asks when it is back", WALLETS.map((wallet) =>
  [wallet, on(wallet), async (/** @type {Case} */ case_) => {
    const shopper = await leaveForGateway(case_);
    await shopper.payInApp();
    const before = case_.proxy.count("read", "check");
    await shopper.back();
    await shopper.untilPaid(2_000);
    assert.ok(await shopper.run(() => globalThis.test.pageEvents.includes("restored")), "from the back-forward cache");
    assert.ok(case_.proxy.count("read", "check") - before <= 3, "a look or two is enough");
    await case_.assertPaidOnce();
  }]));

group("H5 comes back by itself after five seconds", [
  ["unpaid, and paid in the app after that", on("wechat_pay"), async (/** @type {Case} */ case_) => {
    const shopper = await leaveForGateway(case_);
    await shopper.untilAtShop();
    const screen = await shopper.state("awaiting");
    assert.ok(shopper.reads(screen, "not_paid_yet"), screen.words);
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

group("the first look on return fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, nextOptions(fault.expected), async (/** @type {Case} */ case_) => {
    const shopper = await leaveForGateway(case_);
    const rule = case_.proxy.inject("read", fault.act, { times: 1 });
    await shopper.page.goto(`${case_.proxy.pageUrl}/`);
    await untilFault(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

group("called off after an unpaid return, and it fails", MAIN_FAULTS.map(([name, fault]) =>
  [name, nextOptions(fault.expected), async (/** @type {Case} */ case_) => {
    const shopper = await returnUnpaid(case_);
    const rule = case_.proxy.inject("cancel", fault.act, { times: 1 });
    await shopper.press("cancel");
    await untilFault(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

group("H5's address is over, and a fresh one", MAIN_FAULTS.map(([name, fault]) =>
  [name, on("wechat_pay", fault.expected), async (/** @type {Case} */ case_) => {
    const { proxy } = case_;
    expireFirstAction(case_);
    const shopper = await returnUnpaid(case_);
    const rule = proxy.inject("refresh", fault.act, { times: 1 });
    await shopper.until("it is over", () => proxy.count("refresh") > 0, 90_000);
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
