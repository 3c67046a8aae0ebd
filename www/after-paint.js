// @ts-check
// A task after the next paint.

const HIDDEN_MS = 100;

/**
 * Calls `callback` once, in a task after the next paint, or a little later where nothing is painted.
 * @param {() => void} callback
 */
export function afterPaint(callback) {
  let hasRun = false;
  const run = () => {
    if (hasRun) return;
    hasRun = true;
    clearTimeout(timer);
    callback();
  };
  const timer = setTimeout(run, HIDDEN_MS);
  requestAnimationFrame(() => setTimeout(run));
}
