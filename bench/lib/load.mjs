// @ts-check
// Many calls at once to the merchant backend, by autocannon; each instance gets the same share.
import { autocannon } from "./packages.mjs";
import { cpuMs } from "./process.mjs";

export const SESSIONS = "/v1/checkout/sessions";

/** @typedef {{ id: string, secret: string }} Shopper */
/** @typedef {import("../../tests/e2e/stage/servers.mjs").Servers} Servers */

export class Load {
  /** @param {Servers} servers @param {number} connections to all instances together @param {() => number} [databaseMs] the processor time of the database's own processes so far */
  constructor(servers, connections, databaseMs = () => 0) {
    this.databaseMs = databaseMs;
    this.servers = /** @type {any} */ (servers);
    this.connections = connections;
  }

  /**
   * Asks by autocannon, each request made by `next`.
   * @param {{ title: string, amount: number, seconds?: number, next: (count: number) => any, heard?: (status: number, body: string) => void }} what
   */
  async ask({ title, amount, seconds, next, heard = () => {} }) {
    const { merchants, sandbox, merchantUrls } = this.servers;
    const cpu = () => merchants.reduce((/** @type {number} */ sum, /** @type {any} */ { pid }) => sum + cpuMs(pid), 0);
    const before = { merchant: cpu(), sandbox: cpuMs(sandbox.pid), database: this.databaseMs(), at: performance.now() };
    let count = 0;
    /** @type {Record<string, number>} */
    const refused = {};
    const setupRequest = (/** @type {any} */ request) => ({ ...request, ...next(count++) });
    const onResponse = (/** @type {number} */ status, /** @type {string} */ body) => {
      if (status >= 300) refused[status] = (refused[status] ?? 0) + 1;
      heard(status, body);
    };
    // Each instance gets its share of the connections and of the calls.
    const share = (/** @type {number} */ all, /** @type {number} */ at) => Math.floor((all + at) / merchantUrls.length);
    const parts = merchantUrls.map((/** @type {string} */ url, /** @type {number} */ at) => {
      const [own, connections] = [share(amount, at), Math.max(1, share(this.connections, at))];
      const connected = seconds ? connections : Math.min(connections, own);
      return { url, connections: connected, timeout: 20, requests: [{ setupRequest, onResponse }], skipAggregateResult: true, ...(seconds ? { duration: seconds } : { amount: own }) };
    }).filter((/** @type {any} */ part) => part.connections > 0);
    const found = autocannon().aggregateResult(await Promise.all(parts.map((/** @type {any} */ part) => autocannon()(part))), { url: merchantUrls[0] });
    const took = (performance.now() - before.at) / 1000;
    const answers = found["2xx"] + found.non2xx;
    return {
      title, answers, seconds: took, per_second: answers / took, connections: this.connections, refused, errors: found.errors,
      latency: { p50: found.latency.p50, p97_5: found.latency.p97_5, p99: found.latency.p99, max: found.latency.max },
      merchant_cpu_us: ((cpu() - before.merchant) * 1000) / answers,
      sandbox_cpu_us: ((cpuMs(sandbox.pid) - before.sandbox) * 1000) / answers,
      database_cpu_us: ((this.databaseMs() - before.database) * 1000) / answers,
    };
  }
}

/** The request by which the merchant's server opens a session. @param {Servers} servers @param {object} [more] members of its body */
export function opening(servers, more = {}) {
  const order_id = `bench-${process.hrtime.bigint()}`;
  return {
    method: "POST", path: SESSIONS,
    headers: { Authorization: `Bearer ${servers.secretKey}`, "Content-Type": "application/json", "Idempotency-Key": order_id },
    body: JSON.stringify({ order_id, amount: { value: 12_800, currency: "CNY" }, description: "Longjing tea × 1", return_url: `${servers.shopUrl}/`, ...more }),
  };
}

/** The request by which a shopper starts a payment. @param {Servers} servers @param {Shopper} shopper @param {string} payment_method */
export function starting(servers, { id, secret }, payment_method) {
  return {
    method: "POST", path: `${SESSIONS}/${id}/payments`,
    headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json", "Idempotency-Key": `bench-start-${id}` },
    body: JSON.stringify({ payment_method, environment: "desktop", return_url: `${servers.shopUrl}/` }),
  };
}

/** The session that an answer to [`opening`] made. @param {string} body @returns {Shopper} */
export function opened(body) {
  const { session, client_secret } = JSON.parse(body);
  return { id: session.id, secret: client_secret };
}
