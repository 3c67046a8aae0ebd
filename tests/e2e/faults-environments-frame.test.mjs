// Alipay's cashier in a frame of the page, on a desktop: it fails to load, is slow, and the page around
// it is reloaded, left, hidden and killed.
import assert from "node:assert/strict";

import { FEW, LIVES, LOST, meet } from "./faults/environments.mjs";
import { ROADS } from "./faults/redirect-shopper.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */

const group = matrix({ desktopFlow: "page_frame" });
const framed = (/** @type {any} */ expected = []) =>
  ({ wallet: "alipay", device: "Chrome on Windows", expected: [...expected, ...LOST] });

/** Pays with a phone what it sees in the frame. */
async function pays(/** @type {any} */ shopper) {
  await shopper.isScannable();
  await shopper.scanAndApprove();
}

async function opened(/** @type {Case} */ case_) {
  const shopper = await case_.shopper();
  shopper.pays = pays;
  return shopper;
}

async function payOnce(/** @type {Case} */ case_, /** @type {any} */ shopper) {
  shopper.pays = pays;
  await shopper.payToTheEnd();
  await case_.assertPaidOnce();
  assert.equal((await case_.orders()).length, 1, "one order");
}

group("the start of a frame fails", FEW.map(([name, fault]) =>
  [name, framed(fault.expected), async (/** @type {Case} */ case_) => {
    const rule = case_.proxy.spoil("start", fault.act, { times: 1 });
    const shopper = await opened(case_);
    await shopper.begin();
    await meet(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

group("the page in the frame", [
  ...["lost before it is served", "answered 500 before it is served"].map((name) =>
    [`${name}, and is gone to as a whole`, framed([/status of 500/]), async (/** @type {Case} */ case_) => {
      const shopper = await opened(case_);
      const rule = shopper.spoil("gateway", ROADS[name]);
      await shopper.begin();
      await shopper.until("the fault", () => rule.hits === 1);
      const screen = await shopper.rest();
      assert.ok(shopper.offers(screen, "continue") && shopper.offers(screen, "paid"), screen.actions.join());
      await shopper.press("continue");
      await shopper.arrive();
      await shopper.payInApp();
      await shopper.returnByHand();
      await shopper.isDone(2_000);
      await case_.assertPaidOnce();
    }]),
  ["is slow: what can be done meanwhile is there", framed(), async (/** @type {Case} */ case_) => {
    let resolve = () => {};
    const promise = new Promise((open) => (resolve = () => open(null)));
    const shopper = await opened(case_);
    const rule = shopper.spoil("gateway", (/** @type {any} */ road) => road.hold(promise));
    await shopper.begin();
    await shopper.until("the frame", () => rule.hits === 1);
    const screen = await shopper.rest();
    assert.ok(shopper.offers(screen, "switch") && shopper.offers(screen, "continue"), screen.actions.join());
    resolve();
    await payOnce(case_, shopper);
  }],
]);

group("the check of a framed payment fails", FEW.map(([name, fault]) =>
  [name, framed(fault.expected), async (/** @type {Case} */ case_) => {
    const shopper = await opened(case_);
    await shopper.begin();
    await shopper.state("awaiting");
    const rule = case_.proxy.spoil("check", fault.act, { times: 1 });
    await shopper.press("paid");
    await meet(shopper, rule, fault);
    await payOnce(case_, shopper);
  }]));

for (const [life, live] of Object.entries(LIVES)) {
  group(`with a frame the page ${life}`, [
    ["and gone on with", framed(), async (/** @type {Case} */ case_) => {
      const shopper = await opened(case_);
      await shopper.begin();
      await shopper.state("awaiting");
      // A page that is still loading is not kept.
      await shopper.isScannable();
      await payOnce(case_, await live(shopper));
    }],
    ["and paid by a phone meanwhile", framed(), async (/** @type {Case} */ case_) => {
      const before = await opened(case_);
      await before.begin();
      await before.state("awaiting");
      await pays(before);
      const shopper = await live(before);
      await shopper.isDone(2_000);
      await case_.assertPaidOnce();
    }],
  ]);
}
