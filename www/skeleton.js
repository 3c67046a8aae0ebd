// @ts-check
// The skeleton, as high as the selector that replaces it, so that nothing below it moves.

import { builtinTexts } from "./builtin-texts.js";
import { frame, make } from "./markup.js";

/** Head, legend, two wallets, button. */
const BARS = 5;

/** @param {string} lang */
export function skeleton(lang) {
  const bars = Array.from({ length: BARS }, () => document.createElement("i"));
  const text = make("p", { class: "live" }, builtinTexts(lang).loading);
  return frame("loading", lang, make("div", { class: "skeleton", "aria-busy": "true" }, text, ...bars));
}
