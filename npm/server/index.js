// @ts-check
// For the merchant's own server: Node.js 20 or newer, and other runtimes with `fetch` and WebCrypto.

export { Merchant } from "./merchant.js";
export { Selector } from "./embed.js";
export { ConnectionError, ProblemError } from "./errors.js";
export { WebhookError, verifyWebhook } from "./webhook.js";
