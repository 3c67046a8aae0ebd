// A proxy between a page and its servers that injects network faults.
//
// Each case has its own proxy, so its own addresses and connections: no fault of one case affects
// another. It also serves the case's page, so that page and API may share one origin; a second
// address gives the API another origin.
import { Agent, createServer, request as ask } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const SESSION = /^\/v1\/checkout\/sessions\/[^/]+(?:\/(.*))?$/;
/** The calls of the merchant API by the path after the session's. */
const CALLS = /** @type {[method: string, path: RegExp, call: string][]} */ ([
  ["GET", /^$/, "read"],
  ["POST", /^payments$/, "start"],
  ["POST", /^payments\/[^/]+\/refresh$/, "refresh"],
  ["POST", /^payments\/[^/]+\/check$/, "check"],
  ["POST", /^payments\/[^/]+\/cancel$/, "cancel"],
  ["GET", /^events$/, "events"],
]);
const HOP_BY_HOP = ["connection", "keep-alive", "transfer-encoding", "content-length", "date"];

/**
 * A call of the merchant API.
 * @typedef {{ call: string, key: string | undefined, method: string | null }} Call
 * @typedef {{ status: number, headers: Record<string, any>, body: any }} Answer
 * @typedef {import("node:http").IncomingMessage} IncomingMessage
 * @typedef {import("node:http").ServerResponse} ServerResponse
 */

/** A fault for calls of one kind, until it is lifted. */
export class Rule {
  /** @type {() => void} */
  #open = () => {};
  hits = 0;

  /**
   * @param {string} call @param {(exchange: Exchange, rule: Rule) => any} fault
   * @param {{ times?: number, wallet?: string | null }} which
   */
  constructor(call, fault, { times = Infinity, wallet = null }) {
    this.call = call;
    this.fault = fault;
    this.left = times;
    this.wallet = wallet;
    /** @type {Promise<void>} */
    this.gate = new Promise((resolve) => (this.#open = resolve));
  }

  /** True if the fault applies to this call; counts it. @param {Call} call */
  matches({ call, method }) {
    if (this.left <= 0 || (this.call !== "*" && this.call !== call)) return false;
    if (this.wallet && this.wallet !== method) return false;
    this.left -= 1;
    this.hits += 1;
    return true;
  }

  /** Ends the fault and releases held requests. */
  lift() {
    this.left = 0;
    this.#open();
  }
}

export class Proxy {
  /** @type {Rule[]} */
  #rules = [];
  #agent = new Agent({ keepAlive: true });
  /** @type {import("node:http").Server[]} */
  #listeners = [];
  /** @type {Set<import("node:net").Socket>} */
  #streams = new Set();
  pageUrl = "";
  apiUrl = "";
  /** @type {Promise<string> | undefined} */
  portalUrl;
  /** @type {{ shopUrl: string, merchantUrl: string, sandboxUrl: string }} */
  servers = { shopUrl: "", merchantUrl: "", sandboxUrl: "" };
  /** @type {(proxy: Proxy) => { csp: string, html: string }} */
  scene = () => OTHER_PAGE;
  /** The session's client secret, and the origin of the widget's files. */
  secret = "";
  staticUrl = "";
  /** @type {string | null} */
  device = null;
  /** @type {string | null} */
  bridge = null;
  /** True if the page loads the script of its clock. */
  isTimed = false;
  /** The received calls of the merchant API, in order. @type {Call[]} */
  calls = [];
  /** Number of requests that a fault holds now. */
  held = 0;
  /** Modifies each session in the backend's answers. @type {((session: any) => any) | null} */
  rewrite = null;
  /** True to keep the page's connections alive; Chromium then resends requests that a connection loses. */
  keepsAlive = false;

  /**
   * @param {{ shopUrl: string, merchantUrl: string, sandboxUrl: string }} servers
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
   * Injects a fault into the next calls of a kind.
   * @param {string} call `read`, `start`, `refresh`, `check`, `cancel`, `events`, or `*` for all
   * @param {(exchange: Exchange, rule: Rule) => any} fault
   * @param {{ times?: number, wallet?: string }} [which] the number of calls, and only starts of this wallet
   */
  inject(call, fault, which = {}) {
    const rule = new Rule(call, fault, which);
    this.#rules.push(rule);
    return rule;
  }

  /** Returns the number of received calls of some kinds. @param {...string} kinds */
  count(...kinds) {
    return this.calls.filter(({ call }) => kinds.length === 0 || kinds.includes(call)).length;
  }

  /** Resets every open or held connection, as sleep or a change of network does. */
  breakConnections() {
    for (const socket of this.#streams) socket.resetAndDestroy();
  }

  /** Returns the URL of a captive portal's page, which has its own origin. */
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

  /** @param {import("node:http").RequestListener} handler @returns {Promise<string>} */
  #listen(handler) {
    return new Promise((resolve) => {
      const listener = createServer({ keepAliveTimeout: 60_000 }, handler);
      this.#listeners.push(listener);
      listener.listen(0, "127.0.0.1", () => {
        const { port } = /** @type {import("node:net").AddressInfo} */ (listener.address());
        resolve(`http://127.0.0.1:${port}`);
      });
    });
  }

  /** @param {IncomingMessage} request @param {ServerResponse} response */
  async #serve(request, response) {
    // A closed page resets its connections.
    request.on("error", () => {});
    response.on("error", () => {});
    try {
      const { pathname } = new URL(request.url ?? "/", this.pageUrl);
      if (pathname === "/") return this.#page(response, this.scene(this));
      if (pathname === "/elsewhere") return this.#page(response, OTHER_PAGE);
      const exchange = new Exchange(this, request, response);
      const match = SESSION.exec(pathname);
      const call = match && CALLS.find(([method, path]) => method === request.method && path.test(match[1] ?? ""))?.[2];
      if (!call) return await exchange.pass(); // A preflight, or a page that the widget leads to.
      /** @type {Call} */
      const known = { call, key: request.headers["idempotency-key"]?.toString(), method: null };
      this.calls.push(known);
      if (call === "start") known.method = JSON.parse((await exchange.body).toString()).payment_method;
      const rule = this.#rules.find((rule) => rule.matches(known));
      if (rule) return await rule.fault(exchange, rule);
      return await (call === "events" ? exchange.stream() : exchange.pass());
    } catch {
      request.socket.destroy();
    }
  }

  /** @param {ServerResponse} response @param {{ csp: string, html: string }} scene */
  #page(response, { csp, html }) {
    response.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": csp,
      // Revalidated by the HTTP cache; "no-store" would disable the back-forward cache.
      "Cache-Control": "no-cache",
    });
    response.end(html);
  }

  /** @internal @param {import("node:net").Socket} socket */
  track(socket) {
    this.#streams.add(socket);
    socket.once("close", () => this.#streams.delete(socket));
  }

  /** @internal */
  get agent() {
    return this.#agent;
  }
}

/** One request and its possible faults. */
export class Exchange {
  /** @type {Promise<Answer> | null} */
  #answer = null;

  /** @param {Proxy} proxy @param {IncomingMessage} request @param {ServerResponse} response */
  constructor(proxy, request, response) {
    this.proxy = proxy;
    this.request = request;
    this.response = response;
    this.closed = new Promise((resolve) => request.socket.once("close", resolve));
    /** @type {Promise<Buffer>} */
    this.body = new Promise((resolve, reject) => {
      /** @type {Buffer[]} */
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => resolve(Buffer.concat(chunks)));
      request.on("error", reject);
    });
    this.body.catch(() => {});
  }

  /** Forwards the request once, and returns the answer without sending it. @returns {Promise<Answer>} */
  serve() {
    this.#answer ??= this.#forward().then(async (answer) => {
      const chunks = [];
      for await (const chunk of answer) chunks.push(chunk);
      const body = this.#changed(Buffer.concat(chunks), answer.headers["content-type"]);
      return { status: answer.statusCode ?? 0, headers: this.#headers(answer.headers), body };
    });
    return this.#answer;
  }

  /** Forwards the request and sends the answer unchanged. */
  async pass() {
    return this.send(await this.serve());
  }

  /** Sends an answer. @param {Answer} answer */
  send({ status, headers, body }) {
    /** @type {Record<string, string | number>} */
    const framing = { "Content-Length": Buffer.byteLength(body) };
    if (!this.proxy.keepsAlive) framing.Connection = "close";
    if (status === 204) delete framing["Content-Length"];
    this.response.writeHead(status, { ...headers, ...framing });
    this.response.end(body);
  }

  /**
   * Sends an answer instead of the backend's, with CORS headers unless `isOpaque`.
   * @param {number} status @param {string} type @param {string} body @param {Record<string, string | number>} [headers]
   * @param {{ isOpaque?: boolean }} [options]
   */
  respond(status, type, body, headers = {}, { isOpaque = false } = {}) {
    const { origin } = this.request.headers;
    const shared = origin && !isOpaque
      ? { "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Retry-After, Request-Id" }
      : {};
    return this.send({ status, headers: { "Content-Type": type, ...shared, ...headers }, body });
  }

  /** Resets the connection. */
  drop() {
    this.request.socket.resetAndDestroy();
  }

  /** Announces the whole length, sends half, and closes the connection. @param {Answer} answer */
  cut({ status, headers, body }) {
    this.response.writeHead(status, { ...headers, "Content-Length": body.length, Connection: "close" });
    this.response.write(body.subarray(0, body.length / 2), () => this.request.socket.destroy());
  }

  /** Holds the request until its rule is lifted or the page aborts it. @param {Promise<void>} gate */
  async hold(gate) {
    this.proxy.held += 1;
    this.proxy.track(this.request.socket);
    await Promise.race([gate, this.closed]);
    this.proxy.held -= 1;
    return !this.request.socket.destroyed;
  }

  /**
   * Forwards an event stream, event by event.
   * @param {(event: string, index: number) => string | null} [change] returns the event to send; null
   *   ends the stream
   */
  async stream(change = (event) => event) {
    const answer = await this.#forward();
    this.proxy.track(this.request.socket);
    this.response.on("close", () => answer.destroy());
    this.response.writeHead(answer.statusCode ?? 0, this.#headers(answer.headers));
    this.response.flushHeaders();
    let rest = "";
    let index = 0;
    answer.setEncoding("utf8");
    try {
      for await (const chunk of answer) {
        rest += chunk;
        const events = rest.split("\n\n");
        rest = events.pop() ?? "";
        for (const event of events) {
          const changed = change(`${this.#changedEvent(event)}\n\n`, index++);
          if (changed === null) return;
          this.response.write(changed);
        }
      }
    } catch {
      // Either side has closed the connection.
    }
    this.response.end();
  }

  /** Forwards the request and waits out the backend's rate limit, as the page's clock runs ahead of it. */
  async #forward() {
    for (;;) {
      const answer = await this.#ask();
      const wait = answer.statusCode === 429 && Number(answer.headers["retry-after"]);
      if (!wait) return answer;
      answer.resume();
      await sleep(wait * 1_000);
    }
  }

  /** @returns {Promise<IncomingMessage>} */
  async #ask() {
    const { method, url = "/", headers } = this.request;
    const { merchantUrl, shopUrl } = this.proxy.servers;
    const upstream = new URL(url, url.startsWith("/v1/") ? merchantUrl : shopUrl);
    /** @type {import("node:http").OutgoingHttpHeaders} */
    const sent = { ...headers, host: upstream.host, "accept-encoding": "identity" };
    delete sent.connection;
    // The backend allows only the shop's origin.
    if (sent.origin) sent.origin = shopUrl;
    const body = await this.body;
    return new Promise((resolve, reject) => {
      const out = ask(upstream, { method, headers: sent, agent: this.proxy.agent }, resolve);
      out.on("error", reject);
      out.end(body);
    });
  }

  /** @param {import("node:http").IncomingHttpHeaders} headers @returns {Record<string, any>} */
  #headers(headers) {
    const { origin } = this.request.headers;
    /** @type {[string, any][]} */
    const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name));
    if (headers["access-control-allow-origin"] && origin) kept.push(["access-control-allow-origin", origin]);
    return Object.fromEntries(kept);
  }

  /** @param {Buffer} body @param {string} [type] */
  #changed(body, type = "") {
    const { rewrite } = this.proxy;
    if (!rewrite || !type.startsWith("application/json")) return body;
    return Buffer.from(JSON.stringify(rewrite(JSON.parse(body.toString()))));
  }

  /** @param {string} event */
  #changedEvent(event) {
    const { rewrite } = this.proxy;
    if (!rewrite) return event;
    return event.replace(/^data: (.*)$/m, (_, json) => `data: ${JSON.stringify(rewrite(JSON.parse(json)))}`);
  }
}

const OTHER_PAGE = {
  csp: "default-src 'none'",
  html: '<!doctype html><html lang="en"><title>Elsewhere</title><h1>Elsewhere</h1></html>',
};
