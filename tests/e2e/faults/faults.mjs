// Faults of one request, by name. `isServed`: true if the backend has processed the request.
const JSON_TYPE = "application/problem+json";
/** Console errors of lost requests. */
export const NETWORK_ERRORS = [/net::ERR_/];
/** Console errors of the widget about answers that it cannot read, that do not come, or that the proxy made. */
export const DIAGNOSES = /^open-cashier: (?:(?!internal|option_invalid|load_failed)\w+: |internal: made by the proxy)/;
const HTML = "text/html; charset=utf-8";
/** Console errors of an answer without CORS headers. */
const OPAQUE = [/CORS/, ...NETWORK_ERRORS];

const problem = (/** @type {number} */ status, /** @type {string} */ type, /** @type {string} */ code) => JSON.stringify({
  type: `urn:opencashier:problem:${type}`,
  title: "A fault of the test",
  status,
  detail: "made by the proxy",
  code,
  retryable: true,
  request_id: "req_fault",
});

/** Value of `Retry-After` in the 429 answers. */
export const RETRY_AFTER_S = 3;
/** Delay of late answers, shorter than the widget's request timeout. */
export const LATE_MS = 8_000;

/**
 * @typedef {{ act: (exchange: import("./proxy.mjs").Exchange, rule: import("./proxy.mjs").Rule) => any,
 *   isServed?: boolean, isLate?: boolean, isHeld?: boolean, expected: RegExp[] }} Fault
 */

/** @type {Record<string, Fault>} */
export const FAULTS = {
  "lost before it is served": { expected: NETWORK_ERRORS, act: (exchange) => exchange.drop() },

  "lost after it is served": {
    isServed: true,
    expected: NETWORK_ERRORS,
    async act(exchange) {
      await exchange.serve();
      exchange.drop();
    },
  },

  "served, and answered late": {
    isServed: true,
    isLate: true,
    expected: [],
    async act(exchange, rule) {
      const answer = await exchange.serve();
      if (await exchange.hold(rule.gate)) exchange.send(answer);
    },
  },

  "held and never served": {
    isHeld: true,
    expected: NETWORK_ERRORS,
    async act(exchange, rule) {
      if (await exchange.hold(rule.gate)) await exchange.pass();
    },
  },

  "served, and never answered": {
    isServed: true,
    isHeld: true,
    expected: NETWORK_ERRORS,
    async act(exchange, rule) {
      const answer = await exchange.serve();
      if (await exchange.hold(rule.gate)) exchange.send(answer);
    },
  },

  "cut in the middle": {
    isServed: true,
    expected: NETWORK_ERRORS,
    act: async (exchange) => exchange.cut(await exchange.serve()),
  },

  "cut in the middle, and framed as if it were whole": {
    isServed: true,
    expected: [],
    async act(exchange) {
      const { status, headers, body } = await exchange.serve();
      exchange.send({ status, headers, body: body.subarray(0, body.length / 2) });
    },
  },

  "429 with Retry-After": {
    expected: [/status of 429/],
    act: (exchange) =>
      exchange.respond(429, JSON_TYPE, problem(429, "rate_limit_error", "rate_limited"), { "Retry-After": RETRY_AFTER_S }),
  },

  "500 with a problem": {
    expected: [/status of 500/],
    act: (exchange) => exchange.respond(500, JSON_TYPE, problem(500, "api_error", "internal")),
  },

  "500 after it is served": {
    isServed: true,
    expected: [/status of 500/],
    async act(exchange) {
      await exchange.serve();
      exchange.respond(500, "text/plain", "oops");
    },
  },

  "502 of a balancer, as HTML": {
    expected: [/status of 502/],
    act: (exchange) => exchange.respond(502, HTML, "<h1>Bad gateway</h1>"),
  },

  "an HTML page": {
    expected: OPAQUE,
    act: (exchange) => exchange.respond(200, HTML, "<h1>We are back soon</h1>", {}, { isOpaque: true }),
  },

  "JSON of another service": {
    expected: [],
    act: (exchange) => exchange.respond(200, "application/json", '{"status":"ok"}'),
  },

  "no content": {
    expected: [],
    act: (exchange) => exchange.respond(204, "application/json", ""),
  },

  "a captive portal": {
    // The page's Content Security Policy forbids the portal's origin.
    expected: [...OPAQUE, /Content Security Policy.*connect-src/s],
    async act(exchange) {
      exchange.respond(302, HTML, "", { Location: `${await exchange.proxy.portal()}/login` });
    },
  },

  "a captive portal's own answer": {
    expected: [/status of 511/],
    act: (exchange) => exchange.respond(511, HTML, "<h1>Please sign in to our Wi-Fi</h1>"),
  },

  "a firewall's 403": {
    expected: [/status of 403/],
    act: (exchange) => exchange.respond(403, HTML, "<h1>Request blocked</h1>"),
  },
};

/** Makes the first code or URL of a payment expire one minute after it was issued. @param {import("./case.mjs").Case} case_ */
export function expireFirstAction({ proxy }) {
  /** @type {string | null} */
  let end = null;
  proxy.rewrite = (session) => {
    const action = session.payment?.next_action;
    if (action && proxy.count("refresh") === 0) {
      end ??= new Date(Date.parse(session.server_time) + 60_000).toISOString();
      action.expires_at = end;
    }
    return session;
  };
}
