// The rules of the merchant API for one session. Every function leaves the session as it must be
// shown.
import { randomBytes } from "node:crypto";

import * as gateway from "./gateway.js";
import { Problem } from "./problem.js";

const METHODS = ["alipay", "wechat_pay"];

/** The browser's view of a session. @param {any} session @param {string} base */
export function view(session, base) {
  const payment = session.payments.at(-1);
  return {
    id: session.id,
    status: session.status,
    revision: session.revision,
    amount: session.amount,
    description: session.description,
    merchant_name: "A shop with Node.js",
    payment_methods: METHODS,
    payment_method_options: METHODS.map((payment_method) => ({ payment_method, flows: ["qr_code"] })),
    ...(payment && { payment: paymentView(payment, session) }),
    expires_at: new Date(session.expiresAt).toISOString(),
    server_time: new Date().toISOString(),
    hosted_url: `${base}/pay/${session.id}`,
  };
}

/** @param {any} payment @param {any} session */
function paymentView({ id, method, status, code, createdAt }, session) {
  return {
    id,
    payment_method: method,
    flow: "qr_code",
    status,
    ...(status === "requires_action" && {
      next_action: { type: "display_qr_code", data: code, expires_at: new Date(session.expiresAt).toISOString() },
    }),
    created_at: new Date(createdAt).toISOString(),
  };
}

/** Starts a payment, or returns the existing one. @param {import("./store.js").Store} store @param {any} session @param {any} body */
export async function start(store, session, body) {
  if (!METHODS.includes(body.payment_method)) throw new Problem(400, "parameter_invalid", "payment_method must be alipay or wechat_pay");
  if (typeof body.environment !== "string") throw new Problem(400, "parameter_invalid", "environment must say where the page runs");
  await refreshStatus(store, session);
  if (session.status !== "open") throw new Problem(409, "session_closed", `the session is ${session.status}`);
  const active = activePayment(session);
  if (active?.method === body.payment_method) return;
  if (active && !(await end(store, session, active, "canceled"))) return; // It was paid meanwhile.
  const code = await gateway.order(body.payment_method);
  const id = `pay_${randomBytes(8).toString("hex")}`;
  session.payments.push({ id, method: body.payment_method, status: "requires_action", code, createdAt: Date.now() });
  store.changed(session);
}

/** Executes a call about one payment. @param {import("./store.js").Store} store @param {any} session @param {string} id @param {string} verb */
export async function onPayment(store, session, id, verb) {
  const payment = session.payments.find((/** @type {any} */ each) => each.id === id);
  if (!payment) throw new Problem(404, "payment_not_found", `this session has no payment ${id}`);
  await refreshStatus(store, session);
  if (payment.status !== "requires_action") {
    if (verb === "refresh") throw new Problem(409, "payment_closed", `the payment is ${payment.status}`);
    return;
  }
  if (verb === "cancel") await end(store, session, payment, "canceled");
}

/** Queries the gateway, and applies the expiry. @param {import("./store.js").Store} store @param {any} session */
export async function refreshStatus(store, session) {
  const payment = activePayment(session);
  if (payment && (await gateway.isPaid(payment.code))) return succeed(store, session, payment);
  if (session.status !== "open" || Date.now() < session.expiresAt) return;
  if (payment && !(await end(store, session, payment, "expired"))) return;
  session.status = "expired";
  store.changed(session);
}

/** Closes a payment at the gateway; false if it turns out to be paid. @param {import("./store.js").Store} store @param {any} session @param {any} payment @param {string} status */
async function end(store, session, payment, status) {
  if (!(await gateway.close(payment.code))) {
    succeed(store, session, payment);
    return false;
  }
  payment.status = status;
  store.changed(session);
  return true;
}

/** @param {import("./store.js").Store} store @param {any} session @param {any} payment */
function succeed(store, session, payment) {
  payment.status = "succeeded";
  session.status = "complete";
  store.changed(session);
}

/** @param {any} session */
const activePayment = (session) => session.payments.find((/** @type {any} */ payment) => payment.status === "requires_action");
