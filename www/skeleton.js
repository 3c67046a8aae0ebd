// @ts-check
// The skeleton, as high as the selector that replaces it, so that nothing below it moves.

import { frame, make } from "./markup.js";

/** Head, legend, two wallets, button. */
const BARS = 5;

/**
 * @param {string} lang
 * @param {Promise<string>} loading the text for screen readers, once the locale is loaded
 */
export function skeleton(lang, loading) {
  const bars = Array.from({ length: BARS }, () => document.createElement("i"));
  const text = make("h2", { class: "live" });
  loading.then((words) => (text.textContent = words), () => {});
  return frame("loading", lang, make("div", { class: "skeleton", "aria-busy": "true" }, text, ...bars));
}
