// A proxy between a page and everybody that it talks to, which does to requests what networks do.
//
// Each case has a proxy of its own: its own addresses, so its own connections, so nothing that one
// case breaks reaches another. It serves the case's page, too, so that page and API may be of one
// origin; a second address gives the API an origin of its own.
import { Agent, createServer, request as ask } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const SESSION = /^\/v1\/checkout\/sessions\/[^/]+(?:\/(.*))?$/;
/** The calls of the merchant API by what stands after the session's path. */
const CALLS = [
  ["GET", /^$/, "read"],
  ["POST", /^payments$/, "start"],
  ["POST", /^payments\/[^/]+\/refresh$/, "refresh"],
  ["POST", /^payments\/[^/]+\/check$/, "check"],
  ["POST", /^payments\/[^/]+\/cancel$/, "cancel"],
  ["GET", /^events$/, "events"],
];
const HOP_BY_HOP = ["connection", "keep-alive", "transfer-encoding", "content-length", "date"];

/** What is done to the calls of one kind, until it is lifted. */
class Rule {
  #open;

  constructor(call, fault, { times = Infinity, wallet = null }) {
    Object.assign(this, { call, fault, left: times, wallet, hits: 0 });
    this.gate = new Promise((resolve) => (this.#open = resolve));
  }

  /** Whether this call is one to spoil; counts it. */
  takes({ call, method }) {
    if (this.left <= 0 || (this.call !== "*" && this.call !== call)) return false;
    if (this.wallet && this.wallet !== method) return false;
    this.left -= 1;
    this.hits += 1;
    return true;
  }

  /** Spoils nothing more, and lets go what it holds back. */
  lift() {
    this.left = 0;
    this.#open();
  }
}

export class Proxy {
  #rules = [];
  #agent = new Agent({ keepAlive: true });
  #listeners = [];
  #streams = new Set();
  /** Every call of the merchant API that came, in order: `{ call, key, method }`. */
  calls = [];
  /** Requests that a fault holds back now. */
  held = 0;
  /** Changes each session on its way to the page. */
  rewrite = null;
  /** Whether the page's connections outlive a request; if so, Chromium resends what one loses. */
  keepsAlive = false;

  /**
   * @param {{ shopUrl: string, merchantUrl: string }} servers
   * @param {{ scene: (proxy: Proxy) => { csp: string, html: string }, isCross?: boolean }} page
   */
  static async open(servers, { scene, isCross = false }) {
    const proxy = new Proxy();
    Object.assign(proxy, { servers, scene });
    proxy.pageUrl = await proxy.#listen((request, response) => proxy.#serve(request, response));
    proxy.apiUrl = isCross
      ? await proxy.#listen((request, response) => proxy.#serve(request, response))
      : proxy.pageUrl;
    return proxy;
  }

  /**
   * Spoils calls of a kind from now on.
   * @param {string} call `read`, `start`, `refresh`, `check`, `cancel`, `events`, or `*` for all
   * @param {(exchange: Exchange, rule: Rule) => any} fault
   * @param {{ times?: number, wallet?: string }} [which] how many of them, and starts of which wallet
   */
  spoil(call, fault, which = {}) {
    const rule = new Rule(call, fault, which);
    this.#rules.push(rule);
    return rule;
  }

  /** How many calls of a kind came. */
  count(...kinds) {
    return this.calls.filter(({ call }) => kinds.length === 0 || kinds.includes(call)).length;
  }

  /** Breaks every connection that is open or held back, as sleep or another network does. */
  breakConnections() {
    for (const socket of this.#streams) socket.resetAndDestroy();
  }

  /** The address of the page that a captive portal leads to, of an origin of its own. */
  async portal() {
    this.portalUrl ??= this.#listen((_, response) => {
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
      response.end("<!doctype html><title>Hotel</title><h1>Welcome! Please sign in to our Wi-Fi.</h1>");
    });
    return this.portalUrl;
  }

  close() {
    for (const rule of this.#rules) rule.lift();
    this.#agent.destroy();
    for (const listener of this.#listeners) {
      listener.close();
      listener.closeAllConnections();
    }
  }

  #listen(handler) {
    return new Promise((resolve) => {
      const listener = createServer({ keepAliveTimeout: 60_000 }, handler);
      this.#listeners.push(listener);
      listener.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${listener.address().port}`));
    });
  }

  async #serve(request, response) {
    // A page that goes away takes its connections with it.
    request.on("error", () => {});
    response.on("error", () => {});
    try {
      const { pathname } = new URL(request.url, this.pageUrl);
      if (pathname === "/") return this.#page(response, this.scene(this));
      if (pathname === "/elsewhere") return this.#page(response, ELSEWHERE);
      const exchange = new Exchange(this, request, response);
      const match = SESSION.exec(pathname);
      const call = match && CALLS.find(([method, path]) => method === request.method && path.test(match[1] ?? ""))?.[2];
      if (!call) return await exchange.pass(); // A preflight, or a page that the widget leads to.
      const known = { call, key: request.headers["idempotency-key"], method: null };
      this.calls.push(known);
      if (call === "start") known.method = JSON.parse(await exchange.body).payment_method;
      const rule = this.#rules.find((rule) => rule.takes(known));
      if (rule) return await rule.fault(exchange, rule);
      return await (call === "events" ? exchange.stream() : exchange.pass());
    } catch {
      request.socket.destroy();
    }
  }

  #page(response, { csp, html }) {
    response.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": csp,
      // Kept from the HTTP cache, yet not from the back-forward cache.
      "Cache-Control": "no-cache",
    });
    response.end(html);
  }

  /** @internal */
  track(socket) {
    this.#streams.add(socket);
    socket.once("close", () => this.#streams.delete(socket));
  }

  /** @internal */
  get agent() {
    return this.#agent;
  }
}

/** One request on its way, and what can happen to it. */
export class Exchange {
  #answer = null;

  constructor(proxy, request, response) {
    Object.assign(this, { proxy, request, response });
    this.closed = new Promise((resolve) => request.socket.once("close", resolve));
    this.body = new Promise((resolve, reject) => {
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => resolve(Buffer.concat(chunks)));
      request.on("error", reject);
    });
    this.body.catch(() => {});
  }

  /** Has the request served, once, and keeps the answer back. */
  serve() {
    this.#answer ??= this.#forward().then(async (answer) => {
      const chunks = [];
      for await (const chunk of answer) chunks.push(chunk);
      const body = this.#changed(Buffer.concat(chunks), answer.headers["content-type"]);
      return { status: answer.statusCode, headers: this.#headers(answer.headers), body };
    });
    return this.#answer;
  }

  /** Serves and answers, as if nothing stood between. */
  async pass() {
    return this.send(await this.serve());
  }

  /** Answers. */
  send({ status, headers, body }) {
    const framing = { "Content-Length": Buffer.byteLength(body) };
    if (!this.proxy.keepsAlive) framing.Connection = "close";
    if (status === 204) delete framing["Content-Length"];
    this.response.writeHead(status, { ...headers, ...framing });
    this.response.end(body);
  }

  /** Answers in the backend's place, readable across origins unless `isOpaque`. */
  say(status, type, body, headers = {}, { isOpaque = false } = {}) {
    const { origin } = this.request.headers;
    const shared = origin && !isOpaque
      ? { "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Retry-After, Request-Id" }
      : {};
    return this.send({ status, headers: { "Content-Type": type, ...shared, ...headers }, body });
  }

  /** The connection is gone. */
  drop() {
    this.request.socket.resetAndDestroy();
  }

  /** Says that much will come, sends half, and the connection is gone. */
  cut({ status, headers, body }) {
    this.response.writeHead(status, { ...headers, "Content-Length": body.length, Connection: "close" });
    this.response.write(body.subarray(0, body.length / 2), () => this.request.socket.destroy());
  }

  /** Holds the request back until its rule is lifted or the page has given up. */
  async hold(gate) {
    this.proxy.held += 1;
    this.proxy.track(this.request.socket);
    await Promise.race([gate, this.closed]);
    this.proxy.held -= 1;
    return !this.request.socket.destroyed;
  }

  /**
   * Passes a stream of events on, event by event.
   * @param {(event: string, index: number) => string | null} [change] what is sent in place of an
   *   event; nothing more after null
   */
  async stream(change = (event) => event) {
    const answer = await this.#forward();
    this.proxy.track(this.request.socket);
    this.response.on("close", () => answer.destroy());
    this.response.writeHead(answer.statusCode, this.#headers(answer.headers));
    this.response.flushHeaders();
    let rest = "";
    let index = 0;
    answer.setEncoding("utf8");
    try {
      for await (const chunk of answer) {
        rest += chunk;
        const events = rest.split("\n\n");
        rest = events.pop();
        for (const event of events) {
          const changed = change(`${this.#changedEvent(event)}\n\n`, index++);
          if (changed === null) return;
          this.response.write(changed);
        }
      }
    } catch {
      // Either side has gone.
    }
    this.response.end();
  }

  /** The page's time runs ahead of the backend's: where that makes it say "too fast", time passes here. */
  async #forward() {
    for (;;) {
      const answer = await this.#ask();
      const wait = answer.statusCode === 429 && Number(answer.headers["retry-after"]);
      if (!wait) return answer;
      answer.resume();
      await sleep(wait * 1_000);
    }
  }

  async #ask() {
    const { method, url, headers } = this.request;
    const { merchantUrl, shopUrl } = this.proxy.servers;
    const upstream = new URL(url, url.startsWith("/v1/") ? merchantUrl : shopUrl);
    const sent = { ...headers, host: upstream.host, "accept-encoding": "identity" };
    delete sent.connection;
    // The backend knows the shop's page by its origin; this page stands for it.
    if (sent.origin) sent.origin = shopUrl;
    const body = await this.body;
    return new Promise((resolve, reject) => {
      const out = ask(upstream, { method, headers: sent, agent: this.proxy.agent }, resolve);
      out.on("error", reject);
      out.end(body);
    });
  }

  #headers(headers) {
    const { origin } = this.request.headers;
    const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name));
    if (headers["access-control-allow-origin"] && origin) kept.push(["access-control-allow-origin", origin]);
    return Object.fromEntries(kept);
  }

  #changed(body, type = "") {
    const { rewrite } = this.proxy;
    if (!rewrite || !type.startsWith("application/json")) return body;
    return Buffer.from(JSON.stringify(rewrite(JSON.parse(body.toString()))));
  }

  #changedEvent(event) {
    const { rewrite } = this.proxy;
    if (!rewrite) return event;
    return event.replace(/^data: (.*)$/m, (_, json) => `data: ${JSON.stringify(rewrite(JSON.parse(json)))}`);
  }
}

const ELSEWHERE = {
  csp: "default-src 'none'",
  html: '<!doctype html><html lang="en"><title>Elsewhere</title><h1>Elsewhere</h1></html>',
};
