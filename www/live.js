// @ts-check
// The live app of one checkout: the Wasm's handle, and the handling of a trap.

import { crashed, misuse } from "./fault.js";
import { bare } from "./own.js";

/** @typedef {import("./fault.js").Fault} Fault */

export class Live {
  /**
   * @param {import("./loader.js").App} app
   * @param {(fault: Fault) => void} onCrash called after a trap, when no call is on the stack
   */
  constructor(app, onCrash) {
    /** @private */
    this.app = app;
    /** @private @type {import("./glue.js").Handle | null} */
    this.handle = null;
    this.presses = new app.Presses();
    /** True once the page got `ready` and its author's calls are executed. */
    this.isReady = false;
    /** @private */
    this.onTrap = () => {
      this.handle = null;
      queueMicrotask(() => onCrash(crashed()));
    };
    app.watchTraps(this.onTrap);
  }

  /** True if calls reach the app. */
  isOpen() {
    return !!this.handle;
  }

  /**
   * Opens the app; false if it trapped. Throws the fault of the input.
   * @param {import("./app.js").Opening} opening
   */
  open(opening) {
    try {
      this.handle = this.app.open(opening);
      return true;
    } catch (reason) {
      if (this.app.noteTrap(reason)) return false;
      throw reason;
    }
  }

  /** Executes a call of the page's author. @param {import("./commands.js").CommandName} name */
  call(name) {
    try {
      return this.handle && this.handle[name]();
    } catch (reason) {
      if (!this.app.noteTrap(reason)) this.onTrap();
      throw crashed();
    }
  }

  /** Presses "pay". Returns the promise of the outcome; throws if nothing can be started. */
  confirm() {
    const outcome = this.presses.follow();
    const code = this.call("confirm");
    if (code) throw this.app.refusal(code);
    return outcome;
  }

  /** Applies changed options. Returns their fault. @param {Record<string, any>} options */
  update(options) {
    try {
      if (this.handle) this.handle.update(this.app.appOptions(bare(options)));
    } catch (reason) {
      if (!this.app.noteTrap(reason)) return misuse(`the Wasm refuses ${reason}`);
    }
    return this.app.environmentProblem(options.environment);
  }

  /** Ends the checkout. @param {Fault} fault what its presses are told */
  end(fault) {
    const { handle } = this;
    this.handle = null;
    this.presses.reject(fault);
    this.app.unwatchTraps(this.onTrap);
    if (!handle) return;
    handle.unmount();
    handle.free();
  }
}
