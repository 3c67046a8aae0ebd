// @ts-check
// The loader's errors, as passed in the `error` event.

import { bare } from "./own.js";

/**
 * @typedef {{ type: import("./opencashier.js").ErrorType, code: string, message: string,
 *   retryable: boolean, requestId: string, docUrl: string }} Fault
 */

const DOCS = "https://github.com/opencashier/opencashier/blob/main/docs/ERRORS.md#";

/**
 * @param {Fault["type"]} type
 * @param {string} code stable; pages branch on it
 * @param {string} message for the page's developer, in English
 * @returns {Fault}
 */
export const fault = (type, code, message) => ({
  type,
  code,
  message,
  retryable: type === "api_connection_error",
  requestId: "",
  docUrl: DOCS + code,
});

/** Returns the fault of an invalid option or call, which the page's author must fix. @param {string} message */
export const misuse = (message) => fault("integration_error", "option_invalid", message);

/** A listener of the page prevented the press. */
export const submitPrevented = () => fault("integration_error", "submit_prevented", "a listener prevented the event submit");

/** The page ended the checkout. */
export const destroyed = () => fault("integration_error", "destroyed", "the checkout was destroyed or taken off the page");

/** @param {string} file */
export const loadFailed = (file) =>
  fault("api_connection_error", "load_failed", `${file} could not be loaded; check that it lies beside the script or in OpenCashier.assetBase, unchanged, and CORS or connect-src`);

/** The Wasm has trapped: no function of it may be called any more. */
export const crashed = () =>
  fault("api_error", "internal", "the checkout stopped after an internal error; a reload reads the payment's status");

/**
 * Converts anything thrown while loading to a fault.
 * @param {unknown} reason
 * @returns {Fault}
 */
export const faultOf = (reason) =>
  reason && /** @type {Fault} */ (reason).docUrl
    ? /** @type {Fault} */ (reason)
    : fault("integration_error", "load_failed", `the checkout did not start: ${reason}; all files must be of one version`);

/** @param {Fault} fault */
export const asError = (fault) => Object.assign(new Error(fault.message), fault);

/** @type {Record<string, boolean>} */
const logged = bare({});

/** Writes the message for the developer to the console, once for each problem. @param {{ code: string, message: string }} fault */
export function log({ code, message }) {
  if (logged[message]) return;
  logged[message] = true;
  console.error(`open-cashier: ${code}: ${message}`, DOCS + code);
}
