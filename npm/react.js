"use client";
// @ts-check
// <OpenCashier>: the element as a React component, with typed props and callbacks.

import { createElement, forwardRef, useEffect, useImperativeHandle, useLayoutEffect, useRef } from "react";
import "./dist/index.js";
import { OPTIONS, PROPERTIES, kebab } from "./names.js";

/** @typedef {import("./dist/index.js").OpenCashierElement} OpenCashierElement */

// On a server there is no layout, and React warns of its effects.
const useBrowserEffect = typeof document === "undefined" ? useEffect : useLayoutEffect;

export const OpenCashier = forwardRef(function OpenCashier(
  /** @type {import("./react.js").OpenCashierProps} */ { embed: html, children, ...props },
  /** @type {import("react").ForwardedRef<OpenCashierElement>} */ ref,
) {
  // An answer without one has `null` or an empty text: the element is drawn as without the prop.
  const embed = html || undefined;
  const node = useRef(/** @type {HTMLElement | null} */ (null));
  const given = /** @type {Record<string, unknown>} */ (props);
  /** What the element was given. */
  const applied = useRef({ target: /** @type {unknown} */ (null), values: /** @type {Record<string, unknown>} */ ({}) });
  const element = () =>
    /** @type {OpenCashierElement} */ (embed === undefined ? node.current : node.current?.querySelector("open-cashier"));

  useImperativeHandle(ref, element, [embed]);
  useBrowserEffect(() => {
    const target = element();
    // Another `embed` brings another element, which has been given nothing.
    if (target !== applied.current.target) applied.current = { target, values: {} };
    const { values } = applied.current;
    /** @type {Record<string, unknown>} */
    const changed = {};
    for (const name of PROPERTIES) {
      const value = embed === undefined && isAttribute(name, given[name]) ? undefined : given[name];
      if (value === values[name]) continue;
      values[name] = changed[name] = value;
    }
    for (const name of Object.keys(given)) {
      // The element reports it, once: otherwise nobody would know why it is never called.
      if (isUnknownCallback(name, given[name]) && !values[name]) values[name] = changed[name] = true;
    }
    target?.update(changed);
  });

  /** @type {Record<string, unknown>} */
  const attributes = { ref: node, suppressHydrationWarning: true };
  for (const [name, value] of Object.entries(given)) {
    if (!PROPERTIES.includes(name)) attributes[name] = value;
  }
  if (embed !== undefined) {
    return createElement("div", { ...attributes, dangerouslySetInnerHTML: { __html: embed } });
  }
  for (const name of OPTIONS) {
    if (isAttribute(name, given[name])) attributes[kebab(name)] = String(given[name]);
  }
  // React before version 19 gives custom elements `className` as it is written.
  const { className, ...rest } = attributes;
  return createElement("open-cashier", className === undefined ? rest : { ...rest, class: className }, children);
});

/**
 * True for a callback that is neither the checkout's nor, in the browser, one of React's for events of
 * the page, of which a few have other names than the DOM's.
 * @param {string} name @param {unknown} value
 */
function isUnknownCallback(name, value) {
  if (typeof value !== "function" || !/^on[A-Z]\w+$/.test(name) || PROPERTIES.includes(name)) return false;
  const dom = name.toLowerCase();
  return !/^on(touch|composition|doubleclick|beforeinput)/.test(dom) && !(dom in HTMLElement.prototype) && !(dom.replace(/capture$/, "") in HTMLElement.prototype);
}

/**
 * True for options that an attribute can hold: a server renders them, and the element reads them
 * before React runs.
 * @param {string} name @param {unknown} value
 */
function isAttribute(name, value) {
  return /** @type {readonly string[]} */ (OPTIONS).includes(name) && ["string", "number", "boolean"].includes(typeof value);
}
