// @ts-check
// The content of the shadow root: one container, its theme, and the styles.

import { applyRules, applyTheme, styleRoot } from "./sheet.js";

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

  /** Shows a container instead of the last one. @param {HTMLElement} container */
  replace(container) {
    if (this.container.parentNode) this.container.replaceWith(container);
    else this.root.appendChild(container);
    this.container = container;
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
