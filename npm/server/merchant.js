// @ts-check
// The calls of the merchant's own servers.

import { ConnectionError, ProblemError, problemOf } from "./errors.js";

// The types of the API are generated from docs/openapi.json, see `cargo xtask openapi`.
/**
 * @typedef {import("./api.js").Amount} Amount an integer in the currency's minor unit
 * @typedef {import("./api.js").PaymentMethod} PaymentMethod
 * @typedef {import("./api.js").Session} Session
 * @typedef {import("./api.js").PaymentRecord} PaymentRecord
 * @typedef {Omit<import("./api.js").SessionCreated, "client_secret" | "embed">} Order a session as the merchant reads it
 * @typedef {import("./api.js").EmbedRequest} Embed
 * @typedef {import("./api.js").CreateSession} SessionRequest
 * @typedef {Order & { client_secret: string, embed?: string }} OpenedSession
 * @typedef {import("./api.js").CreateRefund} RefundRequest
 * @typedef {import("./api.js").Refund} Refund
 * @typedef {import("./api.js").SessionStatus} SessionStatus
 * @typedef {import("./api.js").Reconciliation} Reconciliation
 * @typedef {import("./api.js").OrderRecord} OrderRecord
 * @typedef {import("./api.js").Event} SentEvent an event for your systems, with its deliveries
 * @typedef {{ limit?: number, starting_after?: string }} PageRequest
 */

/**
 * @template T
 * @typedef {{ data: T[], has_more: boolean }} Page
 */

/** Limit of the tries of one call. */
const DEFAULT_TRIES = 4;
const DEFAULT_TIMEOUT_MS = 20_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

export class Merchant {
  /** @type {{ apiBase: string, secretKey: string, tries: number, timeoutMs: number, fetch: typeof fetch }} */
  #options;

  /**
   * @param {{ apiBase: string, secretKey: string, tries?: number, timeoutMs?: number, fetch?: typeof fetch }} options
   *   `apiBase`: the address under which the merchant API answers, without `/v1`; `tries` of a call that
   *   may be repeated, 4 where absent; `timeoutMs` of one try, 20 s where absent
   */
  constructor(options) {
    const { apiBase, secretKey, tries = DEFAULT_TRIES, timeoutMs = DEFAULT_TIMEOUT_MS, fetch: send = fetch } = options ?? {};
    if (!apiBase || !/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/.test(apiBase)) {
      throw new TypeError(`apiBase must be an http or https address without user, query and fragment, not ${apiBase}`);
    }
    if (!secretKey || !/^sk_\w+$/.test(secretKey)) throw new TypeError("secretKey must be the sk_… of the backend's configuration");
    // A text or NaN of a missing variable would repeat calls for ever.
    for (const [name, value] of Object.entries({ tries, timeoutMs })) {
      if (!Number.isInteger(value) || value < 1) throw new TypeError(`${name} must be an integer of at least 1, not ${value}`);
    }
    this.#options = { apiBase: apiBase.replace(/\/+$/, ""), secretKey, tries, timeoutMs, fetch: send };
  }

  /**
   * Opens the session of an order.
   * @param {SessionRequest} request
   * @param {{ idempotencyKey: string }} options the same key for the same order: a repetition answers the same session
   * @returns {Promise<OpenedSession>} its `client_secret` is all that the page needs
   */
  openSession(request, options) {
    return this.#post("/v1/checkout/sessions", request, options?.idempotencyKey);
  }

  /** @param {string} id @returns {Promise<Order>} */
  async readSession(id) {
    return this.#call("GET", `/v1/checkout/sessions/${segment("id", id)}`);
  }

  /** Closes the payment and ends the session; if the payment was made, the session is complete. @param {string} id @returns {Promise<Order>} */
  async expireSession(id) {
    return this.#call("POST", `/v1/checkout/sessions/${segment("id", id)}/expire`);
  }

  /**
   * Lists sessions, the newest first.
   * @param {PageRequest & { order_id?: string, status?: SessionStatus }} [request]
   * @returns {Promise<Page<Order>>}
   */
  listSessions(request = {}) {
    return this.#call("GET", `/v1/checkout/sessions${queryOf(request)}`);
  }

  /**
   * Refunds a payment, in whole or in part.
   * @param {RefundRequest} request
   * @param {{ idempotencyKey: string }} options the same key for the same refund: a repetition refunds nothing more
   * @returns {Promise<Refund>}
   */
  refund(request, options) {
    return this.#post("/v1/refunds", request, options?.idempotencyKey);
  }

  /** @param {string} id @returns {Promise<Refund>} */
  async readRefund(id) {
    return this.#call("GET", `/v1/refunds/${segment("id", id)}`);
  }

  /** Lists refunds, the newest first. @param {PageRequest} [request] @returns {Promise<Page<Refund>>} */
  listRefunds(request = {}) {
    return this.#call("GET", `/v1/refunds${queryOf(request)}`);
  }

  /** Reads all that is known about an order: sessions, refunds and events. @param {string} orderId @returns {Promise<OrderRecord>} */
  async readOrder(orderId) {
    return this.#call("GET", `/v1/orders/${segment("orderId", orderId)}`);
  }

  /** Lists the events for your systems, the newest first. @param {PageRequest} [request] @returns {Promise<Page<SentEvent>>} */
  listEvents(request = {}) {
    return this.#call("GET", `/v1/events${queryOf(request)}`);
  }

  /**
   * Sends an event again, to each endpoint that wants its type.
   * @param {string} id
   * @param {{ endpoint?: string }} [request] the configured name of the only endpoint
   * @returns {Promise<SentEvent>}
   */
  async resendEvent(id, request = {}) {
    return this.#call("POST", `/v1/events/${segment("id", id)}/resend${queryOf(request)}`);
  }

  /** Reads the comparison of a day's bills with the books. @param {string} date a day in China, such as `2026-11-28` @returns {Promise<Reconciliation>} */
  async readReconciliation(date) {
    return this.#call("GET", `/v1/reconciliations/${segment("date", date)}`);
  }

  /** @param {string} path @param {object} body @param {string | undefined} idempotencyKey @returns {Promise<any>} */
  #post(path, body, idempotencyKey) {
    if (!idempotencyKey || !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
      return Promise.reject(new TypeError("idempotencyKey must be 1 to 255 visible ASCII characters"));
    }
    return this.#call("POST", path, { "Idempotency-Key": idempotencyKey, "Content-Type": "application/json" }, JSON.stringify(body));
  }

  /**
   * Sends a call until it has a final answer. Every call may be repeated: reading changes nothing,
   * expiring has one outcome, an event may come twice, and the others have an idempotency key.
   * @param {string} method @param {string} path @param {Record<string, string>} [headers] @param {string} [body]
   * @returns {Promise<any>}
   */
  async #call(method, path, headers = {}, body) {
    for (let left = this.#options.tries - 1; ; left -= 1) {
      try {
        return await this.#send(method, path, headers, body);
      } catch (error) {
        const isPassing = error instanceof ConnectionError || (error instanceof ProblemError && error.retryable);
        if (!isPassing || left <= 0) throw error;
        const made = this.#options.tries - 1 - left;
        const wanted = error instanceof ProblemError ? error.retryAfterSeconds : undefined;
        await pause(wanted === undefined ? FIRST_WAIT_MS * 2 ** made * (0.5 + Math.random() / 2) : wanted * 1000);
      }
    }
  }

  /** @param {string} method @param {string} path @param {Record<string, string>} headers @param {string} [body] */
  async #send(method, path, headers, body) {
    const { apiBase, secretKey, timeoutMs, fetch: send } = this.#options;
    const address = apiBase + path;
    /** @type {Response} */
    let answer;
    let text = "";
    try {
      answer = await send(address, {
        method,
        headers: { ...headers, Authorization: `Bearer ${secretKey}` },
        body,
        // Not "error", which Cloudflare's Workers do not know.
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (answer.ok) text = await answer.text();
    } catch (reason) {
      throw new ConnectionError(`${method} ${address} was not answered: ${reasonOf(reason)}`, reason);
    }
    if (!answer.ok) throw await problemOf(answer);
    try {
      return JSON.parse(text);
    } catch (reason) {
      throw new ConnectionError(`${method} ${address} was answered with something else than JSON; a proxy may have answered`, reason);
    }
  }
}

/** A part of a path. @param {string} name @param {string} value */
function segment(name, value) {
  // An address loses the parts "." and "..", and then names another call.
  if (typeof value !== "string" || /^\.{0,2}$/.test(value)) throw new TypeError(`${name} must be a text, not ${JSON.stringify(value)}`);
  return encodeURIComponent(value);
}

/** Node.js tells why a call failed only in the error's cause. @param {any} reason */
const reasonOf = (reason) => `${reason}${reason?.cause ? ` (${reason.cause.code || reason.cause.message || reason.cause})` : ""}`;

/** @param {Record<string, unknown>} members */
function queryOf(members) {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return query && `?${query}`;
}

/** @param {number} ms */
const pause = (ms) => new Promise((done) => setTimeout(done, Math.min(ms, LONGEST_WAIT_MS)));
