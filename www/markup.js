// @ts-check
// Makes elements for the screens that the loader draws.

import { directionOf } from "./direction.js";

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const name of Object.keys(attributes)) element.setAttribute(name, attributes[name]);
  element.append(...children);
  return element;
}

/**
 * Returns the container of a screen.
 * @param {string} state
 * @param {string} lang
 * @param {...Node} children
 */
export const frame = (state, lang, ...children) =>
  make("section", { part: "root", class: "root", "data-state": state, lang, dir: directionOf(lang) }, ...children);
