// @ts-check
// Builds nodes from a template's tree: only the elements and attributes of a selector, and never by
// parsing HTML, so that Trusted Types are satisfied.

/** @typedef {import("./locale.js").Tree} Tree */

const TAGS = " section div header p bdi form fieldset legend label input span button svg g path rect circle ";
const ATTRIBUTES =
  " class part lang dir role type name value checked disabled method target action novalidate hidden tabindex viewBox d fill x y r cx cy rx width height transform ";

/**
 * @param {Tree} tree
 * @param {(text: string) => string} fill replaces the slots of a text
 * @param {(attributes: Record<string, string>) => boolean} isLeftOut
 * @param {boolean} [isSvg]
 * @returns {Element | null}
 */
export function build([tag, attributes, ...children], fill, isLeftOut, isSvg) {
  if (!TAGS.includes(` ${tag} `) || isLeftOut(attributes)) return null;
  const isDrawing = isSvg || tag === "svg";
  const element = isDrawing ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const name of Object.keys(attributes)) {
    if (!/^(aria|data)-/.test(name) && !ATTRIBUTES.includes(` ${name} `)) continue;
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
