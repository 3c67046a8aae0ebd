// @ts-check
// Defines <open-cashier> and exports OpenCashier. The app, its Wasm and the texts are beside this
// file.

import { getAssetBase, setAssetBase } from "./assets.js";
import { CheckoutElement } from "./element.js";
import { loadApp } from "./loader.js";
import { loadLocale, negotiate } from "./locale.js";
import { bare, own } from "./own.js";

const TAG = "open-cashier";

/**
 * Creates a checkout that is not on the page yet; `mount` inserts it.
 * @param {object} [options]
 * @returns {CheckoutElement}
 */
export function OpenCashier(options) {
  const element = /** @type {CheckoutElement} */ (document.createElement(TAG));
  return options ? element.update(options) : element;
}

/**
 * Loads the files of a checkout ahead of time; false if they could not be loaded.
 * @param {{ locale?: string }} [options]
 * @returns {Promise<boolean>}
 */
OpenCashier.preload = async (options) => {
  try {
    await Promise.all([loadApp(), loadLocale(negotiate(String(own(options, "locale") || "auto")))]);
    return true;
  } catch {
    return false; // This includes the call on a server.
  }
};

/** Folder of the widget's files, for bundlers that do not copy them. */
Object.defineProperty(OpenCashier, "assetBase", bare({ get: getAssetBase, set: setAssetBase }));

/** True if this tab left for a wallet's page and its payment has not been concluded here. */
OpenCashier.hasReturned = () => {
  try {
    return Object.keys(sessionStorage).some((name) => name.startsWith("opencashier.left."));
  } catch {
    return false; // Storage is forbidden here.
  }
};

const registry = globalThis.customElements; // A server has none.
if (registry) {
  const known = /** @type {typeof CheckoutElement | undefined} */ (registry.get(TAG));
  if (!known) registry.define(TAG, CheckoutElement);
  else if (known.version !== CheckoutElement.version) {
    console.warn(`${TAG} ${CheckoutElement.version}: ${known.version} was here first`);
  }
}
