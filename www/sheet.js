// @ts-check
// Styles of a shadow root: one sheet for all checkouts, the page's rules, theme and variables.

import css from "./opencashier.css";
import { addressOf } from "./assets.js";
import { CSS as CSS_FILE } from "./built.js";

/** @typedef {import("./options.js").Settings} Settings */

/** The styles of all checkouts: the selector's, and those of the other screens once the app is loaded. */
const texts = [css];
/** The same as sheets; null if the browser does not support shared sheets. @type {CSSStyleSheet[] | null} */
let shared = [];

/** Adds the styles that came with the app. @param {string} text */
export function addStyles(text) {
  texts[1] = text;
}

function sharedSheets() {
  try {
    while (shared && shared.length < texts.length) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(texts[shared.length]);
      shared.push(sheet);
    }
  } catch {
    shared = null;
  }
  return shared;
}

/** Returns the sheets of a root that are not of all checkouts. @param {ShadowRoot} root @param {CSSStyleSheet[]} sheets */
const ownSheets = (root, sheets) => root.adoptedStyleSheets.filter((sheet) => !sheets.includes(sheet));

/**
 * Adds the styles to a root. Without shared sheets they are in `<style>` elements, and if a policy
 * forbids that, in a `<link>`, whose file has them all.
 * @param {ShadowRoot} root
 * @param {string} nonce
 */
export function styleRoot(root, nonce) {
  const sheets = sharedSheets();
  if (sheets) {
    root.adoptedStyleSheets = [...sheets, ...ownSheets(root, sheets)];
    return;
  }
  if (root.querySelector("link")) return;
  // A server may have written the first.
  for (const text of texts.slice(root.querySelectorAll("style").length)) {
    const style = document.createElement("style");
    style.nonce = nonce;
    style.textContent = text;
    root.appendChild(style);
    if (!style.sheet) {
      root.removeChild(style);
      return addLink(root);
    }
  }
}

/** @param {ShadowRoot} root */
function addLink(root) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.integrity = CSS_FILE.integrity;
  link.crossOrigin = "anonymous";
  link.href = addressOf(CSS_FILE);
  root.appendChild(link);
}

/** Removes the styles that a server rendered into a root, once it has its own. @param {ShadowRoot} root */
export function dropServerStyles(root) {
  if (!sharedSheets()) return;
  for (const element of root.querySelectorAll("style, link")) element.remove();
}

/**
 * Sets theme and variables, by the CSSOM only, which no policy forbids.
 * @param {HTMLElement} container
 * @param {Settings} settings
 * @param {Element} host
 */
export function applyTheme(container, { theme, loader, variables }, host) {
  container.setAttribute("data-theme", theme === "auto" ? automaticTheme(host) : theme);
  container.setAttribute("data-loader", loader);
  const { style } = container;
  for (const name of [...style]) style.removeProperty(name);
  for (const [name, value] of variables) style.setProperty(name, value);
}

/**
 * Returns `auto` if the style sheet follows the page's `color-scheme` by itself (`light-dark()`),
 * otherwise the theme of the page's color scheme.
 * @param {Element} host
 */
function automaticTheme(host) {
  if (CSS.supports("color", "light-dark(red, red)")) return "auto";
  let scheme = getComputedStyle(host).getPropertyValue("color-scheme");
  if (!scheme || scheme === "normal") {
    const meta = document.querySelector('meta[name="color-scheme"]');
    scheme = (meta && meta.getAttribute("content")) || "";
  }
  const isDark = scheme.includes("dark");
  const isEither = isDark && scheme.includes("light");
  return isDark && (!isEither || matchMedia("(prefers-color-scheme: dark)").matches) ? "night" : "light";
}

/**
 * Applies the page's rules for parts. Returns the selectors that this browser does not support.
 * @param {ShadowRoot} root
 * @param {Settings["rules"]} rules
 * @returns {string[]}
 */
export function applyRules(root, rules) {
  const sheets = sharedSheets();
  // Rules need shared sheets.
  if (!sheets || (!rules.length && !ownSheets(root, sheets).length)) return [];
  /** @type {string[]} */
  const unknown = [];
  const own = new CSSStyleSheet();
  for (const [selector, declarations] of rules) {
    try {
      const rule = /** @type {CSSStyleRule} */ (own.cssRules[own.insertRule(`.oc ${selector} {}`)]);
      for (const [name, value] of declarations) rule.style.setProperty(name, value);
    } catch {
      unknown.push(selector);
    }
  }
  root.adoptedStyleSheets = [...sheets, own];
  return unknown;
}
