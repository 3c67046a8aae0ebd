// Page lifecycle in every state of the widget: reloaded, restored from the back-forward cache, hidden,
// frozen, killed. The browser runs with default lifecycle behaviour.
import assert from "node:assert/strict";

import { FAULTS, NETWORK_ERRORS } from "./faults/faults.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */

const group = matrix();
const WALLETS = ["wechat_pay", "alipay"];

/** Brings the widget into each state. The returned rule, if any, holds it there. */
const STATES = {
  // The read is held before the page is opened.
  loading: async () => {},
  "selecting, nothing picked": async (/** @type {any} */ shopper) => { await shopper.state("selecting"); },
  "selecting, a wallet picked": async (/** @type {any} */ shopper, /** @type {any} */ { wallet }) => {
    await shopper.state("selecting");
    await shopper.choose(wallet);
  },
  "starting, not served": (/** @type {any} */ shopper, /** @type {Case} */ case_) => heldStart(shopper, case_, "held and never served"),
  "starting, served": (/** @type {any} */ shopper, /** @type {Case} */ case_) => heldStart(shopper, case_, "served, and never answered"),
  awaiting: async (/** @type {any} */ shopper) => {
    await shopper.begin();
    await shopper.code();
  },
  confirming: (/** @type {any} */ shopper, /** @type {Case} */ case_) => heldAfterCode(shopper, case_, "check", "paid", "held and never served"),
  "closing, not served": (/** @type {any} */ shopper, /** @type {Case} */ case_) => heldAfterCode(shopper, case_, "cancel", "cancel", "held and never served"),
  "closing, served": (/** @type {any} */ shopper, /** @type {Case} */ case_) => heldAfterCode(shopper, case_, "cancel", "cancel", "served, and never answered"),
  canceled: async (/** @type {any} */ shopper) => {
    await shopper.begin();
    await shopper.code();
    await shopper.press("cancel");
    await shopper.state("canceled");
  },
  unavailable: async (/** @type {any} */ shopper, /** @type {any} */ { proxy }) => {
    const rule = proxy.inject("read", FAULTS["lost before it is served"].act);
    await shopper.page.reload();
    await shopper.state("unavailable");
    return rule;
  },
  succeeded: async (/** @type {any} */ shopper) => {
    await shopper.payUntilComplete();
  },
  expired: async (/** @type {any} */ shopper, /** @type {any} */ { servers, session }) => {
    await shopper.begin();
    await shopper.code();
    await servers.expireSession(session.id);
    await shopper.state("expired");
  },
};

/** Lifecycle changes of the page. Between `leave` and `back` the proxy releases held requests. */
/** @type {Record<string, { isHidden?: boolean, leave: (shopper: any) => Promise<any>, back: (shopper: any, case_: Case) => Promise<any> }>} */
const LIFECYCLES = {
  "is reloaded": {
    leave: async () => {},
    back: (/** @type {any} */ shopper) => shopper.page.reload(),
  },
  "is killed and opened again in another tab": {
    leave: (/** @type {any} */ shopper) => shopper.page.close(),
    back: async (/** @type {any} */ shopper, /** @type {Case} */ case_) => case_.shopper(),
  },
  "is left and restored from the back-forward cache": {
    leave: (/** @type {any} */ shopper) => shopper.navigateAway(),
    back: (/** @type {any} */ shopper) => shopper.goBack(),
  },
  "is hidden for a minute": {
    isHidden: true,
    leave: async (/** @type {any} */ shopper) => {
      await shopper.hide();
      await shopper.advance(60_000);
    },
    back: (/** @type {any} */ shopper) => shopper.show(),
  },
  "is hidden and frozen": {
    isHidden: true,
    leave: async (/** @type {any} */ shopper) => {
      await shopper.hide();
      await shopper.freeze();
    },
    back: async (/** @type {any} */ shopper) => {
      await shopper.thaw();
      await shopper.show();
    },
  },
};

/** States in which the widget queries the backend when it is shown again. */
const ASKS_ON_RETURN = /^(selecting|awaiting|canceled|unavailable)/;

let turn = 0;
for (const [lifecycle, { leave, back, isHidden }] of Object.entries(LIFECYCLES)) {
  group(`the page ${lifecycle}`, Object.entries(STATES).map(([state, way]) => {
    turn += 1;
    const options = { wallet: WALLETS[turn % 2], isCross: (turn >> 1) % 2 === 1, expected: NETWORK_ERRORS };
    return [state, options, async (/** @type {Case} */ case_) => {
      const { proxy } = case_;
      const first = state === "loading" ? await loadingShopper(case_) : await case_.shopper();
      const rule = state === "loading" ? first.rule : await way(first.shopper ?? first, case_);
      const shopper = first.shopper ?? first;
      const code = state === "awaiting" ? await shopper.code() : null;

      const known = proxy.calls.length;
      await leave(shopper);
      if (isHidden) {
        assert.deepEqual(proxy.calls.slice(known).map((/** @type {any} */ { call }) => call), [], "no request while hidden");
      }
      rule?.lift();
      const shown = proxy.calls.length;
      const next = (await back(shopper, case_)) ?? null;
      const now = next?.payUntilComplete ? next : shopper;

      await now.until("the widget", (/** @type {any} */ { isMounted }) => isMounted);
      if (code) assert.equal(await now.code(), code, "the same code");
      if (state === "expired") {
        await now.state("expired");
        assert.ok((await now.untilActionable()).text.length > 0);
        const orders = await case_.orders();
        assert.ok(orders.every((/** @type {any} */ { state }) => !/SUCCESS|NOTPAY|WAIT/.test(state)), JSON.stringify(orders));
        return;
      }
      if (state === "succeeded") {
        await now.untilPaid(5_000);
        assert.equal(proxy.calls.slice(shown).filter((/** @type {any} */ { call }) => call !== "read").length, 0, "only reads");
        await case_.assertPaidOnce();
        return;
      }
      if (isHidden && ASKS_ON_RETURN.test(state)) {
        await now.until("a request on return", () => proxy.calls.length > shown, 500);
      }
      await now.payUntilComplete();
      await case_.assertPaidOnce();
    }];
  }));
}

group("paid on the phone while the page", Object.entries(LIFECYCLES).map(([lifecycle, { leave, back }], index) =>
  [lifecycle, { wallet: WALLETS[index % 2], isCross: index % 4 > 1, expected: NETWORK_ERRORS }, async (/** @type {Case} */ case_) => {
    const shopper = await case_.shopper();
    await shopper.begin();
    const code = await shopper.code();
    await leave(shopper);
    await case_.servers.phone("approve", code);
    const reads = case_.proxy.calls.length;
    const next = await back(shopper, case_);
    const now = next?.payUntilComplete ? next : shopper;
    // Without waiting for a timer.
    await now.untilPaid(2_000);
    assert.ok(case_.proxy.calls.length - reads <= 3, "at most three requests");
    await case_.assertPaidOnce();
  }]));

/** Opens the widget while its first read hangs. */
async function loadingShopper(/** @type {Case} */ case_) {
  const rule = case_.proxy.inject("read", FAULTS["held and never served"].act);
  const shopper = await case_.shopper();
  await shopper.until("the read", () => case_.proxy.held > 0);
  return { shopper, rule };
}

async function heldStart(/** @type {any} */ shopper, /** @type {any} */ { proxy }, /** @type {any} */ fault) {
  const rule = proxy.inject("start", FAULTS[fault].act);
  await shopper.begin();
  await shopper.until("the start", () => proxy.held > 0);
  return rule;
}

async function heldAfterCode(/** @type {any} */ shopper, /** @type {any} */ { proxy }, /** @type {any} */ call, /** @type {any} */ button, /** @type {any} */ fault) {
  const rule = proxy.inject(call, FAULTS[fault].act);
  await shopper.begin();
  await shopper.code();
  await shopper.press(button);
  await shopper.until("the request", () => proxy.held > 0);
  return rule;
}
