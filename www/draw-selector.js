// @ts-check
// Draws the prerendered selector of a session from its template.

import { directionOf } from "./direction.js";
import { formatMinorUnits } from "./format.js";
import { build, filler } from "./template.js";

/** @typedef {import("./locale.js").Locale} Locale */

/**
 * Draws a session's selector from its template.
 * @param {Locale} locale
 * @param {Record<string, string>} words the texts, with the page's own over them
 * @param {import("./session.js").Facts} facts
 * @param {import("./options.js").Strict} strict
 * @returns {Element | null}
 */
export function drawSelector(locale, words, facts, { layout, showPayButton }) {
  const amount = formatMinorUnits(facts.amount, facts.currency, locale);
  /** @type {Record<string, string>} */
  const slots = { merchant: facts.merchant, amount, description: facts.description, hosted_url: facts.hostedUrl };
  const fill = filler(Object.assign(Object.create(null), slots));
  const reworded = rewording(locale.texts, words);
  const root = build(
    locale.selectors[layout],
    (text) => {
      const own = reworded.get(text);
      return fill(own === undefined ? text : own);
    },
    (attributes) => {
      const slot = attributes["data-slot"];
      const method = attributes["data-method"];
      return (
        (slot === "description" && !facts.description) ||
        (slot === "pay" && !showPayButton) ||
        (!!method && !facts.methods.includes(method))
      );
    },
  );
  const rows = root && root.querySelector(".rows");
  if (!root || !rows) return null;
  root.setAttribute("lang", locale.lang);
  root.setAttribute("dir", directionOf(locale.lang));
  for (const method of facts.methods) {
    const row = rows.querySelector(`[data-method="${method}"]`);
    if (row && row !== rows.lastChild) rows.appendChild(row);
  }
  return root;
}

/**
 * Returns the page's own text for each text of the template.
 * @param {Record<string, string>} texts the template's
 * @param {Record<string, string>} words
 */
function rewording(texts, words) {
  /** @type {Map<string, string>} */
  const reworded = new Map();
  for (const method of ["alipay", "wechat_pay"]) {
    for (const key of ["checkout", "choose", "pay", "method_detail", "alipay", "wechat_pay"]) {
      if (words[key] === texts[key] && (key !== "method_detail" || words[method] === texts[method])) continue;
      const slotted = (/** @type {Record<string, string>} */ table) =>
        table[key].replace(/\{(\w+)\}/g, (placeholder, name) => {
          if (name === "amount" || name === "merchant") return `\${${name}}`;
          if (name === "wallet" || name === "app") return key === "method_detail" ? table[method] : table.wallet;
          return placeholder;
        });
      reworded.set(slotted(texts), slotted(words));
    }
  }
  return reworded;
}
