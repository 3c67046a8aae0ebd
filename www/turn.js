// @ts-check
// Whose turn it is: the page's between two tasks of ours, and one tab's at a time where the tabs
// of one shopper agree on something.

/**
 * Ends the task, so that the page can paint and answer before the next one. Not by a timer, which a
 * hidden page holds back.
 * @returns {Promise<void>}
 */
export const breath = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });

const PAINT_MS = 100;

/**
 * Waits until what is on the page now has been painted, or a little where nothing is painted, and
 * then for so many milliseconds.
 * @param {number} waitMs
 * @returns {Promise<void>}
 */
export const painted = (waitMs) =>
  new Promise((resolve) => {
    const wait = () => setTimeout(resolve, waitMs);
    requestAnimationFrame(wait);
    setTimeout(wait, PAINT_MS);
  });

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
