// Wrong device clocks and sleep: the countdown follows the server to a second.
import assert from "node:assert/strict";

import { FAULTS, NETWORK_ERRORS } from "./faults/faults.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */

const group = matrix();
const MINUTE = 60_000;
const WALLETS = ["wechat_pay", "alipay"];

/** Fails unless the countdown is right to a second; the session's clock is `aheadMs` ahead of the test's. */
async function assertCountdown(/** @type {any} */ shopper, aheadMs = 0) {
  const { payment, expires_at } = await shopper.case.servers.readSession(shopper.session.id);
  const ends = [expires_at, payment?.next_action?.expires_at].filter(Boolean).map(Date.parse);
  const leftMs = () => Math.min(...ends) - Date.now() - aheadMs;
  const most = leftMs() / 1_000;
  const { timer } = await shopper.look();
  const least = leftMs() / 1_000;
  assert.ok(timer, "there is a countdown");
  const shown = timer.split(":").reduce((/** @type {any} */ sum, /** @type {any} */ part) => sum * 60 + Number(part), 0);
  const isRight = shown >= Math.floor(least) - 1 && shown <= Math.ceil(most) + 1;
  assert.ok(isRight, `shows ${shown} s, right is ${least} to ${most} s`);
}

const waiting = async (/** @type {Case} */ case_) => {
  const shopper = await case_.shopper();
  await shopper.begin();
  await shopper.code();
  return shopper;
};

/** Moves the server's clock ahead of the page's. */
const advanceServerTime = (/** @type {any} */ { proxy }, /** @type {number} */ ms) => {
  proxy.rewrite = (/** @type {any} */ session) => ({
    ...session,
    server_time: new Date(Date.parse(session.server_time) + ms).toISOString(),
  });
};

const CLOCKS = {
  "ten minutes ahead": 10 * MINUTE,
  "ten minutes behind": -10 * MINUTE,
  "a year ahead": 365 * 24 * 60 * MINUTE,
  "of 1990": Date.UTC(1990, 0, 1) - Date.now(),
};

group("the device's clock is", Object.entries(CLOCKS).map(([name, deviceAheadMs], index) =>
  [name, { deviceAheadMs, wallet: WALLETS[index % 2] }, async (/** @type {Case} */ case_) => {
    const shopper = await waiting(case_);
    await assertCountdown(shopper);
    await shopper.payUntilComplete();
    await case_.assertPaidOnce();
  }]));

group("the device's clock is set", [
  ["ten minutes ahead while a code waits, and back", {}, async (/** @type {Case} */ case_) => {
    const shopper = await waiting(case_);
    for (const ms of [10 * MINUTE, -20 * MINUTE]) {
      await shopper.run((/** @type {number} */ ms) => {
        const { now } = Date;
        Date.now = () => now() + ms;
      }, ms);
      await shopper.advance(0);
      await assertCountdown(shopper);
    }
    await shopper.payUntilComplete();
    await case_.assertPaidOnce();
  }],
]);

/** Ways to wake up from sleep. `bound`: the limit until the countdown must be right. */
const WAKE_UPS = {
  "with a visibility change": {
    wake: async (/** @type {any} */ shopper) => {
      await shopper.hide();
      await shopper.show();
    },
    bound: 1_000,
  },
  "with a focus event": {
    wake: (/** @type {any} */ shopper) => shopper.run(() => dispatchEvent(new Event("focus"))),
    bound: 5_000,
  },
  "with an online event": {
    wake: (/** @type {any} */ shopper) => shopper.run(() => dispatchEvent(new Event("online"))),
    bound: 5_000,
  },
  "without an event": { wake: async () => {}, bound: 10_000 },
};

group("the device sleeps for five minutes", Object.entries(WAKE_UPS).flatMap(([name, { wake, bound }], index) =>
  [true, false].map((isClockStopped) =>
    [`${isClockStopped ? "monotonic clock stopped" : "monotonic clock running"}, wakes up ${name}`,
      { wallet: WALLETS[index % 2], expected: NETWORK_ERRORS }, async (/** @type {Case} */ case_) => {
        const shopper = await waiting(case_);
        await assertCountdown(shopper);
        advanceServerTime(case_, 5 * MINUTE);
        if (!isClockStopped) await shopper.run((/** @type {number} */ ms) => globalThis.test.sleep(ms), 5 * MINUTE);
        // No connection outlives five minutes of sleep.
        case_.proxy.breakConnections();
        await wake(shopper);
        const reached = shopper.passed;
        let error;
        do {
          await shopper.advance(250);
          error = await assertCountdown(shopper, 5 * MINUTE).then(() => null, (error) => error);
        } while (error && shopper.passed - reached < bound);
        if (error) throw error;
        await shopper.payUntilComplete();
        await case_.assertPaidOnce();
      }])));

group("paid on the phone while the device sleeps, which wakes up", Object.entries(WAKE_UPS).map(([name, { wake, bound }], index) =>
  [name, { wallet: WALLETS[index % 2], expected: NETWORK_ERRORS }, async (/** @type {Case} */ case_) => {
    const shopper = await waiting(case_);
    const code = await shopper.code();
    advanceServerTime(case_, 5 * MINUTE);
    case_.proxy.breakConnections();
    const rule = case_.proxy.inject("*", FAULTS["lost before it is served"].act);
    await case_.servers.phone("approve", code);
    rule.lift();
    await wake(shopper);
    await shopper.untilPaid(bound);
    await case_.assertPaidOnce();
  }]));

/** Expires the session `ms` after the page first received it. */
const endAfter = (/** @type {any} */ { proxy }, /** @type {number} */ ms) => {
  proxy.rewrite = (/** @type {any} */ session) => {
    proxy.end ??= new Date(Date.parse(session.server_time) + ms).toISOString();
    session.expires_at = proxy.end;
    delete session.payment?.next_action?.expires_at;
    return session;
  };
};

group("at the end of the session", [
  ...WALLETS.map((wallet) => [`a payment in the last second succeeds, ${wallet}`, { wallet, expected: NETWORK_ERRORS }, async (/** @type {Case} */ case_) => {
    const { proxy } = case_;
    endAfter(case_, 30_000);
    // Only the final check can find the payment.
    proxy.inject("events", FAULTS["lost before it is served"].act);
    const rule = proxy.inject("check", FAULTS["held and never served"].act, { times: 1 });
    const shopper = await waiting(case_);
    const code = await shopper.code();
    await shopper.until("the final check", () => proxy.held > 0, 40_000);
    const screen = await shopper.state("confirming");
    assert.ok(shopper.reads(screen, "confirming_time_up"), screen.text);
    await case_.servers.phone("approve", code);
    rule.lift();
    await shopper.untilPaid(1_000);
    await case_.assertPaidOnce();
  }]),

  ["a failed final check is retried", { expected: [...NETWORK_ERRORS, /status of 500/] }, async (/** @type {Case} */ case_) => {
    const { proxy } = case_;
    endAfter(case_, 30_000);
    proxy.inject("events", FAULTS["lost before it is served"].act);
    const rule = proxy.inject("check", FAULTS["500 with a problem"].act);
    const shopper = await waiting(case_);
    const code = await shopper.code();
    await shopper.until("the final checks", () => rule.hits >= 3, 60_000);
    assert.equal((await shopper.look()).state, "confirming");
    await shopper.until("other ways", (/** @type {any} */ { actions }) => actions.length > 0, 10_000);
    await case_.servers.phone("approve", code);
    rule.lift();
    await shopper.untilPaid(20_000);
    await case_.assertPaidOnce();
  }],
]);

group("a focus event without sleep", [
  ["sends no request", {}, async (/** @type {Case} */ case_) => {
    const { proxy } = case_;
    const shopper = await waiting(case_);
    await shopper.until("the stream", () => proxy.count("events") === 1);
    await shopper.advance(1_000);
    const before = proxy.calls.length;
    await shopper.run(() => {
      for (let count = 0; count < 20; count += 1) dispatchEvent(new Event("focus"));
    });
    await shopper.advance(1_000);
    assert.equal(proxy.calls.length, before);
    await shopper.payUntilComplete();
    await case_.assertPaidOnce();
  }],
]);
