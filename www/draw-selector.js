// @ts-check
// Draws the prerendered selector of a session from its template.

import { directionOf } from "./direction.js";
import { formatMinorUnits } from "./format.js";
import { own } from "./own.js";
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
  const { merchant, description, hostedUrl } = facts;
  /** @type {Record<string, string>} */
  const slots = Object.assign(Object.create(null), { merchant, description, amount, hosted_url: hostedUrl });
  const inWords = (/** @type {string} */ key, wallet = words.wallet) => fillHoles(words[key], { merchant, amount, wallet, app: wallet });
  for (const key of ["checkout", "choose", "pay", "alipay", "wechat_pay"]) slots[key] = inWords(key);
  for (const method of facts.methods) slots[`method_detail_${method}`] = inWords("method_detail", words[method]);
  const root = build(
    locale.selectors[layout],
    filler(slots),
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
  if (!root) return null;
  root.setAttribute("lang", locale.lang);
  root.setAttribute("dir", directionOf(locale.lang));
  arrangeRows(root, facts);
  return root;
}

/**
 * Brings the wallets into their order: their rows, and their details if these are below the rows.
 * @param {Element} root
 * @param {import("./session.js").Facts} facts
 */
export function arrangeRows(root, { methods }) {
  for (const list of root.querySelectorAll(".rows, .methods")) {
    const place = (/** @type {Element} */ element) => methods.indexOf(String(element.getAttribute("data-method")));
    const found = [...list.children].filter((element) => place(element) >= 0);
    const sorted = [...found].sort((one, other) => place(one) - place(other));
    if (`${found.map(place)}` === `${sorted.map(place)}`) continue;
    const focused = /** @type {ShadowRoot} */ (list.getRootNode()).activeElement;
    list.append(...sorted);
    // A row that moves loses the focus.
    if (focused && list.contains(focused)) /** @type {HTMLElement} */ (focused).focus({ preventScroll: true });
  }
}

/**
 * Replaces each `{name}` of a text that has a value.
 * @param {string} text
 * @param {Record<string, string>} values
 */
const fillHoles = (text, values) => text.replace(/\{(\w+)\}/g, (hole, name) => String(own(values, name) ?? hole));
