// @ts-check
// What is fetched: the Wasm, the texts of one language, and the session, side by side.

import { init, mount } from "./glue.js";

/** @typedef {{ type: string, code: string, message: string, retryable: boolean, requestId: string, docUrl: string }} Fault */

const DOCS = "https://github.com/opencashier/opencashier/blob/main/docs/ERRORS.md#";
/** What lies beside the loader; the build writes the names in that its content gives each file. */
const WASM = "opencashier.wasm";
/** @type {Record<string, string>} */
const LOCALES = { en: "locales/en.js", "zh-CN": "locales/zh-CN.js" };

/**
 * @param {string} type
 * @param {string} code
 * @param {string} message
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

const loadFailed = (/** @type {string} */ what) =>
  fault("api_connection_error", "load_failed", `${what} could not be fetched; check that it lies beside opencashier.js, and CORS`);

/** @type {Promise<any> | undefined} */
let wasm;
let tries = 0;

/** What to call when the Wasm has trapped. @type {Set<() => void>} */
const watchers = new Set();
let hasTrapped = false;

/** Calls `tell` if the Wasm traps, until it is let go. @param {() => void} tell */
export function watchTraps(tell) {
  watchers.add(tell); // The same listener is never added twice.
  addEventListener("error", onError);
  addEventListener("unhandledrejection", onRejection);
}

/** @param {() => void} tell */
export function unwatchTraps(tell) {
  watchers.delete(tell);
  if (watchers.size) return;
  removeEventListener("error", onError);
  removeEventListener("unhandledrejection", onRejection);
}

/** Whether this is a trap of our Wasm: after one nothing may be called in any more. */
export function isTrap(/** @type {any} */ reason) {
  return reason instanceof WebAssembly.RuntimeError && /opencashier[-\w]*\.(wasm|js)/.test(reason.stack || "");
}

/** A panic is a trap in the shipped Wasm; one in a callback reaches nobody but the window. */
function noteTrap(/** @type {any} */ reason) {
  if (hasTrapped || !isTrap(reason)) return;
  hasTrapped = true;
  for (const tell of watchers) tell();
}

export const crashed = () =>
  fault("api_error", "internal", "the checkout stopped after an internal error; a reload asks how the payment stands");

/** The Wasm's `mount`, fetched once for all checkouts of the page. Rejects with a Fault. */
export function loadWasm() {
  if (hasTrapped) return Promise.reject(crashed());
  if (!wasm) {
    wasm = startWasm();
    wasm.catch(() => (wasm = undefined)); // The next try may succeed.
  }
  return wasm;
}

async function startWasm() {
  // A cache may keep what was broken, so another try needs another address.
  const address = new URL(`${WASM}${tries++ ? `?retry=${tries}` : ""}`, import.meta.url);
  const response = await fetch(address).catch(() => null);
  if (!response || !response.ok) throw loadFailed(WASM);
  try {
    await init(response);
  } catch {
    throw mayCompile()
      ? loadFailed(WASM)
      : fault(
          "integration_error",
          "wasm_blocked",
          "WebAssembly may not run here; add 'wasm-unsafe-eval' to script-src of the page's Content-Security-Policy",
        );
  }
  return mount;
}

const onError = (/** @type {ErrorEvent} */ event) => noteTrap(event.error);
const onRejection = (/** @type {PromiseRejectionEvent} */ event) => noteTrap(event.reason);

/** Whether the smallest module may be compiled: tells a policy from a broken file. */
function mayCompile() {
  try {
    return !!new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  } catch {
    return false;
  }
}

/** @type {Map<string, Promise<Record<string, string>>>} */
const tables = new Map();

/**
 * The texts of one of LOCALES; English if they cannot be had. Rejects with a Fault.
 * @param {string} locale
 * @returns {Promise<Record<string, string>>}
 */
export function loadTexts(locale) {
  let table = tables.get(locale);
  if (!table) {
    table = import(new URL(LOCALES[locale], import.meta.url).href).then(
      (module) => module.default,
      () => {
        tables.delete(locale);
        if (locale === "en") throw loadFailed(LOCALES.en);
        return loadTexts("en");
      },
    );
    tables.set(locale, table);
  }
  return table;
}

/**
 * The language to speak: the one that was asked for, or that of the page around the
 * element, or the shopper's own.
 * @param {string} locale
 * @param {Element} [element]
 */
export function negotiate(locale, element) {
  const wanted = locale === "auto" ? [languageAround(element), ...navigator.languages] : [locale];
  for (const tag of wanted) {
    const [language] = tag.toLowerCase().split(/[-_]/);
    const found = Object.keys(LOCALES).find((known) => known.toLowerCase().split("-")[0] === language);
    if (found) return found;
  }
  return "en";
}

/** @param {Element} [element] */
function languageAround(element) {
  /** @type {Node | null | undefined} */
  let place = element || document.documentElement;
  while (place instanceof Element) {
    const near = place.closest("[lang]");
    if (near) return near.getAttribute("lang") || "";
    const root = /** @type {any} */ (place.getRootNode());
    place = root.host; // Out of a shadow root around the page's own component.
  }
  return "";
}

/**
 * Asks for the session while the Wasm is on its way.
 * @param {{ apiBase: string, clientSecret: string }} options
 * @param {AbortSignal} signal
 */
export function fetchSession({ apiBase, clientSecret }, signal) {
  const id = clientSecret.split("_secret_")[0];
  return fetch(`${apiBase}/v1/checkout/sessions/${id}`, {
    headers: { Authorization: `Bearer ${clientSecret}`, Accept: "application/json" },
    credentials: "omit",
    cache: "no-store",
    signal,
  });
}
