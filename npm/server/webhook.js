// @ts-check
// Verifies webhooks after the Standard Webhooks convention.

/**
 * The event of a webhook; `type` determines `data`.
 * @typedef {{ [Type in keyof import("./api.js").webhooks]:
 *   import("./api.js").webhooks[Type]["post"]["requestBody"]["content"]["application/json"] }[keyof import("./api.js").webhooks]} WebhookEvent
 */

/**
 * `Headers` of any library, or an object of them.
 * @typedef {{ get(name: string): string | null | undefined } | Record<string, string | string[] | undefined>} HeaderFields
 */

/** Limit of the difference between a webhook's time and now, in either direction. */
const TOLERANCE_S = 300;

/** A webhook that the backend did not send, or did not send now. Answer 400, and do nothing. */
export class WebhookError extends Error {
  /** @param {"headers_missing" | "timestamp_refused" | "signature_invalid" | "body_unreadable" | "body_parsed" | "secret_invalid"} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.name = "WebhookError";
    /** Stable. */
    this.code = code;
  }
}

/**
 * Verifies a webhook and returns its event. The same event may come again: `id` is the same each time.
 * @param {{ body: string | Uint8Array, headers: HeaderFields,
 *   secret: string | string[], now?: Date }} webhook `body` as it was received, before any parser;
 *   `secret`: the `whsec_…` of the configuration, or several while they are changed
 * @returns {Promise<{ id: string, event: WebhookEvent }>}
 * @throws {WebhookError}
 */
export async function verifyWebhook({ body, headers, secret, now = new Date() }) {
  const secrets = (Array.isArray(secret) ? secret : [secret]).map(keyOf);
  if (!secrets.length) throw invalidSecret();
  if (typeof body !== "string" && !(body instanceof Uint8Array)) {
    throw new WebhookError("body_parsed", "body must be the text or the bytes as they were received, and no parsed object");
  }
  const header = (/** @type {string} */ name) => headerOf(headers, name);
  const id = header("webhook-id");
  const timestamp = header("webhook-timestamp");
  const signatures = header("webhook-signature").split(" ").filter((each) => each.startsWith("v1,"));
  if (!id || !timestamp || !signatures.length) {
    throw new WebhookError("headers_missing", "webhook-id, webhook-timestamp and webhook-signature must be there");
  }
  const age = now.getTime() / 1000 - Number(timestamp);
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(age) > TOLERANCE_S) {
    throw new WebhookError("timestamp_refused", `the webhook is of ${timestamp}, which is more than ${TOLERANCE_S} s from this server's clock`);
  }
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(head.length + bytes.length);
  signed.set(head);
  signed.set(bytes, head.length);
  if (!(await isSigned(signed, signatures.map((each) => each.slice("v1,".length)), secrets))) {
    throw new WebhookError("signature_invalid", "no signature is of this secret; pass the body as it was received");
  }
  try {
    return { id, event: JSON.parse(new TextDecoder().decode(bytes)) };
  } catch {
    throw new WebhookError("body_unreadable", "the body is signed, but no JSON");
  }
}

const invalidSecret = () => new WebhookError("secret_invalid", "secret must be the whsec_… of the backend's configuration, or a list of them");

/** The bytes of a secret. @param {unknown} secret */
function keyOf(secret) {
  const bytes = typeof secret === "string" && secret.startsWith("whsec_") ? bytesOf(secret.slice("whsec_".length)) : null;
  if (!bytes || !bytes.length) throw invalidSecret();
  return bytes;
}

/** @param {Uint8Array<ArrayBuffer>} signed @param {string[]} signatures @param {Uint8Array<ArrayBuffer>[]} secrets */
async function isSigned(signed, signatures, secrets) {
  for (const bytes of secrets) {
    const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    for (const signature of signatures) {
      const mac = bytesOf(signature);
      // Compares in constant time.
      if (mac && (await crypto.subtle.verify("HMAC", key, mac, signed))) return true;
    }
  }
  return false;
}

/** Decodes base64; null if it is invalid. @param {string} text */
function bytesOf(text) {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** @param {HeaderFields} headers @param {string} name in lower case @returns {string} */
function headerOf(headers, name) {
  // Not `instanceof`: test environments and polyfills have a class of their own.
  if (typeof headers?.get === "function") return headers.get(name) ?? "";
  const value = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
  return (Array.isArray(value) ? value.join(" ") : value) ?? "";
}
