// The hosted page: where shoppers pay whose browser cannot run the widget. It needs no script.
import { start } from "./checkout.js";

const NAMES = /** @type {Record<string, string>} */ ({ alipay: "Alipay", wechat_pay: "WeChat Pay" });
const ESCAPES = /** @type {Record<string, string>} */ ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" });
const escape = (/** @type {string} */ text) => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");

/**
 * Shows the order; with a wallet, starts the payment and shows its code.
 * @param {import("./store.js").Store} store @param {string} id @param {string | null} wallet
 * @param {import("node:http").ServerResponse} response
 */
export async function hostedPage(store, id, wallet, response) {
  const session = store.session(id);
  if (session && wallet && NAMES[wallet] && session.status === "open") {
    await store.inTurn(id, () => start(store, session, { payment_method: wallet, environment: "desktop" }));
  }
  response.writeHead(session ? 200 : 404, {
    "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  });
  response.end(`<!doctype html><html lang="en"><title>Pay</title><main>${session ? content(session) : "<h1>There is no such order</h1>"}</main></html>`);
}

/** @param {any} session */
function content({ status, amount, description, payments }) {
  const order = `<h1>${escape(description)}</h1><p>${(amount.value / 100).toFixed(2)} ${amount.currency}</p>`;
  if (status !== "open") return `${order}<p>This order is ${status}.</p>`;
  const active = payments.find((/** @type {any} */ payment) => payment.status === "requires_action");
  const code = active ? `<p>Open this in ${NAMES[active.method]}: <code>${escape(active.code)}</code></p>` : "";
  return order + code + Object.entries(NAMES).map(([wallet, name]) => `<p><a href="?wallet=${wallet}">Pay by ${name}</a></p>`).join("");
}
