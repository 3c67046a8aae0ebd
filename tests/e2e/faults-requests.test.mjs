// Every request of a checkout against every fault, once and for as long as the shopper waits.
import assert from "node:assert/strict";

import { FAULTS, LATE_MS, NETWORK_ERRORS, RETRY_AFTER_S, expireFirstAction } from "./faults/faults.mjs";
import { other } from "./faults/shopper.mjs";
import { matrix } from "./faults/stage.mjs";
import { decode } from "./stage/qr.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */
/** @typedef {import("./faults/page-time.mjs").Screen} Screen */

const group = matrix();
const WALLETS = ["wechat_pay", "alipay"];

/** The way to each request, and where the widget rests while it fails for good. */
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

/** Those that can go on for as long as one likes. */
const LASTING_FAULTS = Object.entries(FAULTS).filter(([, fault]) => !fault.isLate);

let turn = 0;
/** Wallets and origins take turns, so that all pairs come up. */
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
      assert.equal(rule.hits, 1, "the fault was met");
      assertOneIntent(case_);
      await case_.assertPaidOnce();
    }]);
  }));

  group(`${call}, for as long as the shopper waits`, LASTING_FAULTS.map(([name, fault]) =>
    [name, { ...nextOptions(), expected: fault.expected }, async (/** @type {Case} */ case_) => {
      const rule = case_.proxy.inject(call, fault.act);
      const shopper = await case_.shopper();
      await way(shopper, case_);
      // A check is tried again by itself, for ever; the shopper may go another way meanwhile.
      await shopper.until("the fault", () => rule.hits >= (call === "check" ? 2 : 1), 90_000);
      const screen = await shopper.untilActionable();
      assert.ok(rest(fault).includes(screen.state), `rests in ${screen.state}: ${screen.words}`);
      assert.ok(screen.actions.length > 0, "there is something to press");
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
      // The fault lasts: the stream tells, or the reads do.
      await shopper.untilPaid();
      await case_.assertPaidOnce();
    }])));

const OUTAGES = ["lost before it is served", "an HTML page", "502 of a balancer, as HTML", "a captive portal"];

/** A case with a wallet and a fault of its own. */
const faulty = (/** @type {string} */ name, /** @type {string} */ wallet) => ({ ...nextOptions(), wallet, expected: [...FAULTS[name].expected] });

group("everything fails", OUTAGES.flatMap((name) =>
  WALLETS.map((wallet) => [`${name}, while a ${wallet} code is paid`, faulty(name, wallet), async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    await shopper.begin();
    const code = await shopper.code();
    const rule = case_.proxy.inject("*", FAULTS[name].act);
    case_.proxy.breakConnections();
    case_.expected.push(...NETWORK_ERRORS);
    await shopper.until("it is noticed", () => rule.hits >= 3, 60_000);
    const screen = await shopper.untilActionable();
    assert.equal(screen.state, "awaiting");
    if (/lost|portal/.test(name)) assert.ok(shopper.reads(screen, "offline"), screen.words);
    await case_.servers.phone("approve", code);
    await shopper.advance(20_000);
    rule.lift();
    await shopper.untilPaid(75_000);
    await case_.assertPaidOnce();
  }])));

const HANGS = ["held for ever", "served, and never answered"];
const DOWN = ["lost before it is served", "held for ever", "500 with a problem"];

group("the other wallet is a way on", WALLETS.flatMap((wallet) => [
  ...DOWN.map((name) => [`from ${wallet} whose start fails: ${name}`, faulty(name, wallet), async (/** @type {Case} */ case_) => {
    case_.proxy.inject("start", FAULTS[name].act, { wallet });
    const shopper = await case_.shopper();
    await shopper.begin();
    await shopper.until("the selector again", (/** @type {any} */ { state }) => state === "selecting", 80_000);
    await shopper.pay(other(wallet));
    await shopper.scanAndApprove();
    await shopper.untilPaid();
    await case_.assertPaidOnce();
  }]),
  ...HANGS.map((name) => [`from ${wallet} whose start hangs, before it is given up: ${name}`, faulty(name, wallet), async (/** @type {Case} */ case_) => {
    case_.proxy.inject("start", FAULTS[name].act, { wallet });
    const shopper = await case_.shopper();
    await shopper.begin();
    const screen = await shopper.until("other ways", (/** @type {any} */ seen) => shopper.offers(seen, "switch"), 6_000);
    assert.equal(screen.state, "starting");
    assert.ok(shopper.reads(screen, "starting_slow"), screen.words);
    assert.ok(shopper.offers(screen, "hosted"));
    const reads = case_.proxy.count("read");
    await shopper.press("switch");
    await shopper.until("it is looked up", (/** @type {any} */ { state }) => state === "selecting" && case_.proxy.count("read") > reads, 1_000);
    // What is found of it stays behind: the shopper wants another wallet.
    await shopper.advance(1_000);
    await shopper.pay(other(wallet));
    await shopper.scanAndApprove();
    await shopper.untilPaid();
    await case_.assertPaidOnce();
  }]),
  ...DOWN.map((name) => [`from ${wallet} that cannot be asked: ${name}`, faulty(name, wallet), async (/** @type {Case} */ case_) => {
    const rule = case_.proxy.inject("check", FAULTS[name].act);
    const shopper = await case_.shopper();
    await shopper.begin();
    await shopper.code();
    await shopper.press("paid");
    await shopper.until("the fault", () => rule.hits > 0);
    await shopper.press("switch");
    await shopper.begin(other(wallet));
    await shopper.scanAndApprove();
    await shopper.untilPaid();
    await case_.assertPaidOnce();
  }]),
]));

group("the shop's own page is a way on", WALLETS.map((wallet) =>
  [`where the start of ${wallet} takes long`, faulty("lost before it is served", wallet), async (/** @type {Case} */ case_) => {
    const rule = case_.proxy.inject("start", FAULTS["lost before it is served"].act);
    const shopper = await case_.shopper();
    await shopper.begin();
    await shopper.until("the way on", (/** @type {Screen} */ screen) => screen.state === "starting" && shopper.offers(screen, "hosted"));
    await shopper.follow("hosted");
    const { page } = shopper;
    await page.locator(`button[value=${wallet}]`).click();
    const code = decode(await page.getByRole("img").screenshot());
    await case_.servers.phone("approve", code);
    await case_.settled();
    rule.lift();
    // Whoever comes back finds it paid.
    await page.goto(`${case_.proxy.pageUrl}/`);
    await shopper.untilPaid(2_000);
    await case_.assertPaidOnce();
  }]));

group("Chromium itself resends", [
  ["a start that was served and lost on a connection that was kept", { expected: NETWORK_ERRORS }, async (/** @type {Case} */ case_) => {
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

/** Goes on until the fault has been met, and late answers have come. */
async function untilFault(/** @type {any} */ shopper, /** @type {any} */ rule, /** @type {any} */ fault) {
  await shopper.until("the fault", () => rule.hits > 0, 90_000);
  if (!fault.isLate) return;
  const before = shopper.case.proxy.calls.length;
  await shopper.until("the late answer", () => shopper.case.proxy.held > 0);
  await shopper.advance(LATE_MS);
  assert.ok(shopper.case.proxy.calls.length - before <= 6, "nobody hammers while an answer is late");
  rule.lift();
}

/** The same call is not made again before the backend allows it. */
async function assertRetryAfter(/** @type {any} */ shopper, /** @type {any} */ call) {
  /** @type {Record<string, RegExp>} */
  const paths = { read: /sessions\/[^/]+$/, start: /payments$/, check: /check$/ };
  const path = paths[call];
  // What the shopper asked for once more, nobody else does.
  if (!path) return;
  await shopper.until("it is tried again", () => shopper.case.proxy.count(call) > 1, 20_000);
  const calls = await shopper.run(() => globalThis.test.calls);
  const [first, second] = calls.filter((/** @type {any} */ { url }) => path.test(url)).map((/** @type {any} */ { at }) => at);
  assert.ok(second - first >= RETRY_AFTER_S * 1_000, `tried again after ${second - first} ms`);
}

/** One wish to pay is one key, however often it is sent. */
function assertOneIntent(/** @type {any} */ { proxy }) {
  const keys = proxy.calls.filter((/** @type {any} */ { call }) => call === "start").map((/** @type {any} */ { key }) => key);
  assert.ok(keys.length > 0 && keys.every((/** @type {string} */ key) => key), "every start has a key");
  const cancels = proxy.count("cancel");
  assert.ok(new Set(keys).size <= 1 + cancels, `keys of one wish: ${keys}`);
}
