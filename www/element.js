// @ts-check
// <open-cashier>: the public API, with options as input and events as output; `Controller`
// implements it. All decisions about a payment are made in the Wasm.

import { misuse } from "./fault.js";
import { Controller } from "./controller.js";
import { OPTIONS, PROPERTIES, kebab } from "./names.js";
import { bare, own } from "./own.js";

const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement || class {}); // A server has no HTMLElement.

export class CheckoutElement extends Base {
  static get version() {
    return "0.1.0";
  }

  static get observedAttributes() {
    return OPTIONS.map(kebab);
  }

  /** @type {Controller} */
  #controller;

  constructor() {
    super();
    this.#controller = new Controller(this);
    // Properties that were set before this class was defined hide the accessors below.
    const self = /** @type {Record<string, any>} */ (/** @type {unknown} */ (this));
    for (const name of PROPERTIES) {
      const value = own(this, name);
      if (value === undefined) continue;
      delete self[name];
      self[name] = value;
    }
  }

  connectedCallback() {
    this.#controller.connect();
  }

  disconnectedCallback() {
    this.#controller.disconnect();
  }

  /** A move by `moveBefore` changes nothing. */
  connectedMoveCallback() {}

  attributeChangedCallback() {
    this.#controller.schedule();
  }

  /** @param {object} options */
  update(options) {
    this.#controller.update(options);
    return this;
  }

  /** @param {string | Element} target */
  mount(target) {
    let parent = null;
    try {
      parent = typeof target === "string" ? document.querySelector(target) : target;
    } catch {
      // An invalid selector: reported below.
    }
    if (parent instanceof Element) parent.appendChild(this);
    else this.#controller.report(misuse(`mount(${target}) found no element`));
    return this;
  }

  unmount() {
    this.remove();
    return this;
  }

  destroy() {
    this.#controller.destroy();
  }

  /** Acts like a press of "pay"; resolves with the state that it led to. */
  confirm() {
    return this.#controller.command("confirm");
  }

  cancel() {
    return this.#controller.command("cancel");
  }

  /** Unlike `focus()` of other elements, waits until there is something to focus. */
  focus() {
    return this.#controller.command("focus");
  }

  /** @param {string} name @param {(event: CustomEvent<any>) => void} listener */
  on(name, listener) {
    this.#controller.listen(name, listener);
    return this;
  }

  /** @param {string} name @param {(event: CustomEvent<any>) => void} listener */
  once(name, listener) {
    this.#controller.listen(name, listener, (event) => {
      this.off(name, listener);
      listener.call(this, event);
    });
    return this;
  }

  /** @param {string} name @param {(event: CustomEvent<any>) => void} [listener] all where absent */
  off(name, listener) {
    this.#controller.listeners.remove(name, listener);
    return this;
  }

  static {
    for (const name of PROPERTIES) {
      Object.defineProperty(this.prototype, name, bare({
        configurable: true,
        enumerable: true,
        /** @this {CheckoutElement} */
        get() {
          return this.#controller.property(name);
        },
        /** @this {CheckoutElement} @param {unknown} value */
        set(value) {
          this.#controller.setProperty(name, value);
        },
      }));
    }
  }
}
