// @ts-check
// Builds nodes from a template's tree, never by parsing HTML, so that Trusted Types are satisfied.

/** @typedef {import("./locale.js").Tree} Tree */

/**
 * @param {Tree} tree
 * @param {(text: string) => string} fill replaces the slots of a text
 * @param {(attributes: Record<string, string>) => boolean} isLeftOut
 * @param {boolean} [isSvg]
 * @returns {Element | null}
 */
export function build([tag, attributes, ...children], fill, isLeftOut, isSvg) {
  if (isLeftOut(attributes)) return null;
  const isDrawing = isSvg || tag === "svg";
  const element = isDrawing ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const name of Object.keys(attributes)) {
    const value = fill(attributes[name]);
    // An empty slot omits its attribute.
    if (value || !attributes[name]) element.setAttribute(name, value);
  }
  for (const child of children) {
    const node = typeof child === "string" ? document.createTextNode(fill(child)) : build(child, fill, isLeftOut, isDrawing);
    if (node) element.appendChild(node);
  }
  return element;
}

/**
 * Returns a function that replaces each `${name}` of a text, in one pass: a value that contains
 * `${…}` stays text.
 * @param {Record<string, string>} slots without a prototype
 */
export const filler = (slots) => (/** @type {string} */ text) =>
  text.includes("${") ? text.replace(/\$\{(\w+)\}/g, (slot, name) => (name in slots ? slots[name] : slot)) : text;
