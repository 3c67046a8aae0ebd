// @ts-check
// A merchant's backend for the benches of the widget alone: it speaks the merchant API, answers
// after a fixed delay, and its clock can be moved. It has no gateway; `pay` emulates one.
import { randomBytes } from "node:crypto";

const SESSIONS = "/v1/checkout/sessions/";
/** The same as the reference backend's. */
const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

export class Merchant {
  /** @type {Map<string, any>} */
  #sessions = new Map();
  /** Milliseconds that its clock is ahead of this machine's. */
  aheadMs = 0;
  /** The delay of every answer. */
  delayMs = 0;
  /** True if event streams are refused, as by a proxy that does not support them. */
  isStreamless = false;
  /** The calls, in order. @type {{ call: string, id: string, at: number }[]} */
  calls = [];

  /**
   * Opens a session as a merchant's server does; `id` names it in the bench.
   * @param {{ id?: string, base?: string, lifeMs?: number, codeLifeMs?: number }} [more]
   */
  open({ id = randomBytes(8).toString("hex"), base = "", lifeMs = 7_200_000, codeLifeMs = lifeMs } = {}) {
    const session = {
      id: `cs_${id}`, status: "open", revision: 1, amount: { value: 12_800, currency: "CNY" },
      description: "Longjing tea × 1", merchant_name: "Qinghe Tea", payment_methods: ["alipay", "wechat_pay"],
      expires_at: this.#time(lifeMs), hosted_url: `${base}/pay/${id}`,
    };
    this.#sessions.set(session.id, { session, codeLifeMs, codes: 0, streams: new Set() });
    return { id: session.id, client_secret: `${session.id}_secret_${randomBytes(16).toString("hex")}` };
  }

  /** Completes a session as after a notification; returns when the streams were written, by this machine's clock. */
  pay(/** @type {string} */ id) {
    const entry = this.#sessions.get(id);
    const { session } = entry;
    session.status = "complete";
    session.revision += 1;
    session.payment = { ...session.payment, status: "succeeded" };
    delete session.payment.next_action;
    const at = performance.timeOrigin + performance.now();
    for (const stream of entry.streams) {
      stream.write(this.#event(session));
      stream.end();
    }
    return at;
  }

  /** A session as the merchant's server reads it, as JSON. @param {string} id */
  read(id) {
    return JSON.stringify({ ...this.#sessions.get(id)?.session, server_time: this.#time() });
  }

  /** Sends a heartbeat to all streams: the session, with the server's time. */
  beat() {
    for (const { session, streams } of this.#sessions.values()) {
      for (const stream of streams) stream.write(this.#event(session));
    }
  }

  /** The number of open streams. */
  get streams() {
    return [...this.#sessions.values()].reduce((sum, { streams }) => sum + streams.size, 0);
  }

  forget() {
    for (const { streams } of this.#sessions.values()) for (const stream of streams) stream.end();
    this.#sessions.clear();
    this.calls = [];
  }

  /**
   * Answers a request of the merchant API, or returns false for another path.
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   * @param {string} path
   */
  async answer(request, response, path) {
    const [id, ...rest] = path.slice(SESSIONS.length).split("/");
    const entry = this.#sessions.get(id);
    if (!path.startsWith(SESSIONS) || !entry) return false;
    const call = rest.length === 0 ? "read" : rest.length === 1 ? (rest[0] === "events" ? "events" : "start") : rest[2];
    this.calls.push({ call, id, at: Date.now() + this.aheadMs });
    const body = await text(request);
    if (this.delayMs) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (call === "events") return this.#stream(entry, response);
    if (call === "start") this.#start(entry, JSON.parse(body));
    if (call === "refresh") this.#code(entry);
    const answer = this.read(entry.session.id);
    response.writeHead(200, { ...HEADERS, "content-type": "application/json" });
    response.end(answer);
    return true;
  }

  /** @param {any} entry @param {any} asked */
  #start(entry, asked) {
    entry.session.payment = {
      id: `pay_${entry.session.id.slice(3)}`, payment_method: asked.payment_method, flow: "qr_code",
      status: "requires_action", created_at: this.#time(),
    };
    this.#code(entry);
  }

  /** @param {any} entry */
  #code(entry) {
    const { session } = entry;
    entry.codes += 1;
    session.revision += 1;
    session.payment.next_action = {
      type: "display_qr_code", data: codeOf(session.id, entry.codes), expires_at: this.#time(entry.codeLifeMs),
    };
  }

  /** @param {any} entry @param {import("node:http").ServerResponse} response */
  #stream({ session, streams }, response) {
    if (this.isStreamless) {
      response.writeHead(503, { ...HEADERS, "content-type": "text/plain" });
      response.end("no streams here");
      return true;
    }
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream", "x-accel-buffering": "no" });
    response.write(`retry: 3000\n\n${this.#event(session)}`);
    if (session.status !== "open") {
      response.end();
      return true;
    }
    streams.add(response);
    response.on("close", () => streams.delete(response));
    return true;
  }

  /** @param {any} session */
  #event(session) {
    const data = JSON.stringify({ ...session, server_time: this.#time() });
    return `event: session.updated\nid: ${session.revision}\ndata: ${data}\n\n`;
  }

  #time(plusMs = 0) {
    return new Date(Date.now() + this.aheadMs + plusMs).toISOString();
  }
}

/** The content of a session's code, as long as WeChat Pay's. */
export const codeOf = (/** @type {string} */ id, count = 1) => `weixin://wxpay/bizpayurl?pr=${id.slice(-7)}${count}z`;

/** @param {import("node:http").IncomingMessage} request */
export async function text(request) {
  let all = "";
  for await (const chunk of request.setEncoding("utf8")) all += chunk;
  return all;
}
