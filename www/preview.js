// @ts-check
// The prerendered selector, usable before the Wasm is loaded. It stores the selected wallet and a
// press on "pay" until the live app replaces it, or opens the hosted page if the app cannot be
// loaded.

import { make } from "./markup.js";
import { withWallet } from "./session.js";

/** @typedef {import("./session.js").Facts} Facts */
/** @typedef {(name: import("./names.js").EventName, detail: object, cancelable: boolean) => boolean} Emit */

/** Events that end a press. */
const RELEASES = ["pointerup", "pointercancel", "keyup"];
/** Limit of the live checkout's wait for the end of a press. */
const LONGEST_PRESS_MS = 1000;

export class Preview {
  /**
   * @param {HTMLElement} container holds the selector
   * @param {Facts} facts
   * @param {{ emit: Emit, onPress: () => void }} port `onPress` is called when a press begins to wait
   */
  constructor(container, facts, { emit, onPress }) {
    this.container = container;
    this.facts = facts;
    /** @private */
    this.emit = emit;
    /** @private */
    this.onPress = onPress;
    /** The selected wallet; empty if there is none. */
    this.picked = "";
    /** True if "pay" was pressed; the live app, or the hosted page, executes it once. */
    this.isPressed = false;
    /** The app could not be loaded: "pay" opens the hosted page. @private */
    this.isHosted = false;
    /** @type {Record<string, string> | null} */
    this.words = null;
    /** Called when no pointer or key is down. @private @type {(() => void)[]} */
    this.onRelease = [];
    /** True if a pointer or the space bar is down. */
    this.isDown = false;
    /** @private @type {ReturnType<typeof setTimeout> | undefined} */
    this.downTimer = undefined;
    /** True if "pay" was pressed, and no wallet was selected since. @private */
    this.isAsked = false;
    const checked = this.radios().find((radio) => radio.checked);
    // The only wallet is selected, as in the live selector.
    if (checked || facts.methods.length === 1) this.pick(checked ? checked.value : facts.methods[0]);
    container.addEventListener("change", this);
    container.addEventListener("submit", this);
    container.addEventListener("pointerdown", this);
    container.addEventListener("keydown", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "pointerdown" || event.type === "keydown") {
      if (event instanceof KeyboardEvent && event.key !== " ") return;
      this.isDown = true;
      for (const name of RELEASES) addEventListener(name, this, true);
      // A browser may take over the pointer without an event for its release.
      clearTimeout(this.downTimer);
      this.downTimer = setTimeout(() => this.release(), LONGEST_PRESS_MS);
    } else if (RELEASES.includes(event.type)) {
      for (const name of RELEASES) removeEventListener(name, this, true);
      // The click is dispatched in this task.
      setTimeout(() => this.release());
    } else if (event.type === "submit") {
      event.preventDefault();
      this.press();
    } else if (event.target instanceof HTMLInputElement) {
      this.pick(event.target.value);
    }
  }

  /**
   * Calls `then` as soon as no pointer is down on the selector, at once if possible. Its click
   * would be lost if the element below it were removed in between.
   * @param {() => void} then
   */
  whenReleased(then) {
    if (this.isDown) this.onRelease.push(then);
    else then();
  }

  /** @param {Record<string, string>} words */
  setWords(words) {
    this.words = words;
    this.showHints(words);
    if (this.isAsked) this.showNotice(words.choose_first);
  }

  /** Adds the hints to the wallets' rows, which no template has. @private @param {Record<string, string>} words */
  showHints(words) {
    for (const method of Object.keys(this.facts.hints)) {
      const name = this.container.querySelector(`[data-method="${method}"] .name`);
      if (name) name.after(make("span", { class: "hint" }, words[this.facts.hints[method]]));
    }
  }

  /** @private */
  release() {
    clearTimeout(this.downTimer);
    this.isDown = false;
    for (const then of this.onRelease.splice(0)) then();
  }

  /** @param {string} method */
  pick(method) {
    this.picked = method;
    for (const radio of this.radios()) radio.checked = radio.value === method;
    for (const element of this.container.querySelectorAll("[data-method]")) {
      const isPicked = element.getAttribute("data-method") === method;
      const detail = element.matches(".detail") ? element : element.querySelector(".detail");
      if (element.localName === "label") element.setAttribute("part", isPicked ? "method selected" : "method");
      if (detail) setAttribute(detail, "hidden", isPicked ? "" : "hidden"); // As Yew writes it.
    }
    this.isAsked = false;
    this.showNotice("");
  }

  /** Acts like a press of "pay". Repeated presses count once. Returns false if a listener prevented it. */
  press() {
    if (this.isPressed) return true;
    if (!this.picked) {
      this.isAsked = true;
      this.showNotice((this.words && this.words.choose_first) || "");
      this.focus();
    } else if (this.isHosted) {
      return this.openHostedPage();
    } else {
      this.isPressed = true;
      this.setBusy(true);
      this.onPress();
    }
    return true;
  }

  /** Moves the focus to the selected wallet, or to the first. */
  focus() {
    const radios = this.radios();
    (radios.find((radio) => radio.checked) || radios[0]).focus();
  }

  /** Returns the wallet that the shopper selected; undefined if there is none, or no choice. */
  choice() {
    return (this.facts.methods.length > 1 && this.picked) || undefined;
  }

  /**
   * Repeats in the live selector the changes made here after the app was opened.
   * @param {Element} selector the live one
   * @param {string | undefined} choice the wallet that the app was opened with
   * @param {() => void} confirm presses "pay"
   * @returns {boolean} true if "pay" was pressed
   */
  repeatIn(selector, choice, confirm) {
    const radio = /** @type {HTMLInputElement | null} */ (selector.querySelector(`input[value="${this.picked}"]`));
    if (radio && this.choice() !== choice) radio.click();
    const isDue = this.isPressed ? !!radio && radio.checked : this.isAsked;
    if (isDue) confirm();
    return isDue;
  }

  /** Makes "pay" open the hosted page; at once if it was pressed. */
  useHostedPage() {
    this.isHosted = true;
    if (!this.isPressed) return;
    this.isPressed = false;
    this.setBusy(false);
    this.openHostedPage();
  }

  /**
   * Returns a CSS selector for the focused element, which finds its counterpart in another container;
   * empty if the focus is outside.
   */
  focusedSelector() {
    const root = /** @type {ShadowRoot} */ (this.container.getRootNode());
    const focused = root.activeElement;
    if (!focused || !this.container.contains(focused)) return "";
    if (focused instanceof HTMLInputElement) return `input[value="${focused.value}"]`;
    return focused.localName === "button" ? '[data-slot="pay"]' : "[data-heading]";
  }

  /** Leaves for the hosted page. Returns false if a listener prevented the press. @private */
  openHostedPage() {
    if (!this.emit("submit", { paymentMethod: this.picked }, true)) return false;
    const url = withWallet(this.facts.hostedUrl, this.picked);
    if (!this.emit("before-redirect", { url }, true)) return true;
    const link = make("a", { href: url, target: "_top" });
    this.container.appendChild(link);
    link.click();
    link.remove();
    return true;
  }

  /** @private */
  radios() {
    return /** @type {HTMLInputElement[]} */ ([...this.container.querySelectorAll("input")]);
  }

  /** @private @param {boolean} isBusy */
  setBusy(isBusy) {
    const button = this.container.querySelector("button");
    if (button) {
      button.setAttribute("part", `pay-button primary${isBusy ? " busy" : ""}`);
      setAttribute(button, "aria-busy", isBusy ? "true" : "");
    }
    // The selected one keeps the keyboard focus.
    for (const radio of this.radios()) radio.disabled = isBusy && !radio.checked;
  }

  /** @private @param {string} text empty for none */
  showNotice(text) {
    const old = this.container.querySelector(".notice");
    if (old) old.remove();
    const live = this.container.querySelector(".live");
    if (live) live.textContent = text;
    const form = this.container.querySelector("form");
    const wallets = this.container.querySelector("fieldset");
    if (!form || !wallets) return;
    setAttribute(wallets, "aria-invalid", text && "true");
    setAttribute(wallets, "aria-describedby", text && "choose-first");
    if (!text) return;
    const notice = make("p", { id: "choose-first", part: "notice", class: "notice" }, text);
    form.insertBefore(notice, form.querySelector("button"));
  }
}

/** Sets an attribute, or removes it. @param {Element} element @param {string} name @param {string} value empty to remove it */
function setAttribute(element, name, value) {
  if (value) element.setAttribute(name, value);
  else element.removeAttribute(name);
}
