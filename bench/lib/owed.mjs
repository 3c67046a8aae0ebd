// @ts-check
// Work that the backend owes while thousands wait: refunds that are asked for, and sessions that expire.
import { SESSIONS, opened, opening, starting } from "./load.mjs";

/** The shortest life of a session. */
export const EXPIRES_IN_S = 60;

/** @typedef {import("./gateways.mjs").Gateway} Gateway */
/** @typedef {import("./load.mjs").Servers} Servers */
/** @typedef {{ gateway: Gateway, order: string, at: number, id: string }} Owed what is owed about an order from a moment on */

/**
 * Sends a request to the merchant backend.
 * @param {Servers} servers @param {{ method: string, path: string, headers: Record<string, string>, body?: string }} request @returns {Promise<string>}
 */
export async function send(servers, { path, ...request }) {
  const response = await fetch(`${servers.merchantUrl}${path}`, request);
  const body = await response.text();
  if (!response.ok) throw new Error(`${request.method} ${path}: ${response.status} ${body}`);
  return body;
}

/** Opens a session that soon expires, starts its payment, and waits for both. @param {Servers} servers @param {string} method @param {Gateway} gateway */
export async function expiring(servers, method, gateway) {
  const shopper = opened(await send(servers, opening(servers, { expires_in_s: EXPIRES_IN_S })));
  await send(servers, starting(servers, shopper, method));
  const headers = { Authorization: `Bearer ${servers.secretKey}` };
  const { session, payments } = JSON.parse(await send(servers, { method: "GET", path: `${SESSIONS}/${shopper.id}`, headers }));
  return { shopper, owed: /** @type {Owed} */ ({ gateway, order: payments[0].out_trade_no, at: Date.parse(session.expires_at), id: shopper.id }) };
}

/** Asks for the refund of a payment. @param {Servers} servers @param {{ payment: string, order: string, gateway: Gateway }} paid @returns {Promise<Owed>} */
export async function refund(servers, { payment, order, gateway }) {
  const at = Date.now();
  const headers = { Authorization: `Bearer ${servers.secretKey}`, "Content-Type": "application/json", "Idempotency-Key": `bench-refund-${payment}` };
  await send(servers, { method: "POST", path: "/v1/refunds", headers, body: JSON.stringify({ payment_id: payment }) });
  return { gateway, order, at, id: payment };
}

/** From the moment of each until its gateway was called, in milliseconds; what was never called counts until `now`. @param {Owed[]} all @param {"refund" | "close"} kind */
export const delays = (all, kind, now = Date.now()) =>
  all.map(({ gateway, order, at }) => Math.max(0, (gateway.arrivals(kind, order)[0] ?? now) - at));
