// @ts-check
// The selector as a shop's server renders it into its page: `dist/selector.json`, filled as
// docs/prerendered-selector.md describes.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { DIST } from "../peers/bundles.mjs";

const ESCAPES = /** @type {Record<string, string>} */ ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" });
const escape = (/** @type {string} */ text) => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign]);

/** Replaces `${name}` in one pass. @param {string} html @param {Record<string, string>} values */
const fill = (html, values) => html.replace(/\$\{(\w+)\}/g, (slot, name) => values[name] ?? slot);

/**
 * The element with the selector in a declarative shadow root.
 * @param {{ secret: string, session: string }} run `session`: as JSON
 */
export function embed({ secret, session }) {
  const { version, styles, locales } = JSON.parse(readFileSync(join(DIST, "selector.json"), "utf8"));
  const { amount, merchant_name, description, hosted_url, payment_methods } = JSON.parse(session);
  const { layouts, amounts } = locales.en;
  const layout = layouts.accordion;
  const pattern = amounts[amount.currency];
  const major = (amount.value / 10 ** pattern.digits).toFixed(pattern.digits).replace(".", pattern.decimal);
  const texts = Object.fromEntries(Object.entries({
    version, theme: "auto", merchant: merchant_name, description, hosted_url, amount: `${pattern.prefix}${major}${pattern.suffix}`,
  }).map(([name, text]) => [name, escape(text)]));
  const html = fill(layout.html, {
    ...texts,
    rows: payment_methods.map((/** @type {string} */ wallet) => fill(layout.rows[wallet], texts)).join(""),
    details: "",
    description_line: fill(layout.description_line, texts),
    pay_button: fill(layout.pay_button, texts),
  });
  return `<open-cashier client-secret="${escape(secret)}" api-base="/api" locale="en" layout="accordion" session="${escape(session)}">` +
    `<template shadowrootmode="open" shadowrootdelegatesfocus><style>${styles.css}</style>${html}</template></open-cashier>`;
}
