// A fake gateway: replace it by calls to Alipay and WeChat Pay. A restart loses its orders.
import { randomBytes } from "node:crypto";

/** @type {Map<string, { status: "open" | "paid" | "closed", method: string }>} by code */
const orders = new Map();

/** Orders a payment and returns the text of its QR code. @param {string} method */
export async function order(method) {
  const number = randomBytes(8).toString("hex");
  const code = method === "alipay" ? `https://qr.alipay.com/${number}` : `weixin://wxpay/bizpayurl?pr=${number}`;
  orders.set(code, { status: "open", method });
  return code;
}

/** True if the order of a code is paid. @param {string} code */
export const isPaid = async (code) => orders.get(code)?.status === "paid";

/** Closes the order of a code; false if it is paid. @param {string} code */
export async function close(code) {
  const known = orders.get(code);
  if (known?.status === "paid") return false;
  if (known) known.status = "closed";
  return true;
}

/** Pays a code as the shopper's phone does; false if the code cannot be paid. @param {string} code */
export function pay(code) {
  const known = orders.get(code);
  if (known?.status !== "open") return false;
  known.status = "paid";
  return true;
}
