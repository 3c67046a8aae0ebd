// @ts-check
// The second bundle, loaded after the selector is on the page: wasm-bindgen's glue, and the
// functions of the page that the Wasm calls.

import initialise, { mount } from "./glue.js";
import { afterPaint } from "./after-paint.js";
import { copy } from "./copy.js";
import { ENVIRONMENTS, environmentOf } from "./environment.js";
import { crashed, loadFailed, misuse } from "./fault.js";
import { startFault } from "./start-fault.js";
import { withTabLock } from "./tab-lock.js";
import { hasTrapped } from "./traps.js";

export { Presses, refusal } from "./press-outcome.js";
export { noteTrap, unwatchTraps, watchTraps } from "./traps.js";

/**
 * The input of a checkout.
 * @typedef {{ container: HTMLElement, options: Record<string, any>, prefetched: Promise<Response> | undefined,
 *   emit: (name: import("./names.js").EventName, detail: any, cancelable: boolean) => boolean,
 *   shown: () => void, log: (code: string, message: string) => void, formatAmount: (value: string, currency: string) => string }} Opening
 */

/**
 * Compiles the Wasm. Rejects with a Fault.
 * @param {Promise<Response>} wasm
 * @param {string} name of the Wasm's file
 */
export async function start(wasm, name) {
  const response = await wasm.catch(() => null);
  if (!response || !response.ok) throw loadFailed(name);
  try {
    await initialise({ module_or_path: response });
  } catch (reason) {
    throw await startFault(reason, response.url, name);
  }
}

/** Opens a checkout in a container. @param {Opening} opening */
export function open({ container, options, prefetched, emit, shown, log, formatAmount }) {
  if (hasTrapped()) throw crashed();
  const host = {
    emit,
    shown,
    log,
    formatAmount,
    withTabLock,
    afterPaint,
    copy: (/** @type {string} */ text, /** @type {() => void} */ done) =>
      void copy(text, container).then((isCopied) => isCopied && done()),
  };
  return mount(container, host, appOptions(options), prefetched);
}

/** Returns the fault of the option `environment`, or null. @param {string} given */
export const environmentProblem = (given) =>
  given === "auto" || ENVIRONMENTS.includes(given)
    ? null
    : misuse(`option environment (environment) must be auto or one of ${ENVIRONMENTS.join(", ")}`);

/**
 * Adds the options that depend on the environment.
 * @param {Record<string, any>} options
 */
export function appOptions({ desktopFlow, mobileFlow, environment: given, texts, ...options }) {
  const { userAgent, maxTouchPoints } = navigator;
  const environment = ENVIRONMENTS.includes(given)
    ? given
    : environmentOf(userAgent, maxTouchPoints, /** @type {any} */ (globalThis).__wxjs_environment);
  const flow = /desktop/.test(environment) ? desktopFlow : mobileFlow;
  return Object.assign(Object.create(null), options, {
    environment,
    flow: flow === "auto" ? undefined : flow,
    texts: Object.entries(texts),
  });
}
