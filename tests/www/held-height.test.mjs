// The height of a checkout while one screen replaces another.
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { heldHeight } from "../../www/held-height.js";

/** A checkout whose screen is as high as `height` says. */
function checkout() {
  /** @type {(() => void)[]} */
  const clicks = [];
  /** @type {(width: number) => void} */
  let resize = () => {};
  /** @type {any} */ (globalThis).ResizeObserver = class {
    /** @param {(entries: { contentRect: { width: number } }[]) => void} callback */
    constructor(callback) {
      resize = (width) => callback([{ contentRect: { width } }]);
    }
    observe() {}
  };
  const root = { offsetHeight: 400, style: { minHeight: "", transition: "" } };
  const container = { firstElementChild: root, addEventListener: (/** @type {string} */ _, /** @type {() => void} */ listener) => clicks.push(listener) };
  const show = heldHeight(/** @type {any} */ (container));
  resize(320);
  return { root, show, press: () => clicks.forEach((click) => click()), resize: (/** @type {number} */ width) => resize(width) };
}

/** @param {string} name @param {() => void} body */
const timed = (name, body) => test(name, (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  body();
});

timed("the first selector has no least height", () => {
  const { root, show, press, resize } = checkout();
  show("selecting");
  press();
  mock.timers.tick(1_000);
  resize(640);
  mock.timers.tick(1);
  assert.deepEqual(root.style, { minHeight: "", transition: "" }, "it has the markup of the prerendered one");
});

timed("a screen that comes by itself is as high as the one before", () => {
  const { root, show } = checkout();
  show("starting");
  root.offsetHeight = 500;
  show("awaiting");
  assert.equal(root.style.minHeight, "500px");
  mock.timers.tick(10_000);
  show("succeeded");
  mock.timers.tick(10_000);
  assert.equal(root.style.minHeight, "500px");
  assert.equal(root.style.transition, "min-height 0s");
});

timed("the height is released after a press, once the screen is one that stays", () => {
  const { root, show, press } = checkout();
  press();
  show("closing");
  mock.timers.tick(1_000);
  assert.equal(root.style.minHeight, "400px", "another screen follows by itself");
  show("canceled");
  press();
  mock.timers.tick(299);
  assert.equal(root.style.minHeight, "400px");
  mock.timers.tick(1);
  assert.deepEqual(root.style, { minHeight: "0px", transition: "min-height 0.15s" });
});

timed("the selector to which the shopper returns has its own height at once", () => {
  const { root, show, press } = checkout();
  show("awaiting");
  press();
  show("selecting");
  assert.deepEqual(root.style, { minHeight: "0px", transition: "min-height 0s" });
});

timed("the selector that comes by itself keeps the height", () => {
  const { root, show } = checkout();
  show("awaiting");
  root.offsetHeight = 500;
  show("selecting");
  assert.equal(root.style.minHeight, "500px");
});

timed("a rotated phone releases the height at once", () => {
  const { root, show, resize } = checkout();
  show("awaiting");
  resize(320);
  mock.timers.tick(1);
  assert.equal(root.style.minHeight, "400px");
  resize(640);
  mock.timers.tick(1);
  assert.deepEqual(root.style, { minHeight: "0px", transition: "min-height 0s" });
});
