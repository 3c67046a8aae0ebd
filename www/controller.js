// @ts-check
// The element's implementation: its options, its events, and the current run.

import { Commands } from "./commands.js";
import { destroyed, faultOf, log, misuse } from "./fault.js";
import { Listeners } from "./listeners.js";
import { negotiate } from "./locale.js";
import { EVENTS, OPTIONS, PROPERTIES, callbackOf, kebab } from "./names.js";
import { readOptions } from "./options.js";
import { bare } from "./own.js";
import { Run } from "./run.js";

/** @typedef {import("./names.js").EventName} EventName */

export class Controller {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.commands = new Commands();
    this.listeners = new Listeners(element);
    /** @private */
    this.element = element;
    // A server may have rendered a selector into a declarative one.
    /** @private */
    this.root = element.shadowRoot || element.attachShadow(bare({ mode: "open", delegatesFocus: true }));
    /** Options and callbacks that were set as properties. @private @type {Record<string, unknown>} */
    this.properties = Object.create(null);
    /** @private @type {Run | null} */
    this.run = null;
    /** Session and backend of the run. @private */
    this.identity = "";
    /** The options that the run was given. @private @type {unknown} */
    this.applied = null;
    /** @private */
    this.isScheduled = false;
    /** @private */
    this.isDestroyed = false;
    /** @private */
    this.isRestart = false;
  }

  /** @param {string} name an option or a callback */
  property(name) {
    if (name in this.properties) return this.properties[name];
    const attribute = isOption(name) ? this.element.getAttribute(kebab(name)) : null;
    return attribute === null ? undefined : attribute;
  }

  /** @param {string} name @param {unknown} value */
  setProperty(name, value) {
    if (value === undefined) delete this.properties[name];
    else this.properties[name] = value;
    if (isOption(name)) this.schedule();
  }

  /** @param {object} options */
  update(options) {
    for (const [name, value] of Object.entries(options || {})) {
      if (PROPERTIES.includes(name)) this.setProperty(name, value);
      else this.report(misuse(`there is no option ${name}`));
    }
  }

  /**
   * Adds a listener of the page's author. One of an unknown event is added too, and reported.
   * @param {string} name @param {(event: CustomEvent<any>) => void} listener
   * @param {(event: CustomEvent<any>) => void} [actual] called instead of it
   */
  listen(name, listener, actual) {
    this.listeners.add(name, listener, actual);
    if (!(/** @type {readonly string[]} */ (EVENTS).includes(name))) this.report(misuse(`there is no event ${name}`));
  }

  connect() {
    this.isDestroyed = false;
    this.schedule();
  }

  disconnect() {
    // A page that moves the element must not lose its checkout: a move is not a removal.
    queueMicrotask(() => {
      if (!this.element.isConnected) this.stop();
    });
  }

  /** Changes in the same task are applied together. */
  schedule() {
    if (this.isScheduled || !this.element.isConnected || this.isDestroyed) return;
    this.isScheduled = true;
    queueMicrotask(() => {
      this.isScheduled = false;
      if (this.element.isConnected && !this.isDestroyed) this.apply();
    });
  }

  /** @param {import("./commands.js").CommandName} name */
  command(name) {
    const done = this.commands.add(name);
    if (this.isDestroyed) this.commands.rejectAll(destroyed());
    else this.offerCommands();
    return done;
  }

  stop() {
    if (this.run) this.run.stop();
    this.run = null;
  }

  destroy() {
    this.isDestroyed = true;
    this.stop();
    this.commands.rejectAll(destroyed());
    this.element.remove();
    this.listeners.remove();
  }

  /** Reports a fault to the page's author. @param {import("./fault.js").Fault} problem */
  report(problem) {
    log(problem);
    this.emit("error", problem, false);
  }

  /**
   * Dispatches an event; false if a listener prevented it.
   * @param {EventName} name @param {object} detail @param {boolean} cancelable
   */
  emit(name, detail, cancelable) {
    const event = new CustomEvent(`cashier-${name}`, bare({ bubbles: true, composed: true, cancelable, detail }));
    this.element.dispatchEvent(event);
    const callback = this.properties[callbackOf(name)];
    if (typeof callback === "function") {
      try {
        callback.call(this.element, event);
      } catch (error) {
        queueMicrotask(() => {
          throw error; // An error of the page's listener, for its own error reports.
        });
      }
    }
    return !event.defaultPrevented;
  }

  /** @private */
  apply() {
    const { settings, session, problems } = readOptions((name) => this.property(name));
    const identity = `${settings.strict.apiBase} ${settings.strict.clientSecret}`;
    const lang = negotiate(settings.locale, this.element, settings.translations);
    const isNew = !this.run || this.isRestart || this.identity !== identity;
    const applied = { problems, settings, lang };
    if (!isNew && isSame(applied, this.applied)) return;
    this.isRestart = false;
    this.identity = identity;
    this.applied = applied;
    const faults = problems.map(({ message }) => misuse(message));
    for (const problem of faults) this.report(problem);
    if (this.isDestroyed || !this.element.isConnected) return; // A listener of the event may have done so.
    const fatal = faults[problems.findIndex(({ isFatal }) => isFatal)];
    let run = this.run;
    if (run && !isNew && !run.hasFailed && !fatal) return run.update(settings, lang);
    this.stop();
    run = this.run = new Run(this.port(), settings, session, lang);
    if (fatal) return run.fail(fatal, true);
    try {
      run.begin();
    } catch (reason) {
      run.fail(faultOf(reason));
    }
  }

  /** @private @returns {import("./run.js").Port} */
  port() {
    return {
      host: this.element,
      root: this.root,
      emit: (name, detail, cancelable) => this.emit(name, detail, cancelable),
      setState: (state) => this.element.setAttribute("data-state", state),
      offerCommands: () => this.offerCommands(),
      rejectCommands: (why) => this.commands.rejectAll(why),
      restart: () => {
        this.isRestart = true;
        this.schedule();
      },
    };
  }

  /** @private */
  offerCommands() {
    const { run } = this;
    if (run) this.commands.offer((name) => run.take(name));
  }
}

/** @param {string} name @returns {name is import("./names.js").OptionName} */
const isOption = (name) => /** @type {readonly string[]} */ (OPTIONS).includes(name);

/** True if two sets of options are equal. @param {unknown} one @param {unknown} other */
function isSame(one, other) {
  try {
    return JSON.stringify(one) === JSON.stringify(other);
  } catch {
    return false; // It has a cycle.
  }
}
