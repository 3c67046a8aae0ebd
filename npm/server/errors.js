// @ts-check
// Errors of calls to the merchant API.

/**
 * A call was answered by an error: of the backend, by a problem document (RFC 9457), or of a proxy before it.
 * Branch on `code` and `type`, and give a call up only where `isOutcomeUnknown` is false.
 */
export class ProblemError extends Error {
  /**
   * @param {{ status: number, type: string, code: string, detail: string, retryable: boolean, isOutcomeUnknown: boolean,
   *   requestId: string, retryAfterSeconds?: number }} problem
   */
  constructor({ status, type, code, detail, retryable, isOutcomeUnknown, requestId, retryAfterSeconds }) {
    super(`${code}: ${detail}`);
    this.name = "ProblemError";
    /** The HTTP status. */
    this.status = status;
    /** The error type, such as `invalid_request_error`. */
    this.type = type;
    /** Stable; docs/ERRORS.md describes each. */
    this.code = code;
    /** English, for the developer. */
    this.detail = detail;
    /** True if the same request may succeed later. */
    this.retryable = retryable;
    /** True if the call may have worked all the same. Repeat it with the same idempotency key: another one could refund twice. */
    this.isOutcomeUnknown = isOutcomeUnknown;
    /** Names the request in the backend's log. */
    this.requestId = requestId;
    /** The wait that the backend asks for, in seconds. */
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No complete answer came: the call may have worked. Repeat it with the same idempotency key. */
export class ConnectionError extends Error {
  /** @param {string} message @param {unknown} cause */
  constructor(message, cause) {
    super(message, { cause });
    this.name = "ConnectionError";
    /** As of a `ProblemError`. */
    this.isOutcomeUnknown = true;
  }
}

/**
 * Reads the error of an answer whose status is not 2xx.
 * @param {Response} answer
 */
export async function problemOf(answer) {
  /** @type {any} */
  let body = null;
  try {
    body = await answer.json();
  } catch {
    // Not JSON: a proxy has answered.
  }
  const text = (/** @type {string} */ name) => (body && typeof body[name] === "string" ? body[name] : "");
  const { status, headers } = answer;
  const wait = headers.get("Retry-After");
  const retryable = body && typeof body.retryable === "boolean" ? body.retryable : status === 429 || status >= 500;
  return new ProblemError({
    status,
    type: text("type").split(":").pop() || "api_error",
    code: text("code") || "answer_failed",
    detail: text("detail") || withoutProblem(answer),
    retryable,
    // A proxy does not know what the backend made of the call. 429 is said before anything is done.
    isOutcomeUnknown: !text("code") || status >= 500 || (retryable && status !== 429),
    requestId: text("request_id") || headers.get("Request-Id") || "",
    retryAfterSeconds: wait === null ? undefined : secondsOf(wait),
  });
}

/** What an answer without a problem document says. @param {Response} answer */
function withoutProblem({ status, type, headers }) {
  if (type !== "opaqueredirect" && (status < 300 || status > 399)) return `HTTP status ${status} without a problem document`;
  const target = headers.get("Location");
  return `a redirect${target ? ` to ${target}` : ""}, which is not followed: apiBase must be the address that answers`;
}

/** The wait of a `Retry-After`, which is a number of seconds or a time. @param {string} wait */
function secondsOf(wait) {
  if (/^\d+$/.test(wait)) return Number(wait);
  const seconds = (Date.parse(wait) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, Math.ceil(seconds));
}
