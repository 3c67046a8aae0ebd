// @ts-check
// A stretch of time in which the gateways answer as late as is set: what the worker does in it.
import { longestGaps, queriesBetween } from "./gaps.mjs";
import { EXPIRES_IN_S, delays, expiring, refund } from "./owed.mjs";
import { cpuMs, rss } from "./process.mjs";
import { METHODS, sleep } from "./waiters.mjs";

/** The usual life of a session, by which a number of waiting shoppers makes a number of expiries. */
const SESSION_S = 1_800;
/** What must be left of the time after the last expiry. */
const TAIL_S = 8;
const SAMPLE_MS = 1_000;

/** @typedef {import("./waiters.mjs").Waiters} Waiters */
/** @typedef {import("./waiters.mjs").Method} Method */
/** @typedef {import("./owed.mjs").Owed} Owed */

export class Window {
  static REFUND_INTERVAL_S = 2;
  /** @type {Owed[]} */
  #refunds = [];
  /** @type {Owed[]} */
  #expiries = [];
  #mostAtOnce = 0;
  /** Why calls to the merchant failed. @type {string[]} */
  #failures = [];

  /** @param {Waiters} waiters @param {{ latencyMs: number, seconds: number, hasHanging?: boolean }} how `hasHanging`: WeChat Pay never answers */
  constructor(waiters, { latencyMs, seconds, hasHanging = false }) {
    this.waiters = waiters;
    this.latencyMs = latencyMs;
    this.seconds = seconds;
    this.hasHanging = hasHanging;
    this.methods = hasHanging ? METHODS.filter((method) => method !== "wechat_pay") : METHODS;
  }

  async run() {
    const { pid, gateways, orders } = this.waiters;
    for (const method of METHODS) {
      gateways[method].latencyMs = this.latencyMs;
      gateways[method].isHanging = !this.methods.includes(method);
    }
    const from = Date.now();
    const to = from + this.seconds * 1000;
    const cpu = cpuMs(pid);
    const memory = [rss(pid)];
    const sampling = setInterval(() => memory.push(rss(pid)), SAMPLE_MS);
    const watching = setInterval(() => this.#watch(), SAMPLE_MS / 10);
    try {
      await Promise.all([this.#askForRefunds(to), this.#openExpiring(to), sleep(this.seconds * 1000)]);
    } finally {
      clearInterval(sampling);
      clearInterval(watching);
    }
    const until = Date.now();
    const gaps = this.methods.flatMap((method) => longestGaps(gateways[method], orders[method], from, until));
    const queries = METHODS.reduce((sum, method) => sum + queriesBetween(gateways[method], from, until), 0);
    return {
      latency_ms: this.latencyMs, has_hanging: this.hasHanging, seconds: (until - from) / 1000,
      gaps_ms: gaps, queries_per_s: (queries * 1000) / (until - from), most_at_once: this.#mostAtOnce,
      refunds_ms: delays(this.#refunds, "refund"), closes_ms: delays(this.#expiries, "close"),
      expiries_ms: this.#expiries.map(({ id, at }) => (this.waiters.streams.ended.get(id) ?? until) - at),
      failures: this.#failures, rss: memory, cpu_percent: (cpuMs(pid) - cpu) / 10 / ((until - from) / 1000),
    };
  }

  #watch() {
    for (const method of METHODS) this.#mostAtOnce = Math.max(this.#mostAtOnce, this.waiters.gateways[method].underWay);
  }

  /** Asks for refunds until so long before `to` that each can begin in time. @param {number} to */
  async #askForRefunds(to) {
    for (let count = 0; Date.now() < to - TAIL_S * 1000; count += 1) {
      const paid = this.waiters.paid[this.methods[count % this.methods.length]].pop();
      if (!paid) throw new Error("there are no more payments to refund");
      await refund(this.waiters.servers, paid).then((owed) => this.#refunds.push(owed), (error) => this.#failures.push(String(error)));
      await sleep(Window.REFUND_INTERVAL_S * 1000);
    }
  }

  /** Opens sessions that expire before `to`, each with a payment and a shopper who waits. @param {number} to */
  async #openExpiring(to) {
    const { servers, gateways, streams, size } = this.waiters;
    const interval = 1000 / Math.max(1, size.shoppers / SESSION_S);
    const all = [];
    for (let count = 0; Date.now() < to - (EXPIRES_IN_S + TAIL_S) * 1000; count += 1) {
      const method = this.methods[count % this.methods.length];
      all.push(expiring(servers, method, gateways[method]).then(async ({ shopper, owed }) => {
        this.#expiries.push(owed);
        await streams.open([shopper]);
      }).catch((error) => this.#failures.push(String(error))));
      await sleep(interval);
    }
    await Promise.all(all);
  }
}
