// @ts-check
// The screen of a checkout that could not be loaded: a message and the possible actions.

import { frame, make } from "./markup.js";

/** @typedef {import("./fault.js").Fault} Fault */

/**
 * @param {import("./builtin-texts.js").Words} words
 * @param {Fault} fault
 * @param {(() => void) | null} retry
 * @param {Promise<string>} hostedUrl an http address, or empty
 */
export function failure({ lang, texts: words }, fault, retry, hostedUrl) {
  const isCrash = fault.code === "internal";
  const actions = make("div", { class: "actions" });
  if (retry) {
    // After a crash only a reload shows the payment's status.
    const part = isCrash ? "primary" : "secondary";
    const button = make("button", { type: "button", part }, isCrash ? words.reload : words.try_again);
    button.addEventListener("click", retry);
    actions.appendChild(button);
  }
  hostedUrl.then((url) => {
    if (!url) return;
    const part = isCrash ? "link" : "link primary";
    const link = make("a", { part, class: "link", href: url, target: "_top" }, words.hosted);
    actions.insertBefore(link, isCrash ? null : actions.firstChild);
  });
  // Without a locale there is only the text about files that could not be loaded.
  const text = words[fault.code] || (fault.retryable ? words.load_failed : "");
  const box = make(
    "div",
    { class: "center" },
    make("h2", { part: "heading", class: "heading", tabindex: "-1" }, words.unavailable),
    ...(text ? [make("p", { class: "text" }, text)] : []),
    actions,
    make("p", { class: "reference" }, words.reference.replace("{id}", fault.code)),
  );
  const root = frame("unavailable", lang, box);
  root.setAttribute("role", "alert");
  return root;
}
