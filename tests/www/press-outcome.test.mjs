// The outcomes of confirm().
import assert from "node:assert/strict";
import { test } from "node:test";

import { Presses } from "../../www/press-outcome.js";

const REFUSED = { type: "api_error", code: "gateway_rejected", message: "refused", retryable: false };

/** The outcomes that are known by now; `pending` for others. @param {Promise<unknown>[]} presses */
function known(...presses) {
  const later = new Promise((done) => setTimeout(() => done("pending")));
  return Promise.all(presses.map((press) => Promise.race([press, later])));
}

/** @param {Presses} presses @param {string} from @param {string} to */
const change = (presses, from, to) => presses.take("state-change", { from, to }, true);

test("a press that repeats one under way has the outcome of that one", async () => {
  const presses = new Presses();
  change(presses, "loading", "selecting");
  const first = presses.follow();
  presses.take("submit", { paymentMethod: "alipay" }, true);
  const beforeStart = presses.follow();
  change(presses, "selecting", "starting");
  const duringStart = presses.follow();
  assert.deepEqual(await known(first, beforeStart, duringStart), ["pending", "pending", "pending"]);
  presses.take("error", REFUSED, true);
  change(presses, "starting", "selecting");
  const outcome = { state: "selecting", error: REFUSED };
  assert.deepEqual(await known(first, beforeStart, duringStart), [outcome, outcome, outcome]);

  const next = presses.follow();
  assert.deepEqual(await known(next), ["pending"], "nothing is under way any more");
  presses.take("submit", { paymentMethod: "alipay" }, true);
  change(presses, "selecting", "starting");
  change(presses, "starting", "awaiting");
  assert.deepEqual(await known(next), [{ state: "awaiting" }]);
});

test("a press before the app is open waits until it is repeated there", async () => {
  const presses = new Presses();
  const early = presses.follow();
  change(presses, "loading", "selecting");
  assert.deepEqual(await known(early), ["pending"]);
  presses.settle();
  assert.deepEqual(await known(early), [{ state: "selecting" }]);
});

test("a press without an effect is answered once the first state is known", async () => {
  const presses = new Presses();
  const early = presses.follow();
  // On a busy machine the selector is rendered before the event `state-change`.
  presses.settle();
  assert.deepEqual(await known(early), ["pending"]);
  change(presses, "loading", "selecting");
  assert.deepEqual(await known(early), [{ state: "selecting" }]);
});

test("a press that the page was told of waits for its outcome", async () => {
  const presses = new Presses();
  change(presses, "loading", "selecting");
  const press = presses.follow();
  presses.take("submit", { paymentMethod: "alipay" }, true);
  presses.settle();
  assert.deepEqual(await known(press), ["pending"]);
  change(presses, "selecting", "starting");
  change(presses, "starting", "awaiting");
  assert.deepEqual(await known(press), [{ state: "awaiting" }]);
});
