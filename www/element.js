// @ts-check
// <open-cashier>: the public API, with options as input and events as output; `Controller`
// implements it. All decisions about a payment are made in the Wasm.

import { misuse } from "./fault.js";
import { Controller } from "./controller.js";
import { OPTIONS, PROPERTIES, kebab } from "./names.js";
import { bare, own } from "./own.js";

const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement || class {}); // A server has no HTMLElement.

/**
 * The controllers of the elements. Not a private field: for the oldest engines the build would replace
 * it by more code.
 * @type {WeakMap<CheckoutElement, Controller>}
 */
const controllers = new WeakMap();

/** @param {CheckoutElement} element */
const controllerOf = (element) => /** @type {Controller} */ (controllers.get(element));

export class CheckoutElement extends Base {
  static get version() {
    return "0.1.0";
  }

  static get observedAttributes() {
    return OPTIONS.map(kebab);
  }

  constructor() {
    super();
    controllers.set(this, new Controller(this));
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
    controllerOf(this).connect();
  }

  disconnectedCallback() {
    controllerOf(this).disconnect();
  }

  /** A move by `moveBefore` changes nothing. */
  connectedMoveCallback() {}

  attributeChangedCallback() {
    controllerOf(this).schedule();
  }

  /** @param {object} options */
  update(options) {
    controllerOf(this).update(options);
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
    else controllerOf(this).report(misuse(`mount(${target}) found no element`));
    return this;
  }

  unmount() {
    this.remove();
    return this;
  }

  destroy() {
    controllerOf(this).destroy();
  }

  /** Acts like a press of "pay"; resolves with the state that it led to. */
  confirm() {
    return controllerOf(this).command("confirm");
  }

  cancel() {
    return controllerOf(this).command("cancel");
  }

  /** Unlike `focus()` of other elements, waits until there is something to focus. */
  focus() {
    return controllerOf(this).command("focus");
  }

  /** @param {string} name @param {(event: CustomEvent<any>) => void} listener */
  on(name, listener) {
    controllerOf(this).listen(name, listener);
    return this;
  }

  /** @param {string} name @param {(event: CustomEvent<any>) => void} listener */
  once(name, listener) {
    controllerOf(this).listen(name, listener, (event) => {
      this.off(name, listener);
      listener.call(this, event);
    });
    return this;
  }

  /** @param {string} name @param {(event: CustomEvent<any>) => void} [listener] all where absent */
  off(name, listener) {
    controllerOf(this).listeners.remove(name, listener);
    return this;
  }

  static {
    for (const name of PROPERTIES) {
      Object.defineProperty(this.prototype, name, bare({
        configurable: true,
        enumerable: true,
        /** @this {CheckoutElement} */
        get() {
          return controllerOf(this).property(name);
        },
        /** @this {CheckoutElement} @param {unknown} value */
        set(value) {
          controllerOf(this).setProperty(name, value);
        },
      }));
    }
  }
}
