// @ts-check
// The stage of the worker's bench: merchant and sandbox with a proxy before each gateway, the receiver of
// events, thousands of shoppers who wait, and payments to be refunded.
import assert from "node:assert/strict";

import { Servers } from "../../tests/e2e/stage/servers.mjs";
import { Gateway } from "./gateways.mjs";
import { Load, opened, opening, starting } from "./load.mjs";
import { EXPIRES_IN_S } from "./owed.mjs";
import { maxFiles } from "./process.mjs";
import { Receiver } from "./receiver.mjs";
import { Streams } from "./streams.mjs";

/** @typedef {"wechat_pay" | "alipay"} Method */
/** @typedef {{ payment: string, order: string, gateway: Gateway }} Paid */
/** @typedef {{ shoppers: number, events: number, refunds: number, connections: number }} Size */

/** @type {Method[]} */
export const METHODS = ["wechat_pay", "alipay"];
/** The share of payments that must start; on a busy machine a call may time out. */
const MIN_STARTED = 0.99;
/** Calls of phones at once. */
const PHONES = 16;

export class Waiters {
  setup = { took_s: 0 };
  /** The orders of those who wait. @type {Record<Method, string[]>} */
  orders = { wechat_pay: [], alipay: [] };
  /** Paid payments that nobody has refunded. @type {Record<Method, Paid[]>} */
  paid = { wechat_pay: [], alipay: [] };
  /** Sessions without a payment, whose expiry the receiver is told of. @type {string[]} */
  #idle = [];
  #hungAt = 0;
  #releasedAt = 0;

  /** @param {Size} size */
  static async start(size) {
    const [wechat_pay, alipay, receiver] = await Promise.all([Gateway.open(), Gateway.open(), Receiver.open()]);
    process.env.OPENCASHIER_WECHAT_PAY__BASE_URL = wechat_pay.url;
    process.env.OPENCASHIER_ALIPAY__GATEWAY_URL = `${alipay.url}/gateway.do`;
    const server = { session_default_expiry_s: 7_200 };
    // All the load comes from one address, so the rate limit per address is off.
    const limits = { calls_per_minute: 0, sessions_per_minute: 0, wrong_secrets_per_minute: 0 };
    const webhooks = { url: receiver.url, secret: receiver.secret };
    const servers = await Servers.start({ settings: { server, limits, webhooks }, log: "error", hasShop: false });
    wechat_pay.goOnTo(servers.sandboxUrl);
    alipay.goOnTo(servers.sandboxUrl);
    return new Waiters(servers, { wechat_pay, alipay }, receiver, size);
  }

  /** @param {Servers} servers @param {Record<Method, Gateway>} gateways @param {Receiver} receiver @param {Size} size */
  constructor(servers, gateways, receiver, size) {
    Object.assign(this, { servers, gateways, receiver, size });
    this.servers = servers;
    this.gateways = gateways;
    this.receiver = receiver;
    this.size = size;
    this.streams = new Streams(servers.merchantUrl);
    this.load = new Load(servers, size.connections);
    this.pid = /** @type {any} */ (servers).merchant.pid;
  }

  /** Lets everybody wait. */
  async open() {
    const startedAt = performance.now();
    const { shoppers, events, refunds } = this.size;
    const files = maxFiles(this.pid);
    assert.ok(files > shoppers + 2_000, `${shoppers} shoppers need more open files than ${files}: raise \`ulimit -n\` or take fewer by --shoppers`);
    const waiting = await this.#sessions(shoppers);
    await this.#payments(waiting);
    for (const method of METHODS) this.orders[method] = [...this.gateways[method].calls.order.keys()];
    await this.#pay(await this.#sessions(refunds * METHODS.length));
    await this.streams.open(waiting);
    this.receiver.isHanging = true;
    this.#hungAt = Date.now();
    const idle = await this.#sessions(events, { expires_in_s: EXPIRES_IN_S });
    this.#idle = idle.map(({ id }) => id);
    this.setup.took_s = (performance.now() - startedAt) / 1000;
  }

  /** Lets the receiver answer again. */
  releaseEvents() {
    if (!this.receiver.isHanging) return;
    this.receiver.isHanging = false;
    this.#releasedAt = Date.now();
  }

  /** What has become of the events that waited; waits for them at most so long. @param {number} limitMs */
  async events(limitMs) {
    const times = () => this.#idle.flatMap((id) => this.receiver.taken.get(`checkout.session.expired ${id}`) ?? []);
    while (times().length < this.#idle.length && Date.now() < this.#releasedAt + limitMs) await sleep(100);
    const last = times().reduce((one, other) => Math.max(one, other), this.#releasedAt);
    return {
      count: this.#idle.length, taken: times().length, unanswered: this.receiver.unanswered, streams_lost: this.streams.lost,
      hung_s: (this.#releasedAt - this.#hungAt) / 1000, took_s: (last - this.#releasedAt) / 1000,
    };
  }

  async stop() {
    await this.streams.end();
    await Promise.all([this.servers.stop(), this.receiver.close(), ...METHODS.map((method) => this.gateways[method].close())]);
  }

  /** @param {number} amount @param {object} [more] members of each request's body */
  async #sessions(amount, more) {
    /** @type {import("./load.mjs").Shopper[]} */
    const all = [];
    const heard = (/** @type {number} */ status, /** @type {string} */ body) => status === 201 && all.push(opened(body));
    if (amount > 0) await this.load.ask({ title: "sessions", amount, next: () => opening(this.servers, more), heard });
    assert.equal(all.length, amount, "every session is opened");
    return all;
  }

  /** Starts a payment of each, half of them at each gateway. @param {import("./load.mjs").Shopper[]} shoppers */
  async #payments(shoppers) {
    /** @type {{ method: Method, payment: any }[]} */
    const all = [];
    const next = (/** @type {number} */ count) => starting(this.servers, shoppers[count], METHODS[count % METHODS.length]);
    const heard = (/** @type {number} */ status, /** @type {string} */ body) => {
      if (status !== 200) return;
      const { payment } = JSON.parse(body);
      all.push({ method: payment.payment_method, payment });
    };
    const asked = shoppers.length > 0 ? await this.load.ask({ title: "payments", amount: shoppers.length, next, heard }) : null;
    assert.ok(all.length >= shoppers.length * MIN_STARTED, `${all.length} of ${shoppers.length} payments started: ${JSON.stringify(asked)}`);
    return all;
  }

  /** Pays for these sessions. @param {import("./load.mjs").Shopper[]} shoppers */
  async #pay(shoppers) {
    const started = await this.#payments(shoppers);
    const count = started.length;
    const approve = async () => {
      for (let each = started.pop(); each; each = started.pop()) {
        const { method, payment } = each;
        const { out_trade_no } = await this.servers.phone("approve", payment.next_action.data, method);
        this.paid[method].push({ payment: payment.id, order: out_trade_no, gateway: this.gateways[method] });
      }
    };
    await Promise.all(Array.from({ length: PHONES }, approve));
    const completed = () => [...this.receiver.taken.keys()].filter((key) => key.startsWith("checkout.session.completed ")).length;
    for (let tries = 0; completed() < count && tries < 600; tries += 1) await sleep(100);
    assert.equal(completed(), count, "every approved session completes");
  }
}

export const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
