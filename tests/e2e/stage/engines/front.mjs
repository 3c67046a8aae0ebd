// Stands before the shop, the merchant and the sandbox at the addresses that the browser knows, and
// answers some requests otherwise: what Playwright's `route` does, for every engine.
import { Agent, createServer, request as ask } from "node:http";

/**
 * The part of Playwright's `Route` that handlers use.
 * @typedef {{ request: () => { method: () => string, url: () => string, headers: () => Record<string, string | undefined> },
 *   continue: () => Promise<void>, abort: () => Promise<void>, fetch: () => Promise<Answer>,
 *   fulfill: (parts: Parts) => Promise<void> }} FrontRoute
 * @typedef {{ status: () => number, headers: () => Record<string, any>, body: () => Promise<Buffer>,
 *   text: () => Promise<string>, json: () => Promise<any> }} Answer
 * @typedef {{ response?: Answer, status?: number, headers?: Record<string, any>, contentType?: string, body?: any, json?: any }} Parts
 * @typedef {import("node:http").IncomingMessage} IncomingMessage
 * @typedef {import("node:http").ServerResponse} ServerResponse
 */

const SCRIPT = "/front.js";
const HOP_BY_HOP = ["connection", "keep-alive", "transfer-encoding", "content-length"];

export class Front {
  #agent = new Agent({ keepAlive: true });
  /** @type {import("node:http").Server[]} */
  #listeners = [];
  /** @type {{ isWanted: (url: string) => boolean, act: (route: any) => unknown }[]} */
  #routes = [];
  /** Scripts that run before those of a page. @type {string[]} */
  #scripts = [];
  /** @internal @type {Record<string, string>} */
  extraHeaders = {};
  /** The languages of the browser, as the pages and the servers see them. */
  lang = "en-US";

  /** @param {{ shop: [string, string], merchant: [string, string] }} addresses the one that the browser knows, and the server's */
  static async open({ shop, merchant }) {
    const front = new Front();
    for (const [known, own] of [shop, merchant]) {
      const { hostname, port } = new URL(known);
      const isShop = known === shop[0];
      const listener = createServer({ keepAliveTimeout: 60_000 }, (request, response) => front.#serve({ known, own, isShop }, request, response));
      front.#listeners.push(listener);
      await new Promise((resolve, reject) => {
        listener.once("error", reject);
        listener.listen(Number(port), hostname, () => resolve(null));
      });
    }
    return front;
  }

  /**
   * Answers requests of an address; the newest handler that fits is called.
   * @param {string | RegExp} url in which `*` stands for a part of the path and `**` for anything
   * @param {(route: any) => unknown} act
   */
  route(url, act) {
    const pattern = url instanceof RegExp ? url : new RegExp(`^${url.split("**").map((part) =>
      part.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join("[^/]*")).join(".*")}$`);
    this.#routes.unshift({ isWanted: (address) => pattern.test(address), act });
  }

  /**
   * Calls a function with a JSON value in each page, before the page's own scripts.
   * @param {Function} run @param {unknown} [value]
   */
  addInitScript(run, value) {
    this.#scripts.push(`(${run})(${JSON.stringify(value)});`);
  }

  /** Sends other headers to the servers than the browser does. @param {Record<string, string>} headers */
  setExtraHeaders(headers) {
    for (const [name, value] of Object.entries(headers)) this.extraHeaders[name.toLowerCase()] = value;
  }

  /** Forgets handlers, scripts and headers. */
  reset() {
    this.#routes = [];
    this.#scripts = [];
    this.extraHeaders = {};
    this.lang = "en-US";
  }

  close() {
    this.#agent.destroy();
    for (const listener of this.#listeners) {
      listener.close();
      listener.closeAllConnections();
    }
  }

  /** @param {{ known: string, own: string, isShop: boolean }} server @param {IncomingMessage} request @param {ServerResponse} response */
  async #serve({ known, own, isShop }, request, response) {
    request.on("error", () => {});
    response.on("error", () => {});
    const url = `${known}${request.url}`;
    try {
      if (isShop && request.url === SCRIPT) {
        const language = `Object.defineProperty(navigator, "language", { value: ${JSON.stringify(this.lang)} });
          Object.defineProperty(navigator, "languages", { value: [${JSON.stringify(this.lang)}] });`;
        response.writeHead(200, { "Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "no-store" });
        response.end([language, ...this.#scripts].join("\n"));
        return;
      }
      const exchange = new Exchange({ front: this, own, isShop }, request, response);
      // A preflight is the browser's own question; Playwright does not show it to handlers either.
      const handler = request.method !== "OPTIONS" && this.#routes.find(({ isWanted }) => isWanted(url));
      if (handler) await handler.act(exchange.route(url));
      else await exchange.pass();
    } catch {
      request.socket.destroy();
    }
  }

  /** @internal */
  get agent() {
    return this.#agent;
  }
}

/** One request. */
class Exchange {
  /** @param {{ front: Front, own: string, isShop: boolean }} of @param {IncomingMessage} request @param {ServerResponse} response */
  constructor({ front, own, isShop }, request, response) {
    this.front = front;
    this.own = own;
    this.isShop = isShop;
    this.request = request;
    this.response = response;
  }

  /** @param {string} url @returns {FrontRoute} */
  route(url) {
    const { method = "GET", headers } = this.request;
    return {
      request: () => ({ method: () => method, url: () => url, headers: () => /** @type {any} */ (headers) }),
      continue: () => this.pass(),
      abort: async () => void this.request.socket.resetAndDestroy(),
      fetch: () => this.#fetch(),
      fulfill: (parts) => this.#fulfill(parts),
    };
  }

  /** Forwards the request, and the answer as it comes. */
  async pass() {
    const answer = await this.#forward();
    if (isHtml(answer.headers)) return this.#send(answer.statusCode ?? 0, answer.headers, await read(answer));
    this.response.on("close", () => answer.destroy());
    this.response.writeHead(answer.statusCode ?? 0, headersOf(answer.headers));
    this.response.flushHeaders();
    answer.on("error", () => this.response.destroy());
    answer.pipe(this.response);
  }

  /** @returns {Promise<Answer>} */
  async #fetch() {
    const answer = await this.#forward();
    const body = await read(answer);
    return {
      status: () => answer.statusCode ?? 0,
      headers: () => answer.headers,
      body: async () => body,
      text: async () => body.toString(),
      json: async () => JSON.parse(body.toString()),
    };
  }

  /** @param {Parts} parts */
  async #fulfill({ response, status = response?.status() ?? 200, headers = response?.headers() ?? {}, contentType, body, json }) {
    const content = json === undefined ? body ?? (await response?.body()) ?? "" : JSON.stringify(json);
    const type = contentType ?? (json === undefined ? undefined : "application/json");
    this.#send(status, { ...headers, ...(type && { "content-type": type }), ...this.#shared(headers) }, Buffer.from(content));
  }

  /** Cross-origin headers for an answer of ours. @param {Record<string, any>} headers */
  #shared(headers) {
    const { origin } = this.request.headers;
    return origin && !headers["access-control-allow-origin"] ? { "access-control-allow-origin": origin } : {};
  }

  /** Sends an answer; a page of the shop's gets our script. @param {number} status @param {Record<string, any>} headers @param {Buffer} content */
  #send(status, headers, content) {
    const isPage = this.isShop && isHtml(headers);
    const body = isPage ? Buffer.from(content.toString().replace("<head>", `$&<script src="${SCRIPT}"></script>`)) : content;
    this.response.writeHead(status, { ...headersOf(headers), "content-length": body.length });
    this.response.end(body);
  }

  /** @returns {Promise<IncomingMessage>} */
  #forward() {
    const { method, url = "/", headers } = this.request;
    const sent = { ...headers, "accept-encoding": "identity", "accept-language": this.front.lang, ...this.front.extraHeaders };
    delete sent.connection;
    return new Promise((resolve, reject) => {
      const out = ask(new URL(url, this.own), { method, headers: sent, agent: this.front.agent }, resolve);
      out.on("error", reject);
      this.response.on("close", () => out.destroy());
      this.request.pipe(out);
    });
  }
}

/** @param {IncomingMessage} answer */
async function read(answer) {
  const chunks = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @param {Record<string, any>} headers */
const isHtml = (headers) => String(headers["content-type"]).startsWith("text/html");

/** @param {Record<string, any>} headers */
function headersOf(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name.toLowerCase())));
}
