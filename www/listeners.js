// @ts-check
// Listeners that were added by `on` and `once`, so that `off` and `destroy` can remove them.

/** @typedef {(event: CustomEvent<any>) => void} Listener */

export class Listeners {
  /** @param {HTMLElement} element */
  constructor(element) {
    /** @private */
    this.element = element;
    /** @private @type {[string, Listener, Listener][]} */
    this.all = [];
  }

  /** @param {string} name @param {Listener} listener @param {Listener} [actual] called instead of it */
  add(name, listener, actual = listener) {
    this.all.push([name, listener, actual]);
    this.element.addEventListener(`cashier-${name}`, /** @type {EventListener} */ (actual));
  }

  /** @param {string} [name] all where absent @param {Listener} [listener] all where absent */
  remove(name, listener) {
    this.all = this.all.filter(([known, original, actual]) => {
      const isMeant = (!name || known === name) && (!listener || original === listener);
      if (isMeant) this.element.removeEventListener(`cashier-${known}`, /** @type {EventListener} */ (actual));
      return !isMeant;
    });
  }
}
