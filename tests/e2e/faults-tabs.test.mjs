// Two tabs of one checkout, and clicks that are faster than answers.
import assert from "node:assert/strict";

import { FAULTS, NETWORK_ERRORS } from "./faults/faults.mjs";
import { other } from "./faults/shopper.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */
/** @typedef {import("./faults/page-time.mjs").Screen} Screen */

const group = matrix();
const WALLETS = ["wechat_pay", "alipay"];
/** The screen's text for the app that scans a wallet's code. */
/** @type {Record<string, string>} */
const APPS = { wechat_pay: "Scan with WeChat", alipay: "Scan with Alipay" };

/** Fails unless both tabs show the same code, and no other can be paid. */
async function agree(/** @type {any} */ one, /** @type {any} */ two) {
  const shown = async (/** @type {any} */ shopper) => {
    await shopper.until("a code", (/** @type {any} */ { state, isBusy, pending }) =>
      state === "awaiting" && !isBusy && pending === 0);
    // A tab whose payment was replaced by the other may show that first.
    return shopper.code({ ends: ["succeeded", "expired", "unavailable"] });
  };
  /** @type {string[]} */
  let codes = [];
  for (let tries = 0; tries < 20; tries += 1) {
    codes = [await shown(one), await shown(two)];
    if (codes[0] === codes[1]) break;
    await Promise.all([one.advance(500), two.advance(500)]);
  }
  assert.equal(codes[0], codes[1], "both tabs show the same code");
  await one.case.assertOnePayable();
  return codes[0];
}

async function payOnce(/** @type {Case} */ case_, /** @type {any} */ one, /** @type {any} */ two) {
  const code = await agree(one, two);
  await case_.servers.phone("approve", code);
  await Promise.all([one.untilPaid(), two.untilPaid()]);
  await case_.assertPaidOnce();
}

const tabs = async (/** @type {Case} */ case_) => {
  const both = [await case_.shopper(), await case_.shopper()];
  await Promise.all(both.map((shopper) => shopper.state("selecting")));
  return both;
};

group("two tabs", [
  ...WALLETS.map((wallet) => [`press "pay" at once, ${wallet}`, { wallet }, async (/** @type {Case} */ case_) => {
    const [one, two] = await tabs(case_);
    await Promise.all([one.choose(wallet), two.choose(wallet)]);
    await Promise.all([one.press("pay"), two.press("pay")]);
    await payOnce(case_, one, two);
    assert.equal((await case_.orders()).length, 1, "one order");
  }]),

  ...WALLETS.map((wallet) => [`press "pay" at once for different wallets, ${wallet} first`, { wallet }, async (/** @type {Case} */ case_) => {
    const [one, two] = await tabs(case_);
    await Promise.all([one.choose(wallet), two.choose(other(wallet))]);
    await Promise.all([one.press("pay"), two.press("pay")]);
    await payOnce(case_, one, two);
  }]),

  ...WALLETS.map((wallet) => [`press "pay" seven times each at once, ${wallet}`, { wallet, expected: NETWORK_ERRORS }, async (/** @type {Case} */ case_) => {
    const [one, two] = await tabs(case_);
    const rule = case_.proxy.inject("start", FAULTS["lost after it is served"].act, { times: 1 });
    await Promise.all([one.choose(wallet), two.choose(wallet)]);
    await Promise.all([one.pressRepeatedly("pay", 7), two.pressRepeatedly("pay", 7)]);
    await payOnce(case_, one, two);
    assert.equal(rule.hits, 1);
    assert.equal((await case_.orders()).length, 1, "one order");
  }]),

  ["the second is opened while the first one's start hangs", { expected: NETWORK_ERRORS }, async (/** @type {Case} */ case_) => {
    const one = await case_.shopper();
    const rule = case_.proxy.inject("start", FAULTS["served, and never answered"].act, { times: 1 });
    await one.begin();
    await one.until("the start", () => case_.proxy.held > 0);
    const two = await case_.shopper();
    const code = await two.code();
    rule.lift();
    await one.until("the code", (/** @type {any} */ { state }) => state === "awaiting");
    assert.equal(await one.code(), code);
    await payOnce(case_, one, two);
  }],

  ["one cancels the payment while the other shows its code", {}, async (/** @type {Case} */ case_) => {
    const one = await case_.shopper();
    await one.begin();
    const code = await one.code();
    const two = await case_.shopper();
    assert.equal(await two.code(), code);
    await one.press("cancel");
    await one.state("canceled");
    await two.state("canceled");
    await two.payUntilComplete();
    // The first tab updates without an action.
    await one.untilPaid();
    await case_.assertPaidOnce();
  }],

  ...WALLETS.flatMap((wallet) => [
    /** @type {[string, { events?: any }]} */ (["pushed by the stream", {}]),
    /** @type {[string, { events?: any }]} */ (["by polling without a stream", { events: FAULTS["lost before it is served"].act }]),
  ].map(([how, { events }]) => [
    `one takes the other wallet, and the other shows its code ${how}, ${wallet} first`,
    { wallet, expected: NETWORK_ERRORS },
    async (/** @type {Case} */ case_) => {
      if (events) case_.proxy.inject("events", events);
      const one = await case_.shopper();
      await one.begin();
      const code = await one.code();
      const two = await case_.shopper();
      assert.equal(await two.code(), code);
      await two.press("switch");
      await two.begin(other(wallet));
      const next = await two.code();
      assert.notEqual(next, code);
      // The first tab updates without an action.
      const isNext = (/** @type {any} */ { state, text }) => state === "awaiting" && text.includes(APPS[other(wallet)]);
      await (events ? one.until("the other wallet's code", isNext) : one.untilPushed("the other wallet's code", isNext));
      assert.equal(await one.code(), next);
      await payOnce(case_, one, two);
    },
  ])),

  ["one takes the other wallet while the other presses \"I have paid\"", { wallet: "wechat_pay" }, async (/** @type {Case} */ case_) => {
    const one = await case_.shopper();
    await one.begin();
    await one.code();
    const two = await case_.shopper();
    await two.code();
    await one.press("switch");
    await one.choose("alipay");
    // The second button may have gone.
    await Promise.all([one.press("pay"), two.pressRepeatedly("paid", 1)]);
    await payOnce(case_, one, two);
  }],

  ["one takes the other wallet while the first is paid", {
    wallet: "wechat_pay",
    // The session may be complete before the start.
    expected: [/status of 409/],
  }, async (/** @type {Case} */ case_) => {
    const one = await case_.shopper();
    await one.begin();
    const code = await one.code();
    const two = await case_.shopper();
    await two.code();
    await one.press("switch");
    await one.choose("alipay");
    // Either the phone or the switch may be first; the other must show the outcome.
    const [paid] = await Promise.allSettled([case_.servers.phone("approve", code), one.press("pay")]);
    if (paid.status === "rejected") await one.scanAndApprove();
    await Promise.all([one.untilPaid(), two.untilPaid()]);
    await case_.assertPaidOnce();
  }],
]);

const waiting = async (/** @type {Case} */ case_) => {
  const shopper = await case_.shopper();
  await shopper.begin();
  await shopper.code();
  return shopper;
};

group("seven clicks in one tick", [
  ...WALLETS.map((wallet) => [`on "pay", ${wallet}`, { wallet }, async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    await shopper.state("selecting");
    await shopper.choose(wallet);
    await shopper.pressRepeatedly("pay", 7);
    await shopper.code();
    assert.equal(case_.proxy.count("start"), 1, "one POST");
    assert.equal((await case_.orders()).length, 1, "one order");
    await shopper.payUntilComplete();
    await case_.assertPaidOnce();
  }]),

  ["on \"I have paid\"", {}, async (/** @type {Case} */ case_) => {
    const shopper = await waiting(case_);
    await shopper.pressRepeatedly("paid", 7);
    await shopper.until("an answer", (/** @type {Screen} */ screen) => shopper.reads(screen, "not_paid_yet"));
    assert.equal(case_.proxy.count("check"), 1);
    await shopper.payUntilComplete();
    await case_.assertPaidOnce();
  }],

  ["on \"cancel\"", {}, async (/** @type {Case} */ case_) => {
    const shopper = await waiting(case_);
    await shopper.pressRepeatedly("cancel", 7);
    await shopper.state("canceled");
    assert.equal(case_.proxy.count("cancel"), 1);
    await shopper.payUntilComplete();
    await case_.assertPaidOnce();
  }],

  ["on \"refresh\"", { expected: NETWORK_ERRORS }, async (/** @type {Case} */ case_) => {
    const { proxy } = case_;
    let end = "";
    proxy.rewrite = (/** @type {any} */ session) => {
      const action = session.payment?.next_action;
      if (action && proxy.count("refresh") < 2) {
        end ||= new Date(Date.parse(session.server_time) + 60_000).toISOString();
        action.expires_at = end;
      }
      return session;
    };
    proxy.inject("refresh", FAULTS["lost before it is served"].act, { times: 1 });
    const shopper = await waiting(case_);
    await shopper.until("the code runs out", () => proxy.count("refresh") === 1, 90_000);
    await shopper.until("it failed", (/** @type {Screen} */ screen) => !screen.isBusy && shopper.offers(screen, "refresh"));
    await shopper.pressRepeatedly("refresh", 7);
    await shopper.until("a fresh code", (/** @type {any} */ { isBusy, pending }) => !isBusy && pending === 0);
    assert.equal(proxy.count("refresh"), 2);
    await shopper.payUntilComplete();
    await case_.assertPaidOnce();
  }],

  ["on \"try again\"", { expected: NETWORK_ERRORS }, async (/** @type {Case} */ case_) => {
    const { proxy } = case_;
    const rule = proxy.inject("read", FAULTS["lost before it is served"].act);
    const shopper = await case_.shopper();
    await shopper.state("unavailable");
    rule.lift();
    const before = proxy.count("read");
    await shopper.pressRepeatedly("retry", 7);
    await shopper.state("selecting");
    assert.equal(proxy.count("read") - before, 1);
    await shopper.payUntilComplete();
    await case_.assertPaidOnce();
  }],

  ["by the page's own confirm()", {}, async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    await shopper.state("selecting");
    await shopper.choose(case_.wallet);
    await shopper.run(() => {
      /** @type {any} */
      const host = document.querySelector("open-cashier");
      for (let count = 0; count < 7; count += 1) host.confirm();
    });
    await shopper.code();
    assert.equal(case_.proxy.count("start"), 1);
    await shopper.payUntilComplete();
    await case_.assertPaidOnce();
  }],
]);
