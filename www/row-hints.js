// @ts-check
// The wallets in the order in which the selector lists them, and the hints in their rows, as
// `checkout::offer` gives them: the prerendered selector must be the live one.

/**
 * @typedef {{ methods: string[], hints: Record<string, string> }} Rows `hints` has the key of a text for
 *   each wallet with a hint
 */

/**
 * Returns the rows of wallets: those that open in this environment are first.
 * @param {string[]} methods in the page's order
 * @param {string} environment
 * @param {(method: string, flow: string) => boolean} can if the merchant has the contract for a flow
 * @returns {Rows}
 */
export function rowsOf(methods, environment, can) {
  /** @type {Record<string, string>} */
  const hints = Object.create(null);
  for (const method of methods) {
    const hint = hintElsewhere(method, environment, (flow) => can(method, flow));
    if (hint) hints[method] = hint;
  }
  const here = methods.filter((method) => !hints[method]);
  const elsewhere = methods.filter((method) => hints[method]);
  const isInsideAnApp = !["desktop", "mobile_browser"].includes(environment);
  if (isInsideAnApp && elsewhere.length) for (const method of here) hints[method] = "opens_here";
  return { methods: [...here, ...elsewhere], hints };
}

/**
 * Returns the hint of a wallet that does not open in this environment; empty if it does.
 * @param {string} method
 * @param {string} environment
 * @param {(flow: string) => boolean} can
 */
function hintElsewhere(method, environment, can) {
  const isIn = (/** @type {string[]} */ ...environments) => environments.includes(environment);
  const isWechatPay = method === "wechat_pay";
  if (!isIn("wechat_mini_program", "alipay_mini_program")) {
    if (isIn("wechat_desktop", isWechatPay ? "desktop" : "") && can("qr_code")) return "";
    if (isWechatPay) {
      if (isIn("wechat") && can("jsapi")) return "";
      if (isIn("mobile_browser") && can("redirect")) return "";
      if (isIn("desktop", "mobile_browser", "alipay") && can("jsapi")) return "takes_other_phone";
      if (isIn("mobile_browser", "alipay", "wechat") && can("qr_code")) return "takes_other_phone";
    } else {
      if (isIn("desktop", "mobile_browser", "alipay")) return "";
      if (isIn("taobao", "tmall", "dingtalk") && can("redirect")) return "";
    }
  }
  return "opens_in_browser";
}
