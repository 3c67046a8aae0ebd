// @ts-check
// A lock across the shopper's tabs, for state that they share.

import { bare } from "./own.js";

const LOCK_TIMEOUT_MS = 1000;

/**
 * Calls `callback` once, while no other tab of this origin runs one under the same name. A missing
 * lock never prevents a payment: the backend keeps one payment as well.
 * @param {string} name
 * @param {() => void} callback
 */
export function withTabLock(name, callback) {
  let hasRun = false;
  const run = () => {
    if (!hasRun) {
      hasRun = true;
      callback();
    }
  };
  const { locks } = navigator; // Absent on pages without TLS, and in old browsers.
  if (!locks) return run();
  const abort = new AbortController(); // A frozen tab may hold the lock forever.
  const timer = setTimeout(() => abort.abort(), LOCK_TIMEOUT_MS);
  const release = () => {
    clearTimeout(timer);
    run();
  };
  locks.request(name, bare({ signal: abort.signal }), release).catch(release);
}
