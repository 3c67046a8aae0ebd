// @ts-check
// Compares OpenCashier, two builds of Adyen's Drop-in and a minimal hand-written selector, in one
// browser, on one page, in one run, in alternating order.
import assert from "node:assert/strict";

import { readArguments } from "./lib/arguments.mjs";
import { CONDITIONS, launch } from "./lib/browser.mjs";
import { spell } from "./lib/numbers.mjs";
import { versionOf } from "./lib/packages.mjs";
import { Circumstances, keep } from "./lib/report.mjs";
import { PEERS } from "./peers/peers.mjs";
import { markdown } from "./peers/report.mjs";
import { Stage } from "./peers/server.mjs";
import { pressAtOnce, visit } from "./peers/visit.mjs";

/** Delay of every API answer, as with a server and a gateway behind it. */
const API_DELAY_MS = 50;
/** Minimum time for scanning. */
const SCAN_MS = 2_500;
/** Delay of all answers when sequential ones are counted. */
const CHAIN_DELAY_MS = 1_000;

/** The list started at another item in each round. @template T @param {T[]} all @param {number} round */
const rotated = (all, round) => all.map((_, index) => all[(index + round) % all.length]);

/**
 * How many answers are waited for one after the other, the page's own included: by how much later it comes when each
 * answer comes later.
 * @param {any} browser @param {Stage} stage @param {string[]} names @param {number} rounds
 */
async function chains(browser, stage, names, rounds) {
  stage.apiDelayMs = 0;
  /** @type {Record<string, Record<string, number[]>>} */
  const found = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const name of rotated(names, round)) {
      for (const delay of [0, CHAIN_DELAY_MS]) {
        stage.allDelayMs = delay;
        const { usable_ms, code_total_ms } = await visit({ browser, stage, name, condition: CONDITIONS.none, payAfterMs: 0 });
        const own = (found[name] ??= { usable0: [], usable1: [], code0: [], code1: [] });
        own[delay ? "usable1" : "usable0"].push(usable_ms);
        own[delay ? "code1" : "code0"].push(code_total_ms);
      }
    }
  }
  stage.allDelayMs = 0;
  const steps = (/** @type {number[]} */ slow, /** @type {number[]} */ fast) =>
    // The minimum of each, as other work of the machine only adds time.
    Math.round((Math.min(...slow) - Math.min(...fast)) / CHAIN_DELAY_MS);
  return Object.fromEntries(names.map((name) => {
    const { usable0, usable1, code0, code1 } = found[name];
    return [name, { usable: steps(usable1, usable0), code: steps(code1, code0) }];
  }));
}

/** @param {string[]} [words] of the command line */
export async function main(words) {
  const options = readArguments({ rounds: 15, limit: 60, chainRounds: 3, conditions: ["none", "slow-4g", "3g"], peers: Object.keys(PEERS), write: "" }, words);
  for (const name of options.peers) assert.ok(PEERS[name], `there is no peer ${name}`);
  for (const name of options.conditions) assert.ok(CONDITIONS[name], `there is no condition ${name}`);
  const circumstances = new Circumstances();
  const [stage, browser] = await Promise.all([Stage.open(), launch()]);
  try {
    const runs = [];
    stage.apiDelayMs = API_DELAY_MS;
    // Warm-up, not counted.
    for (const name of options.peers) await visit({ browser, stage, name, condition: CONDITIONS.none, payAfterMs: 0 });
    const endAt = Date.now() + options.limit * 60_000;
    let rounds = 0;
    // A started round is finished, so that all peers have the same number.
    for (let round = 0; round < options.rounds && (round === 0 || Date.now() < endAt); round += 1, rounds += 1) {
      for (const condition of options.conditions) {
        // The phase of Adyen's polling, every two seconds, changes from round to round.
        const payAfterMs = SCAN_MS + Math.round(((round * 0.618) % 1) * 2_000);
        for (const name of rotated(options.peers, round)) {
          const parts = { browser, stage, name, condition: CONDITIONS[condition] };
          const measured = await visit({ ...parts, payAfterMs, isChecked: round === 0 });
          const at_once_ms = await pressAtOnce(parts);
          runs.push({ round, condition, name, ...measured, at_once_ms });
          const times = ["usable_ms", "code_ms", "paid_ms"].map((key) => `${key.slice(0, -3)} ${spell(/** @type {any} */ (measured)[key])} ms`);
          console.log(`${round + 1}/${options.rounds} ${condition} ${name}: ${times.join(", ")}, at once ${spell(at_once_ms)} ms`);
        }
      }
    }
    const chain = await chains(browser, stage, options.peers, options.chainRounds);
    const where = circumstances.describe({ chromium: browser.version(), adyen: versionOf("@adyen/adyen-web") });
    const result = { circumstances: where, rounds, conditions: options.conditions, names: options.peers, api_delay_ms: API_DELAY_MS, chain, runs };
    keep("peers", result, markdown(result), options.write);
    return result;
  } finally {
    await Promise.all([browser.close(), stage.close()]);
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) await main();
