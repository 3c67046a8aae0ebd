// @ts-check
// Defines <open-cashier> and exports OpenCashier. The app, its Wasm and the texts lie beside this file.

import { getAssetBase, setAssetBase } from "./assets.js";
import { CheckoutElement } from "./element.js";
import { loadApp } from "./loader.js";
import { loadLocale, negotiate } from "./locale.js";
import { bare, own } from "./own.js";

const TAG = "open-cashier";

/**
 * Makes a checkout that is not on the page yet; `mount` puts it there.
 * @param {object} [options]
 * @returns {CheckoutElement}
 */
export function OpenCashier(options) {
  const element = /** @type {CheckoutElement} */ (document.createElement(TAG));
  return options ? element.update(options) : element;
}

/**
 * Loads what a checkout needs before there is one; false if it could not be had.
 * @param {{ locale?: string }} [options]
 * @returns {Promise<boolean>}
 */
OpenCashier.preload = async (options) => {
  try {
    await Promise.all([loadApp(), loadLocale(negotiate(String(own(options, "locale") || "auto")))]);
    return true;
  } catch {
    return false; // Or on a server.
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

const registry = globalThis.customElements; // None on a server.
if (registry) {
  const known = /** @type {typeof CheckoutElement | undefined} */ (registry.get(TAG));
  if (!known) registry.define(TAG, CheckoutElement);
  else if (known.version !== CheckoutElement.version) {
    console.warn(`${TAG} ${CheckoutElement.version} gives way to ${known.version}, which was here first`);
  }
}
