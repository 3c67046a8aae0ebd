// @ts-check
// The compared peers: the page around each, and the shopper's steps.
import { embed } from "../lib/embed.mjs";
import { head, loaderHead } from "./bundles.mjs";

/**
 * @typedef {{
 *   title: string,
 *   head: string,
 *   body: (run: { id: string, secret: string, session: string }) => string,
 *   pick: (page: any) => any,
 *   pay: (page: any) => any,
 * }} Peer
 */

const PAYMENT_METHODS = JSON.stringify({
  paymentMethods: [{ name: "Alipay", type: "alipay" }, { name: "WeChat Pay", type: "wechatpayQR" }],
});
const adyen = (/** @type {{ id: string }} */ { id }) =>
  `<div id="pay" data-run="${id}"></div><script type="application/json" id="payment-methods">${PAYMENT_METHODS}</script>`;
const adyenHead = (/** @type {string} */ script) => `<link rel="stylesheet" href="/peers/adyen.css">${script}`;
const adyenControls = {
  pick: (/** @type {any} */ page) => page.getByRole("radio", { name: /WeChat/ }),
  pay: (/** @type {any} */ page) => page.getByRole("button", { name: /WeChat/ }).last(),
};

const ourControls = {
  pick: (/** @type {any} */ page) => page.getByRole("radio", { name: "WeChat Pay" }),
  pay: (/** @type {any} */ page) => page.locator("open-cashier button[type=submit]"),
};

/** @type {Record<string, Peer>} */
export const PEERS = {
  opencashier: {
    title: "OpenCashier",
    get head() {
      return head();
    },
    // As with Adyen's payment methods, the shop's server writes what it read into the page.
    body: ({ secret, session }) =>
      `<open-cashier client-secret="${secret}" api-base="/api" session="${session.replace(/"/g, "&quot;")}"></open-cashier>`,
    ...ourControls,
  },
  "opencashier-embed": {
    title: "OpenCashier, `embed`",
    get head() {
      return loaderHead();
    },
    body: embed,
    ...ourControls,
  },
  "opencashier-bare": {
    title: "OpenCashier, bare tag",
    head: '<script type="module" src="/opencashier/opencashier.js"></script>',
    body: ({ secret }) => `<open-cashier client-secret="${secret}" api-base="/api"></open-cashier>`,
    ...ourControls,
  },
  adyen: {
    title: "Adyen, tree-shaken",
    head: adyenHead('<script type="module" src="/peers/adyen.js"></script>'),
    body: adyen,
    ...adyenControls,
  },
  "adyen-auto": {
    title: "Adyen, auto",
    head: adyenHead('<script defer src="/peers/adyen-auto.js"></script>'),
    body: adyen,
    ...adyenControls,
  },
  vanilla: {
    title: "by hand (floor)",
    head: '<script type="module" src="/peers/vanilla.js"></script>',
    body: ({ secret }) => `<div id="pay" data-secret="${secret}" data-api="/api"></div>`,
    pick: (page) => page.getByRole("radio", { name: "WeChat Pay" }),
    pay: (page) => page.locator("#pay button"),
  },
};

/** The page of a peer: the same shop around each. @param {Peer} peer @param {{ id: string, secret: string, session: string }} run */
export function pageOf(peer, run) {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Pay</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>body{font:16px/1.5 system-ui;margin:0 auto;max-width:40rem;padding:16px}h1{font-size:24px}</style>
${peer.head}</head>
<body><h1>Pay for your order</h1><p>Longjing tea × 1: ¥128.00</p>
${peer.body(run)}
</body></html>`;
}
