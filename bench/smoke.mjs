// @ts-check
// A short run of each bench, to test that they work. The figures mean nothing.
import assert from "node:assert/strict";

import { main as backend } from "./backend.mjs";
import { main as growth } from "./growth.mjs";
import { main as peers } from "./peers.mjs";
import { PEERS } from "./peers/peers.mjs";
import { main as start } from "./start.mjs";
import { main as worker } from "./worker.mjs";

const words = (/** @type {string} */ text) => text.split(" ");

const { runs } = await peers(words("--rounds 1 --conditions none --chain-rounds 1"));
assert.equal(runs.length, Object.keys(PEERS).length);
for (const run of /** @type {any[]} */ (runs)) {
  for (const part of ["bytes", "usable_ms", "code_ms", "paid_ms", "heap"]) assert.ok(run[part] > 0, `${run.name}: ${part} is ${run[part]}`);
}
const { mounts, waited } = await growth(words("--mounts 10 --paid-mounts 5 --widgets 1,3 --minutes 5"));
assert.ok(mounts.every((/** @type {any} */ { nodes }) => nodes > 0));
assert.equal(waited[0].minute, 5);
const { paid, traces, half } = await start(words("--rounds 2 --traces 1 --minutes 1"));
assert.ok(paid.every((/** @type {any} */ each) => each.from_notification_ms > 0 && each.from_approval_ms > each.from_notification_ms));
assert.ok(traces[0].code_ms > 0);
assert.equal(half.length, 4);
const { waits } = await backend(words("--seconds 1 --shoppers 50 --idle 1 --notifications 5"));
assert.equal(waits?.matched, 5);
// Sessions live at least a minute, so that this takes longer.
const { windows, events } = await worker(words("--shoppers 40 --latencies 50 --seconds 75 --hang 0 --events 20"));
assert.equal(events.taken, 20);
for (const part of /** @type {const} */ (["gaps_ms", "refunds_ms", "closes_ms", "expiries_ms"])) assert.ok(windows[0][part].length > 0, part);
console.log("\nall benches work");
