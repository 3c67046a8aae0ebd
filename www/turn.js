// @ts-check
// One tab at a time: what the tabs of one shopper agree on, they agree on in turn.

const PATIENCE_MS = 1000;

/**
 * Runs `turn` once, while no other tab of this origin runs one under the same name. Not having
 * the lock never stops a payment: the backend keeps to one as well.
 * @param {string} name
 * @param {() => void} turn
 */
export function inTurn(name, turn) {
  let hasRun = false;
  const run = () => {
    if (!hasRun) {
      hasRun = true;
      turn();
    }
  };
  const locks = navigator.locks; // None on pages without TLS.
  if (!locks) return run();
  const abort = new AbortController(); // A frozen tab may hold the lock for ever.
  const timer = setTimeout(() => abort.abort(), PATIENCE_MS);
  const release = () => clearTimeout(timer);
  locks.request(name, { signal: abort.signal }, () => (release(), run())).catch(() => (release(), run()));
}
