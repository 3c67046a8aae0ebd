// @ts-check
// Defines <open-cashier> and exports OpenCashier. Its Wasm and texts lie beside this file.

import { CheckoutElement } from "./element.js";
import { loadTexts, loadWasm, negotiate } from "./loader.js";

const TAG = "open-cashier";

/**
 * A checkout that is not on the page yet; `mount` puts it there.
 * @param {Record<string, unknown>} [options]
 * @returns {CheckoutElement}
 */
export function OpenCashier(options) {
  const element = /** @type {CheckoutElement} */ (document.createElement(TAG));
  return options ? element.update(options) : element;
}

/**
 * Fetches what a checkout needs before there is one, and says whether it is there.
 * @param {{ locale?: string }} [options]
 * @returns {Promise<boolean>}
 */
OpenCashier.preload = (options) =>
  Promise.all([loadWasm(), loadTexts(negotiate((options && options.locale) || "auto"))]).then(
    () => true,
    () => false,
  );

/** Whether this tab left for a wallet's page and its payment has not been concluded here. */
OpenCashier.hasReturned = () => {
  try {
    return Object.keys(sessionStorage).some((name) => name.startsWith("opencashier.left."));
  } catch {
    return false; // Storage is forbidden here.
  }
};

const registry = globalThis.customElements; // None on a server.
if (registry) {
  const known = /** @type {any} */ (registry.get(TAG));
  if (!known) registry.define(TAG, CheckoutElement);
  else if (known.version !== CheckoutElement.version) {
    console.warn(`${TAG} ${CheckoutElement.version} gives way to ${known.version}, which was here first`);
  }
}
