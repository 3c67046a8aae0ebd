// @ts-check
// The selector that a server rendered into the page.

import { VERSION } from "./built.js";
import { arrangeRows } from "./draw-selector.js";

/** @typedef {import("./options.js").Strict} Strict */

/**
 * Returns the container of the server's selector, if this loader would draw the same one; otherwise
 * empties the root.
 * @param {ShadowRoot} root
 * @param {import("./session.js").Facts | null} facts
 * @param {string} lang
 * @param {Strict} strict
 * @returns {HTMLElement | null}
 */
export function adoptEmbed(root, facts, lang, { layout, showPayButton }) {
  const container = /** @type {HTMLElement | null} */ (root.querySelector("[data-embed]"));
  if (!container) return null;
  const methods = [...container.querySelectorAll("input")].map((radio) => radio.value);
  const isOurs =
    facts &&
    `${methods.sort()}` === `${[...facts.methods].sort()}` &&
    container.getAttribute("data-version") === VERSION &&
    container.querySelector(`[lang="${lang}"] [data-layout="${layout}"]`) &&
    !container.querySelector('[data-slot="pay"]') === !showPayButton;
  if (isOurs) {
    // The server does not know the environment.
    arrangeRows(container, facts);
    return container;
  }
  while (root.lastChild) root.removeChild(root.lastChild);
  return null;
}
