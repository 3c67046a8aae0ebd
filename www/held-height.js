// @ts-check
// Keeps a checkout as high as it was when a screen replaces another by itself: nothing below it moves.

/** The wait, after a press, for the next screen. Browsers expect layout shifts for 500 ms. */
const SETTLE_MS = 300;
const SHRINK_TIME = "0.15s";
/** Screens that another one follows by itself. */
const PASSING = ["starting", "confirming", "closing"];

/**
 * Returns a function that keeps a container's height for the next state of its checkout. The height
 * is released where the shopper presses something in the checkout, and where its width changes: one
 * that shrank by itself would move what the page has below it.
 * @param {HTMLElement} container
 * @returns {(to: string) => void}
 */
export function heldHeight(container) {
  let state = "";
  let width = 0;
  let isHeld = false;
  /** Runs after a press. @type {ReturnType<typeof setTimeout> | undefined} */
  let pressTimer;
  const root = () => /** @type {HTMLElement} */ (container.firstElementChild);
  /** @param {number} height @param {string} [duration] */
  const hold = (height, duration = "0s") => {
    if (!root()) return;
    isHeld = height > 0;
    // By the CSSOM, which no policy forbids. Under reduced motion the style sheet forbids transitions.
    const { style } = root();
    style.transition = `min-height ${duration}`;
    style.minHeight = `${height}px`;
  };
  // A press by the keyboard is a click as well.
  container.addEventListener("click", () => {
    clearTimeout(pressTimer);
    pressTimer = setTimeout(() => {
      pressTimer = undefined;
      if (isHeld && !PASSING.includes(state)) hold(0, SHRINK_TIME);
    }, SETTLE_MS);
  });
  /** @param {ResizeObserverEntry[]} entries */
  const onResize = ([{ contentRect }]) => {
    // Later: an observer that resizes its own element is an error on the page.
    if (isHeld && width !== contentRect.width) setTimeout(() => hold(0));
    width = contentRect.width;
  };
  // iOS before 13.4 has none.
  if (typeof ResizeObserver === "function") new ResizeObserver(onResize).observe(container);
  return (to) => {
    state = to;
    // The first selector has its own height, and so has the one that the shopper returns to.
    const isOwn = to === "selecting" && (!isHeld || !!pressTimer);
    if (!isOwn) hold(root() ? root().offsetHeight : 0);
    else if (isHeld) hold(0);
  };
}
