// @ts-check
// Opens a checkout of the Wasm: the functions of the page that it calls, and its options.

import { mount } from "./glue.js";
import { afterPaint } from "./after-paint.js";
import { copy } from "./copy.js";
import { crashed } from "./fault.js";
import { formatTime } from "./format-time.js";
import { heldHeight } from "./held-height.js";
import { withTabLock } from "./tab-lock.js";
import { hasTrapped } from "./traps.js";

/**
 * The input of a checkout.
 * @typedef {{ container: HTMLElement, options: Record<string, any>, prefetched: Promise<Response> | undefined,
 *   emit: (name: import("./names.js").EventName, detail: any, cancelable: boolean) => boolean,
 *   shown: () => void, log: (code: string, message: string) => void, formatAmount: (value: string, currency: string) => string }} Opening
 */

/** Opens a checkout in a container. @param {Opening} opening */
export function open({ container, options, prefetched, emit, shown, log, formatAmount }) {
  if (hasTrapped()) throw crashed();
  const holdHeight = heldHeight(container);
  const host = {
    /** @type {Opening["emit"]} */
    emit: (name, detail, cancelable) => {
      // The new screen is rendered after the event.
      if (name === "state-change") holdHeight(detail.to);
      return emit(name, detail, cancelable);
    },
    shown,
    log,
    formatAmount,
    formatTime,
    withTabLock,
    afterPaint,
    copy: (/** @type {string} */ text, /** @type {(isCopied: boolean) => void} */ done) =>
      void copy(text, container).then(done),
  };
  return mount(container, host, appOptions(options), prefetched);
}

/** @param {string | undefined} url */
const isThisPage = (url) => !!url && url.split("#")[0] === location.href.split("#")[0];

/**
 * Returns the options in the form that the Wasm reads.
 * @param {Record<string, any>} options
 */
export function appOptions({ desktopFlow, mobileFlow, texts, returnUrl, ...options }) {
  const flow = /desktop/.test(options.environment) ? desktopFlow : mobileFlow;
  return Object.assign(Object.create(null), options, {
    returnUrl,
    shopUrl: isThisPage(returnUrl) ? undefined : returnUrl,
    flow: flow === "auto" ? undefined : flow,
    texts: Object.entries(texts),
  });
}
