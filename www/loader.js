// @ts-check
// Fetches the app: its scripts and its Wasm, once for all checkouts of the page.
//
// This is the one place that says when: `Run` calls it as soon as its selector is on the page, in the
// same task, so that the request leaves before the paint. Not earlier: the Wasm would share the line
// with the locale and the session that the selector waits for. No priority hint: nothing of ours
// waits for anything else then, and a shopper who presses at once waits for exactly this.

import { APP, WASM } from "./built.js";
import { fault, faultOf, loadFailed } from "./fault.js";

/** @typedef {typeof import("./app.js")} App */

/** @type {Promise<App> | undefined} */
let app;
let tries = 0;

/** Loads the app; a failed try is not kept. Rejects with a Fault. @returns {Promise<App>} */
export function loadApp() {
  if (!app) {
    app = startApp();
    app.catch(() => (app = undefined));
  }
  return app;
}

async function startApp() {
  if (typeof WebAssembly !== "object") {
    throw fault("integration_error", "browser_too_old", "this browser has no WebAssembly, or has it switched off");
  }
  // A cache may keep what was broken, so another try needs another address.
  const suffix = tries++ ? `?retry=${tries}` : "";
  const address = (/** @type {string} */ file) => new URL(file + suffix, import.meta.url).href;
  const wasm = fetch(address(WASM));
  wasm.catch(() => {}); // Reported by `start`.
  /** @type {App} */
  const module = await import(address(APP)).catch(() => {
    throw loadFailed(APP);
  });
  await module.start(wasm).catch((/** @type {unknown} */ reason) => {
    throw faultOf(reason);
  });
  return module;
}
