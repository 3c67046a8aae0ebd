// @ts-check
// Detects traps of the Wasm. A panic is a trap, and one in a callback is reported only to the
// window.

/** Callbacks for a trap. @type {Set<() => void>} */
const watchers = new Set();
let trapped = false;
/** Wasm frames name the Wasm file or nothing; the frames that called it are this script's. */
const OWN_FRAMES = /opencashier[-\w]*\.wasm/;

/** Calls `onTrap` when the Wasm traps, until it is removed. @param {() => void} onTrap */
export function watchTraps(onTrap) {
  watchers.add(onTrap); // The same listener is never added twice.
  addEventListener("error", onError);
  addEventListener("unhandledrejection", onRejection);
}

/** @param {() => void} onTrap */
export function unwatchTraps(onTrap) {
  watchers.delete(onTrap);
  if (watchers.size) return;
  removeEventListener("error", onError);
  removeEventListener("unhandledrejection", onRejection);
}

/** True after a trap: no function of the Wasm may be called any more. */
export const hasTrapped = () => trapped;

/**
 * Calls the watchers if this is a trap of our Wasm; false if it is not.
 * @param {unknown} reason
 */
export function noteTrap(reason) {
  if (!isTrap(reason)) return false;
  trapped = true;
  for (const onTrap of [...watchers]) onTrap();
  return true;
}

/** @param {unknown} reason */
function isTrap(reason) {
  if (!(reason instanceof WebAssembly.RuntimeError)) return false;
  const stack = reason.stack || "";
  return OWN_FRAMES.test(stack) || stack.includes(import.meta.url);
}

const onError = (/** @type {ErrorEvent} */ event) => noteTrap(event.error);
const onRejection = (/** @type {PromiseRejectionEvent} */ event) => noteTrap(event.reason);
