// Turns the prerendered selectors (HTML, by `src/bin/prerender.rs`) into the two forms in which they
// ship: trees from which the loader builds nodes, and HTML with slots which a server fills.
// docs/prerendered-selector.md is the reference of the second.
import { parse5 } from "./packages.mjs";

/** @typedef {import("parse5").DefaultTreeAdapterTypes.Element} Element */
/** @typedef {import("parse5").DefaultTreeAdapterTypes.ChildNode} ChildNode */
/**
 * `[tag, attributes, ...children]`; a text is a string, in which `${slot}` is replaced by a value.
 * @typedef {string | [string, Record<string, string>, ...unknown[]]} Tree
 */
/**
 * One layout for servers.
 * @typedef {{
 *   html: string, description_line: string, pay_button: string,
 *   rows: Record<string, string>, picked_rows: Record<string, string>,
 *   details: Record<string, string>, picked_details: Record<string, string>,
 * }} ServerLayout
 */

const WALLETS = ["alipay", "wechat_pay"];

/**
 * The root element of a prerendered selector.
 * @param {string} html
 * @returns {Element}
 */
export function parse(html) {
  const { childNodes } = parse5.parseFragment(html);
  const [root] = childNodes;
  if (childNodes.length !== 1 || !root || !isElement(root)) {
    throw new Error(`a prerendered selector must be one element, but is ${html.slice(0, 80)}…`);
  }
  return root;
}

/**
 * The tree from which the loader builds nodes. Its texts are slots, `${choose}`, as a page may bring
 * its own.
 * @param {Element} element
 * @param {Record<string, string>} texts of its language
 * @returns {Tree}
 */
export function treeOf(element, texts) {
  /** @type {Map<string, string>} */
  const slots = new Map();
  for (const wallet of WALLETS) {
    slots.set(written(texts.method_detail, texts[wallet]), `\${method_detail_${wallet}}`);
    slots.set(texts[wallet], `\${${wallet}}`);
  }
  for (const key of ["checkout", "choose", "pay"]) slots.set(written(texts[key], texts.wallet), `\${${key}}`);
  /** @type {Set<string>} */
  const found = new Set();
  const slotted = (/** @type {string} */ text) => {
    const slot = slots.get(text);
    if (slot) found.add(slot);
    return slot ?? text;
  };
  const tree = treeOfTexts(element, slotted);
  const missing = [...slots.values()].filter((slot) => !found.has(slot) && !/method_detail/.test(slot));
  if (missing.length) throw new Error(`the selector does not show ${missing}`);
  return tree;
}

/**
 * A text as the prerenderer writes it: amount and merchant are slots.
 * @param {string} text @param {string} wallet
 */
function written(text, wallet) {
  /** @type {Record<string, string>} */
  const values = { amount: "${amount}", merchant: "${merchant}", wallet, app: wallet };
  return text.replace(/\{(\w+)\}/g, (hole, /** @type {string} */ name) => values[name] ?? hole);
}

/** @param {Element} element @param {(text: string) => string} slotted @returns {Tree} */
function treeOfTexts(element, slotted) {
  const attributes = Object.fromEntries(element.attrs.map(({ name, value }) => [name, slotted(value)]));
  const children = element.childNodes.flatMap((node) => {
    if (isElement(node)) return [treeOfTexts(node, slotted)];
    return node.nodeName === "#text" && "value" in node ? [slotted(node.value)] : []; // Comments are left out.
  });
  return [element.tagName, attributes, ...children];
}

/**
 * The same selector for servers: HTML with slots, and the pieces that go into them.
 * @param {string} html
 * @param {string} version
 * @returns {ServerLayout}
 */
export function serverLayout(html, version) {
  const root = parse(html);
  const rows = pieces(root, (element) => element.tagName === "label");
  const details = pieces(root, (element) => element.tagName === "p");
  const description = one(root, (element) => attribute(element, "data-slot") === "description");
  const pay = one(root, (element) => attribute(element, "data-slot") === "pay");
  const form = one(root, (element) => element.tagName === "form");
  if (attribute(form, "action") !== "${hosted_url}") throw new Error("the selector's form has no action ${hosted_url}");

  const layout = {
    description_line: serialize(description),
    pay_button: serialize(pay),
    rows: mapped(rows, serialize),
    picked_rows: mapped(rows, (row) => serialize(picked(row))),
    details: mapped(details, serialize),
    picked_details: mapped(details, (detail) => serialize(withoutAttribute(clone(detail), "hidden"))),
  };
  replace(description, "${description_line}");
  replace(pay, "${pay_button}");
  replaceAll(Object.values(rows), "${rows}");
  if (Object.keys(details).length) replaceAll(Object.values(details), "${details}");
  const container = `<div class="oc" data-theme="\${theme}" data-version="${version}" data-embed>`;
  return { html: `${container}${serialize(root)}</div>`, ...layout };
}

/** A wallet's row when it is picked. @param {Element} row */
function picked(row) {
  const copy = clone(row);
  setAttribute(copy, "part", `${attribute(copy, "part")} selected`);
  setAttribute(one(copy, (element) => element.tagName === "input"), "checked", "");
  for (const detail of all(copy, (element) => attribute(element, "class") === "detail")) {
    withoutAttribute(detail, "hidden");
  }
  return copy;
}

/**
 * The elements that belong to one wallet each, by wallet.
 * @param {Element} root
 * @param {(element: Element) => boolean} isPiece
 */
function pieces(root, isPiece) {
  /** @type {Record<string, Element>} */
  const found = {};
  for (const element of all(root, isPiece)) {
    const wallet = attribute(element, "data-method");
    if (wallet === undefined) continue;
    if (!WALLETS.includes(wallet) || wallet in found) throw new Error(`the selector has a wrong or second ${wallet}`);
    found[wallet] = element;
  }
  const count = Object.keys(found).length;
  if (count !== 0 && count !== WALLETS.length) throw new Error(`the selector has ${count} of ${WALLETS.length} wallets`);
  return found;
}

/** @param {Element} element @param {(element: Element) => boolean} test @returns {Element[]} */
function all(element, test) {
  const below = element.childNodes.filter(isElement).flatMap((child) => all(child, test));
  return test(element) ? [element, ...below] : below;
}

/** @param {Element} element @param {(element: Element) => boolean} test */
function one(element, test) {
  const found = all(element, test);
  if (found.length !== 1) throw new Error(`the selector has ${found.length} of an element that it must have once: ${test}`);
  return found[0];
}

/** Replaces the first of some siblings by a text and removes the others. @param {Element[]} elements @param {string} text */
function replaceAll([first, ...others], text) {
  for (const other of others) {
    if (other.parentNode !== first.parentNode) throw new Error(`the elements of ${text} are no siblings`);
    parse5.defaultTreeAdapter.detachNode(other);
  }
  replace(first, text);
}

/** @param {Element} element @param {string} text */
function replace(element, text) {
  const parent = /** @type {Element} */ (element.parentNode);
  const node = parse5.defaultTreeAdapter.createTextNode(text);
  parse5.defaultTreeAdapter.insertBefore(parent, node, element);
  parse5.defaultTreeAdapter.detachNode(element);
}

/** @param {Element} element @returns {Element} */
const clone = (element) => parse(serialize(element));
/** @param {Element} element */
const serialize = (element) => parse5.serializeOuter(element);

/** @param {Element} element @param {string} name */
const attribute = (element, name) => element.attrs.find((each) => each.name === name)?.value;

/** @param {Element} element @param {string} name @param {string} value */
function setAttribute(element, name, value) {
  const known = element.attrs.find((each) => each.name === name);
  if (known) known.value = value;
  else element.attrs.push({ name, value });
}

/** @param {Element} element @param {string} name */
function withoutAttribute(element, name) {
  element.attrs = element.attrs.filter((each) => each.name !== name);
  return element;
}

/** @param {ChildNode} node @returns {node is Element} */
function isElement(node) {
  return "tagName" in node;
}

/**
 * @template T, R
 * @param {Record<string, T>} record
 * @param {(value: T) => R} change
 * @returns {Record<string, R>}
 */
function mapped(record, change) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
