// A press of the mouse that reaches one element or nothing. The layout may move between the search for
// a button and the press, as where a screen's height is released: such a press would miss, or hit another
// button, and the test would wait for what nobody asked for.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

const REAL_TIME_LIMIT_MS = 10_000;
const POLL_INTERVAL_MS = 10;
/** Time after the release in which the click comes, if it comes: what was pressed may have gone. */
const CLICK_LIMIT_MS = 500;
/** Presses that may miss: each takes seconds on a busy machine. */
const LEAST_TRIES = 5;

/** @typedef {{ x: number, y: number }} Point */
/**
 * `aim` runs the function `aim` below in the page with the element, and resolves to its point, or to
 * nothing if there is no such element; `outcome` runs the function `outcome`, and resolves to undefined if
 * the page has gone.
 * @typedef {{ aim: () => Promise<Point | null | undefined>, click: (point: Point) => Promise<void>,
 *   outcome: () => Promise<"hit" | "missed" | "waiting" | "released" | undefined>, fail: (reason: string) => string }} Mouse
 */

/** Presses an element, and again while it has moved away before the press. @param {Mouse} mouse */
export async function press({ aim, click, outcome, fail }) {
  const check = (/** @type {boolean} */ isSo, /** @type {string} */ reason) => assert.ok(isSo, fail(reason));
  const firstAt = Date.now();
  for (let tries = 1; ; tries += 1) {
    const point = await aim();
    check(!!point, "it is not there");
    await click(/** @type {Point} */ (point));
    const startedAt = Date.now();
    let result = await outcome();
    let releasedAt = Infinity;
    while (result === "waiting" || (result === "released" && Date.now() - releasedAt < CLICK_LIMIT_MS)) {
      check(Date.now() - startedAt < REAL_TIME_LIMIT_MS, "the page got no press");
      await sleep(POLL_INTERVAL_MS);
      result = await outcome();
      if (result === "released") releasedAt = Math.min(releasedAt, Date.now());
    }
    if (result !== "missed" && result !== "released") return;
    check(tries < LEAST_TRIES || Date.now() - firstAt < REAL_TIME_LIMIT_MS, "something covers it, or it moves all the time");
  }
}

/**
 * Runs in the page, also in Chromium 72, which knows no `?.`: scrolls an element into view, and lets the next
 * press reach
 * nothing else. Returns the element's center.
 * @param {Element} element
 * @returns {Point}
 */
export function aim(element) {
  element.scrollIntoView({ block: "center", behavior: /** @type {any} */ ("instant") });
  const kinds = ["pointerdown", "mousedown", "pointerup", "mouseup", "click"];
  // Of a press whose click never came.
  if (globalThis.endPress) globalThis.endPress();
  const removeGuard = () => kinds.forEach((kind) => removeEventListener(kind, guard, true));
  globalThis.endPress = removeGuard;
  const guard = (/** @type {Event} */ event) => {
    // The widget's own clicks repeat what was chosen before it was replaced.
    if (!event.isTrusted) return;
    const isMeant = event.composedPath().includes(element);
    if (!isMeant) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    if (/up$/.test(event.type)) globalThis.pressOutcome = "released";
    if (event.type === "click") {
      globalThis.pressOutcome = isMeant ? "hit" : "missed";
      removeGuard();
    }
  };
  globalThis.pressOutcome = "waiting";
  kinds.forEach((kind) => addEventListener(kind, guard, true));
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}

/** Runs in the page: what became of the press. Nothing is known in a page that has replaced the pressed one. */
export function outcome() {
  return globalThis.pressOutcome;
}
