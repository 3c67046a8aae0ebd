// @ts-check
// The session before the Wasm reads it: fetched, and shown if it only needs a choice of wallets.

import { environmentFor } from "./environment.js";
import { bare, own } from "./own.js";
import { rowsOf } from "./row-hints.js";

/**
 * The data that a selector shows; `amount` is in minor units.
 * @typedef {{ merchant: string, amount: number, currency: string, description: string, hostedUrl: string }
 *   & import("./row-hints.js").Rows} Facts
 * @typedef {import("./options.js").Strict} Strict
 */

/**
 * Requests the session.
 * @param {Strict} strict
 * @param {AbortSignal} signal
 */
export async function fetchSession({ apiBase, clientSecret }, signal) {
  const headers = bare({ Authorization: `Bearer ${clientSecret}`, Accept: "application/json" });
  /** @type {RequestInit} */
  const init = { method: "GET", headers, credentials: "omit", cache: "no-store", signal };
  return fetch(`${apiBase}/v1/checkout/sessions/${sessionId(clientSecret)}`, bare(init));
}

/** @param {string} clientSecret */
const sessionId = (clientSecret) => clientSecret.split("_secret_")[0];

/**
 * Returns the data for a session's selector; null if the live checkout would, or might, show
 * anything but an untouched selector.
 * @param {unknown} session
 * @param {Strict} strict
 * @returns {Facts | null}
 */
export function selectorFacts(session, strict) {
  const id = sessionId(strict.clientSecret);
  const text = (/** @type {string} */ name) => {
    const value = own(session, name);
    return typeof value === "string" ? value : "";
  };
  const isOpen = own(session, "id") === id && own(session, "status") === "open";
  if (!isOpen || own(session, "payment") || own(session, "refund") || strict.readOnly || hasHistory(id)) return null;
  const amount = own(session, "amount");
  const value = own(amount, "value");
  const currency = own(amount, "currency");
  if (!Number.isSafeInteger(value) || Number(value) < 0 || typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency)) return null;
  if (!(Date.parse(text("server_time")) < Date.parse(text("expires_at")))) return null;
  const methods = offeredMethods(session, strict);
  if (!methods.length) return null;
  const can = (/** @type {string} */ method, /** @type {string} */ flow) => hasContract(session, method, flow);
  return {
    merchant: text("merchant_name"),
    amount: Number(value),
    currency,
    description: text("description"),
    hostedUrl: hostedAddress(session),
    ...rowsOf(methods, environmentFor(strict.environment), can),
  };
}

/**
 * Returns the wallets to offer, in the page's order or else the session's.
 * @param {unknown} session
 * @param {Strict} strict
 */
function offeredMethods(session, { paymentMethods, paymentMethodOrder }) {
  const list = own(session, "payment_methods");
  const given = Array.isArray(list) ? list : [];
  const isOffered = (/** @type {string} */ method) =>
    (method === "alipay" || method === "wechat_pay") &&
    given.includes(method) &&
    (!paymentMethods.length || paymentMethods.includes(method));
  return [...new Set([...paymentMethodOrder, ...given])].filter(isOffered);
}

/**
 * True if the merchant has the contract for a flow; a backend that names none allows all.
 * @param {unknown} session
 * @param {string} method
 * @param {string} flow
 */
function hasContract(session, method, flow) {
  const options = own(session, "payment_method_options");
  const option = Array.isArray(options) && options.find((option) => own(option, "payment_method") === method);
  const flows = own(option, "flows");
  return !Array.isArray(flows) || !flows.length || flows.includes(flow);
}

/**
 * True if this tab or another began to pay, or left for a wallet's page.
 * @param {string} id
 */
function hasHistory(id) {
  try {
    const intent = `opencashier.intent.${id}`;
    const names = [sessionStorage.getItem(intent), sessionStorage.getItem(`opencashier.left.${id}`), localStorage.getItem(intent)];
    return names.some((value) => value !== null);
  } catch {
    return false; // Storage is forbidden, and is so for the Wasm as well.
  }
}

/**
 * Returns the address of the backend's own page for a session; empty if it is not a plain web
 * address. Unusual addresses are refused, because browsers read them differently.
 * @param {unknown} session
 */
export function hostedAddress(session) {
  const url = own(session, "hosted_url");
  return typeof url === "string" && /^https?:\/\/[\w.:[\]-]+(?:[/?#][!-[\]-~]*)?$/.test(url) ? url : "";
}

/**
 * Returns the hosted page's address with a selected wallet.
 * @param {string} address
 * @param {string} method
 */
export function withWallet(address, method) {
  const url = new URL(address);
  if (method) url.searchParams.set("wallet", method);
  return url.href;
}
