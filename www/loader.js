// @ts-check
// Fetches the app, its scripts and its Wasm, once for all checkouts of the page.
//
// `Run` calls `loadApp` in the task in which its selector is inserted, so that the requests are
// sent before the paint. Not earlier: the Wasm would compete for the connection with the locale and
// the session, which the selector needs. No priority hint: a shopper who presses at once waits only
// for the app.

import { addressOf, fetchAsset, importAsset } from "./assets.js";
import { APP, WASM } from "./built.js";
import { fault, faultOf, loadFailed } from "./fault.js";
import { addStyles } from "./sheet.js";

/** @typedef {typeof import("./app.js")} App */

/** @type {Promise<App> | undefined} */
let app;
let failures = 0;

/** Loads the app; a failure is not cached. Rejects with a Fault. @returns {Promise<App>} */
export function loadApp() {
  if (!app) {
    const started = (app = startApp());
    started.catch(() => {
      if (app === started) forgetApp();
    });
  }
  return app;
}

/** Forgets an app that failed or does not arrive: the next call requests it again. */
export function forgetApp() {
  app = undefined;
  failures += 1;
}

async function startApp() {
  if (typeof WebAssembly !== "object") {
    throw fault("integration_error", "browser_too_old", "this browser has no WebAssembly, or has it switched off");
  }
  const wasm = fetchAsset(WASM, addressOf(WASM, failures));
  wasm.catch(() => {}); // Reported by `start`.
  /** @type {App} */
  const module = await importAsset(APP, addressOf(APP, failures)).catch(() => {
    throw loadFailed(APP.name);
  });
  await module.start(wasm, WASM.name).catch((/** @type {unknown} */ reason) => {
    throw faultOf(reason);
  });
  addStyles(module.css);
  return module;
}
