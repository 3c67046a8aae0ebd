// Every request of a checkout with every fault, once and until the shopper acts.
import assert from "node:assert/strict";

import { FAULTS, LATE_MS, NETWORK_ERRORS, RETRY_AFTER_S, expireFirstAction } from "./faults/faults.mjs";
import { other } from "./faults/shopper.mjs";
import { matrix } from "./faults/stage.mjs";
import { decode } from "./stage/qr.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */
/** @typedef {import("./faults/page-time.mjs").Screen} Screen */

const group = matrix();
const WALLETS = ["wechat_pay", "alipay"];

/** Brings the widget to each request. `rest`: the states in which it settles while the request keeps failing. */
const REQUESTS = {
  read: {
    way: async () => {},
    rest: () => ["unavailable", "selecting"],
  },
  start: {
    way: (/** @type {any} */ shopper) => shopper.begin(),
    rest: (/** @type {any} */ fault) => (fault.isServed ? ["awaiting"] : ["selecting", "awaiting"]),
  },
  refresh: {
    async way(/** @type {any} */ shopper, /** @type {Case} */ case_) {
      expireFirstAction(case_);
      await shopper.begin();
      await shopper.state("awaiting");
      await shopper.until("the code runs out", () => case_.proxy.count("refresh") > 0, 90_000);
    },
    rest: () => ["awaiting"],
  },
  check: {
    async way(/** @type {any} */ shopper) {
      await shopper.begin();
      await shopper.state("awaiting");
      await shopper.press("paid");
    },
    rest: () => ["confirming", "awaiting"],
  },
  cancel: {
    async way(/** @type {any} */ shopper) {
      await shopper.begin();
      await shopper.state("awaiting");
      await shopper.press("cancel");
    },
    rest: () => ["awaiting", "canceled"],
  },
};

/** Faults that can last. */
const LASTING_FAULTS = Object.entries(FAULTS).filter(([, fault]) => !fault.isLate);

let turn = 0;
/** Returns the next combination of wallet and origin. */
const nextOptions = () => {
  turn += 1;
  return { wallet: WALLETS[turn % 2], isCross: (turn >> 1) % 2 === 1 };
};

for (const [call, { way, rest }] of Object.entries(REQUESTS)) {
  group(`${call}, once`, Object.entries(FAULTS).flatMap(([name, fault]) => {
    const wallets = call === "start" ? WALLETS : [nextOptions().wallet];
    const options = { ...nextOptions(), expected: fault.expected };
    return wallets.map((wallet) => [`${name}, ${wallet}`, { ...options, wallet }, async (/** @type {Case} */ case_) => {
      const rule = case_.proxy.inject(call, fault.act, { times: 1 });
      const shopper = await case_.shopper();
      await way(shopper, case_);
      await untilFault(shopper, rule, fault);
      if (/429/.test(name)) await assertRetryAfter(shopper, call);
      await shopper.payUntilComplete();
      assert.equal(rule.hits, 1, "the fault has hit");
      assertOneIntent(case_);
      await case_.assertPaidOnce();
    }]);
  }));

  group(`${call}, until the shopper acts`, LASTING_FAULTS.map(([name, fault]) =>
    [name, { ...nextOptions(), expected: fault.expected }, async (/** @type {Case} */ case_) => {
      const rule = case_.proxy.inject(call, fault.act);
      const shopper = await case_.shopper();
      await way(shopper, case_);
      // A check is retried automatically without end; the shopper may take another action.
      await shopper.until("the fault", () => rule.hits >= (call === "check" ? 2 : 1), 90_000);
      const screen = await shopper.untilActionable();
      assert.ok(rest(fault).includes(screen.state), `settles in ${screen.state}: ${screen.text}`);
      assert.ok(screen.actions.length > 0, "an action is offered");
      await case_.assertOnePayable();
      rule.lift();
      await shopper.payUntilComplete();
      await case_.assertPaidOnce();
    }]));
}

group("paid on the phone while", ["check", "cancel"].flatMap((call) =>
  LASTING_FAULTS.filter(([, fault]) => call === "check" || !fault.isServed).map(([name, fault]) =>
    [`${call} fails: ${name}`, { ...nextOptions(), expected: fault.expected }, async (/** @type {Case} */ case_) => {
      const rule = case_.proxy.inject(call, fault.act);
      const shopper = await case_.shopper();
      await shopper.begin();
      const code = await shopper.code();
      await shopper.press(call === "check" ? "paid" : "cancel");
      await shopper.until("the fault", () => rule.hits > 0);
      await case_.servers.phone("approve", code);
      // The fault lasts, so the stream or a read must deliver the outcome.
      await shopper.untilPaid();
      await case_.assertPaidOnce();
    }])));

const OUTAGES = ["lost before it is served", "an HTML page", "502 of a balancer, as HTML", "a captive portal"];

/** Returns the options of a case with this wallet and the console errors of this fault. */
const faulty = (/** @type {string} */ name, /** @type {string} */ wallet) => ({ ...nextOptions(), wallet, expected: [...FAULTS[name].expected] });

group("all requests fail", OUTAGES.flatMap((name) =>
  WALLETS.map((wallet) => [`${name}, while a ${wallet} code is paid`, faulty(name, wallet), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    await shopper.begin();
    const code = await shopper.code();
    const rule = case_.proxy.inject("*", FAULTS[name].act);
    case_.proxy.breakConnections();
    case_.expected.push(...NETWORK_ERRORS);
    await shopper.until("three failed requests", () => rule.hits >= 3, 60_000);
    const screen = await shopper.untilActionable();
    assert.equal(screen.state, "awaiting");
    if (/lost|portal/.test(name)) assert.ok(shopper.reads(screen, "offline"), screen.text);
    await case_.servers.phone("approve", code);
    await shopper.advance(20_000);
    rule.lift();
    await shopper.untilPaid(75_000);
    await case_.assertPaidOnce();
  }])));

const HANGS = ["held and never served", "served, and never answered"];
const DOWN = ["lost before it is served", "held and never served", "500 with a problem"];

group("the other wallet is offered", WALLETS.flatMap((wallet) => [
  ...DOWN.map((name) => [`when the start of ${wallet} fails: ${name}`, faulty(name, wallet), async (/** @type {Case} */ case_) => {
    case_.proxy.inject("start", FAULTS[name].act, { wallet });
    const shopper = await case_.shopper();
    await shopper.begin();
    await shopper.until("the selector again", (/** @type {any} */ { state }) => state === "selecting", 80_000);
    await shopper.pay(other(wallet));
    await shopper.scanAndApprove();
    await shopper.untilPaid();
    await case_.assertPaidOnce();
  }]),
  ...HANGS.map((name) => [`while the start of ${wallet} hangs: ${name}`, faulty(name, wallet), async (/** @type {Case} */ case_) => {
    case_.proxy.inject("start", FAULTS[name].act, { wallet });
    const shopper = await case_.shopper();
    await shopper.begin();
    const screen = await shopper.until("the alternatives", (/** @type {any} */ seen) => shopper.offers(seen, "switch"), 6_000);
    assert.equal(screen.state, "starting");
    assert.ok(shopper.reads(screen, "starting_slow"), screen.text);
    assert.ok(shopper.offers(screen, "hosted"));
    const reads = case_.proxy.count("read");
    await shopper.press("switch");
    await shopper.until("a read", (/** @type {any} */ { state }) => state === "selecting" && case_.proxy.count("read") > reads, 1_000);
    // A payment that the read finds is not shown: the shopper wants another wallet.
    await shopper.advance(1_000);
    await shopper.pay(other(wallet));
    await shopper.scanAndApprove();
    await shopper.untilPaid();
    await case_.assertPaidOnce();
  }]),
  ...DOWN.map((name) => [`when the check of ${wallet} fails: ${name}`, faulty(name, wallet), async (/** @type {Case} */ case_) => {
    const rule = case_.proxy.inject("check", FAULTS[name].act);
    const shopper = await case_.shopper();
    await shopper.begin();
    await shopper.code();
    await shopper.press("paid");
    await shopper.until("the fault, and other ways", (/** @type {Screen} */ screen) => rule.hits > 0 && shopper.offers(screen, "switch"));
    await shopper.press("switch");
    await shopper.begin(other(wallet));
    await shopper.scanAndApprove();
    await shopper.untilPaid();
    await case_.assertPaidOnce();
  }]),
]));

group("the hosted page is offered", WALLETS.map((wallet) =>
  [`while the start of ${wallet} is slow`, faulty("lost before it is served", wallet), async (/** @type {Case} */ case_) => {
    const rule = case_.proxy.inject("start", FAULTS["lost before it is served"].act);
    const shopper = await case_.shopper();
    await shopper.begin();
    await shopper.until("the hosted page's link", (/** @type {Screen} */ screen) => screen.state === "starting" && shopper.offers(screen, "hosted"));
    await shopper.follow("hosted");
    const { page } = shopper;
    await page.locator(`button[value=${wallet}]`).click();
    const code = decode(await page.getByRole("img").screenshot());
    await case_.servers.phone("approve", code);
    await case_.settled();
    rule.lift();
    // The widget shows "paid" on return.
    await page.goto(`${case_.proxy.pageUrl}/`);
    await shopper.untilPaid(2_000);
    await case_.assertPaidOnce();
  }]));

group("Chromium itself resends", [
  ["a start that was served and whose answer was lost on a keep-alive connection", { expected: NETWORK_ERRORS }, async (/** @type {Case} */ case_) => {
    case_.proxy.keepsAlive = true;
    const shopper = await case_.shopper();
    await shopper.state("selecting");
    const rule = case_.proxy.inject("start", FAULTS["lost after it is served"].act, { times: 1 });
    await shopper.begin();
    await shopper.payUntilComplete();
    assert.equal(rule.hits, 1);
    assertOneIntent(case_);
    await case_.assertPaidOnce();
  }],
]);

/** Waits until the fault has hit and late answers have arrived. */
async function untilFault(/** @type {any} */ shopper, /** @type {any} */ rule, /** @type {any} */ fault) {
  await shopper.until("the fault", () => rule.hits > 0, 90_000);
  if (!fault.isLate) return;
  const before = shopper.case.proxy.calls.length;
  await shopper.until("the late answer", () => shopper.case.proxy.held > 0);
  await shopper.advance(LATE_MS);
  assert.ok(shopper.case.proxy.calls.length - before <= 6, "at most six requests while an answer is late");
  rule.lift();
}

/** Fails if a call is repeated before `Retry-After` has passed. */
async function assertRetryAfter(/** @type {any} */ shopper, /** @type {any} */ call) {
  /** @type {Record<string, RegExp>} */
  const paths = { read: /sessions\/[^/]+$/, start: /payments$/, check: /check$/ };
  const path = paths[call];
  // Refresh and cancel are repeated only by the shopper.
  if (!path) return;
  await shopper.until("a retry", () => shopper.case.proxy.count(call) > 1, 20_000);
  const calls = await shopper.run(() => globalThis.test.calls);
  const [first, second] = calls.filter((/** @type {any} */ { url }) => path.test(url)).map((/** @type {any} */ { at }) => at);
  assert.ok(second - first >= RETRY_AFTER_S * 1_000, `retried after ${second - first} ms`);
}

/** Fails unless all starts of one intent to pay have the same idempotency key. */
function assertOneIntent(/** @type {any} */ { proxy }) {
  const keys = proxy.calls.filter((/** @type {any} */ { call }) => call === "start").map((/** @type {any} */ { key }) => key);
  assert.ok(keys.length > 0 && keys.every((/** @type {string} */ key) => key), "every start has a key");
  const cancels = proxy.count("cancel");
  assert.ok(new Set(keys).size <= 1 + cancels, `keys of one intent: ${keys}`);
}
