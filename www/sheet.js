// @ts-check
// Styles of a shadow root: one sheet for all checkouts, the page's rules, theme and variables.

import css from "./opencashier.css";
import { addressOf } from "./assets.js";
import { CSS as CSS_FILE } from "./built.js";

/** @typedef {import("./options.js").Settings} Settings */

/** @type {CSSStyleSheet | null | undefined} */
let shared;

/** Returns the sheet of all checkouts; null if the browser does not support shared sheets. */
function sharedSheet() {
  if (shared === undefined) {
    try {
      shared = new CSSStyleSheet();
      shared.replaceSync(css);
    } catch {
      shared = null;
    }
  }
  return shared;
}

/**
 * Adds the styles to a root. Without shared sheets they are in a `<style>`, and if a policy forbids
 * that, in a `<link>`.
 * @param {ShadowRoot} root
 * @param {string} nonce
 */
export function styleRoot(root, nonce) {
  const sheet = sharedSheet();
  if (sheet) {
    if (root.adoptedStyleSheets[0] !== sheet) root.adoptedStyleSheets = [sheet];
    return;
  }
  if (root.querySelector("style, link")) return;
  const style = document.createElement("style");
  style.nonce = nonce;
  style.textContent = css;
  root.appendChild(style);
  if (style.sheet) return;
  root.removeChild(style);
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.integrity = CSS_FILE.integrity;
  link.crossOrigin = "anonymous";
  link.href = addressOf(CSS_FILE);
  root.appendChild(link);
}

/** Removes the styles that a server rendered into a root, once it has its own. @param {ShadowRoot} root */
export function dropServerStyles(root) {
  if (!sharedSheet()) return;
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
  const sheet = sharedSheet();
  // Rules need shared sheets.
  if (!sheet || (!rules.length && root.adoptedStyleSheets.length < 2)) return [];
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
  root.adoptedStyleSheets = [sheet, own];
  return unknown;
}
