// Errors as problem documents (RFC 9457).
import { randomBytes } from "node:crypto";

const TYPES = /** @type {Record<number, string>} */ ({
  400: "invalid_request_error", 401: "authentication_error", 404: "invalid_request_error", 405: "invalid_request_error",
  409: "invalid_request_error", 413: "invalid_request_error", 500: "api_error",
});

export class Problem extends Error {
  /** @param {number} status @param {string} code @param {string} detail */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }

  document() {
    const { status, code, message } = this;
    const type = code.startsWith("idempotency_key_reused") ? "idempotency_error" : TYPES[status] ?? "api_error";
    return {
      type: `urn:opencashier:problem:${type}`,
      title: "The request was refused",
      status,
      detail: message,
      code,
      retryable: status >= 500,
      request_id: `req_${randomBytes(8).toString("hex")}`,
    };
  }
}
