// The keyboard's focus in any engine.
import assert from "node:assert/strict";

/** @typedef {import("./page.mjs").EnginePage} EnginePage */

/** Presses Tab until an element of the widget has the focus. @param {EnginePage} page @param {string} selector */
export async function tabTo(page, selector) {
  for (let presses = 0; presses < 12; presses += 1) {
    await page.press("Tab");
    const isThere = await page.evaluate((selector) => {
      const host = document.querySelector("open-cashier");
      const active = host && host.shadowRoot && host.shadowRoot.activeElement;
      return Boolean(active && active.matches(selector));
    }, selector);
    if (isThere) return;
  }
  assert.fail(`Tab does not reach ${selector}`);
}

/** Fails unless the element in focus, or the label around it, has an outline. @param {EnginePage} page @param {string} what */
export async function isMarked(page, what) {
  const outline = await page.evaluate(() => {
    let element = document.activeElement;
    while (element && element.shadowRoot && element.shadowRoot.activeElement) element = element.shadowRoot.activeElement;
    const all = element ? [element, element.closest("label")] : [];
    const widths = all.map((each) => (each && getComputedStyle(each).outlineStyle !== "none" ? parseFloat(getComputedStyle(each).outlineWidth) : 0));
    return Math.max(0, ...widths);
  });
  assert.ok(outline >= 2, `${what} in focus has an outline of ${outline} px`);
}
