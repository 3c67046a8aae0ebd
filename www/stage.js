// @ts-check
// The content of the shadow root: one container, its theme, and the styles.

import { applyRules, applyTheme, dropServerStyles, styleRoot } from "./sheet.js";

/** @typedef {import("./options.js").Settings} Settings */

export class Stage {
  /** @param {HTMLElement} host @param {ShadowRoot} root @param {Settings} settings */
  constructor(host, root, settings) {
    this.host = host;
    this.root = root;
    this.settings = settings;
    /** The container on the page. @type {HTMLElement} */
    this.container = this.make();
  }

  /** Makes a container for another screen. */
  make() {
    const container = document.createElement("div");
    container.className = "oc";
    applyTheme(container, this.settings, this.host);
    return container;
  }

  /**
   * Shows a container instead of the last one.
   * @param {HTMLElement} container
   * @param {string} [focused] a CSS selector of the element that takes over the focus
   */
  replace(container, focused) {
    const old = this.container;
    this.container = container;
    applyTheme(container, this.settings, this.host);
    this.root.insertBefore(container, old.parentNode ? old : null);
    const target = focused && (container.querySelector(focused) || container.querySelector("[data-heading]"));
    if (target) /** @type {HTMLElement} */ (target).focus({ preventScroll: true });
    old.remove();
  }

  /** Adds the styles, instead of those that a server rendered. */
  takeStyles() {
    this.addStyles();
    dropServerStyles(this.root);
  }

  addStyles() {
    styleRoot(this.root, this.settings.cspNonce || this.host.nonce || "");
  }

  /** Applies theme, variables and rules. Returns the rules' selectors that this browser does not support. */
  dress() {
    applyTheme(this.container, this.settings, this.host);
    return applyRules(this.root, this.settings.rules);
  }
}
