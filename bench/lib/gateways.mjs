// @ts-check
// A proxy before one gateway of the sandbox: it answers as late as is set, or not at all, and records
// when each call arrived.
import { Agent, createServer, request as ask } from "node:http";

import { text } from "./merchant.mjs";

/** @typedef {"order" | "query" | "close" | "refund" | "other"} Kind */

/** The kinds of Alipay's calls, by their method (docs/gateways.md B). @type {Record<string, Kind>} */
const ALIPAY = {
  "alipay.trade.precreate": "order", "alipay.trade.query": "query", "alipay.trade.close": "close", "alipay.trade.refund": "refund",
};

/** What a call is, and about which order. @param {string} method @param {string} url @param {string} body @returns {{ kind: Kind, order: string }} */
export function identify(method, url, body) {
  const { pathname, searchParams } = new URL(url, "http://gateway");
  if (pathname === "/gateway.do") {
    const form = new URLSearchParams(body);
    const name = searchParams.get("method") ?? form.get("method") ?? "";
    const content = JSON.parse(form.get("biz_content") ?? searchParams.get("biz_content") ?? "{}");
    return { kind: ALIPAY[name] ?? "other", order: content.out_trade_no ?? "" };
  }
  const [, number, verb] = /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)(\/close)?$/.exec(pathname) ?? [];
  if (number) return { kind: verb ? "close" : method === "GET" ? "query" : "other", order: number };
  if (method !== "POST") return { kind: "other", order: "" };
  const kind = pathname.startsWith("/v3/pay/transactions/") ? "order" : pathname === "/v3/refund/domestic/refunds" ? "refund" : "other";
  return { kind, order: JSON.parse(body).out_trade_no ?? "" };
}

export class Gateway {
  /** Time from a call's last byte to its answer. */
  latencyMs = 0;
  /** Calls are taken and never answered. */
  isHanging = false;
  /** Calls that are under way. */
  underWay = 0;
  url = "";
  /** When the calls of each kind arrived, by order, in Unix milliseconds. @type {Record<Kind, Map<string, number[]>>} */
  calls = { order: new Map(), query: new Map(), close: new Map(), refund: new Map(), other: new Map() };
  #agent = new Agent({ keepAlive: true });
  /** @type {import("node:http").Server | undefined} */
  #server;

  static async open() {
    const gateway = new Gateway();
    const server = createServer((request, response) => gateway.#pass(request, response));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
    gateway.#server = server;
    gateway.url = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}`;
    return gateway;
  }

  /** @param {string} sandboxUrl where calls go on to; known once the sandbox has started */
  goOnTo(sandboxUrl) {
    this.sandboxUrl = sandboxUrl;
  }

  /** When calls of a kind about an order arrived. @param {Kind} kind @param {string} order */
  arrivals(kind, order) {
    return this.calls[kind].get(order) ?? [];
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  async #pass(request, response) {
    this.underWay += 1;
    response.on("close", () => (this.underWay -= 1));
    const body = await text(request);
    const at = performance.timeOrigin + performance.now();
    const { method = "GET", url: path = "/" } = request;
    const { kind, order } = identify(method, path, body);
    const calls = this.calls[kind].get(order);
    if (calls) calls.push(at);
    else this.calls[kind].set(order, [at]);
    // The caller gives up, and its connection ends.
    if (this.isHanging) return;
    const { hostname, port } = new URL(this.sandboxUrl ?? this.url);
    const headers = { ...request.headers, host: `${hostname}:${port}` };
    const onward = ask({ hostname, port, method, path, headers, agent: this.#agent }, async (answer) => {
      const all = await text(answer);
      const left = at + this.latencyMs - (performance.timeOrigin + performance.now());
      setTimeout(() => response.writeHead(answer.statusCode ?? 502, answer.headers).end(all), Math.max(0, left));
    });
    onward.on("error", () => response.destroy());
    onward.end(body);
  }

  close() {
    this.#agent.destroy();
    this.#server?.closeAllConnections();
    return new Promise((resolve) => this.#server?.close(resolve));
  }
}
