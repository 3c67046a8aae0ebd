// @ts-check
// Traps of the Wasm. A panic is a trap, and one in a callback reaches nobody but the window.

/** What to call when the Wasm has trapped. @type {Set<() => void>} */
const watchers = new Set();
/** Wasm frames name the Wasm or nothing; the frames that called it are this script's. */
const OWN_FRAMES = /opencashier[-\w]*\.wasm/;

/** Calls `onTrap` when the Wasm traps, until it is unwatched. @param {() => void} onTrap */
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

/**
 * True if this is a trap of our Wasm: after one nothing may be called in any more.
 * @param {unknown} reason
 * @returns {boolean}
 */
export function isTrap(reason) {
  if (!(reason instanceof WebAssembly.RuntimeError)) return false;
  const stack = reason.stack || "";
  return OWN_FRAMES.test(stack) || stack.includes(import.meta.url);
}

const onError = (/** @type {ErrorEvent} */ event) => note(event.error);
const onRejection = (/** @type {PromiseRejectionEvent} */ event) => note(event.reason);

/** @param {unknown} reason */
function note(reason) {
  if (isTrap(reason)) for (const onTrap of [...watchers]) onTrap();
}
