// @ts-check
// Calls of the page's author that wait for a checkout.

import { asError } from "./fault.js";

/** @typedef {"confirm" | "cancel" | "focus"} CommandName */
/** @typedef {{ name: CommandName, resolve: (result: unknown) => void, reject: (reason: unknown) => void }} Command */

export class Commands {
  constructor() {
    /** @private @type {Command[]} */
    this.waiting = [];
  }

  /** @param {CommandName} name @returns {Promise<any>} */
  add(name) {
    const done = new Promise((resolve, reject) => this.waiting.push({ name, resolve, reject }));
    done.catch(() => {}); // The page need not wait for it.
    return done;
  }

  /**
   * Offers each waiting command once.
   * @param {(name: CommandName) => unknown} take returns the result, or false to keep the command waiting; a thrown
   *   fault rejects it
   */
  offer(take) {
    for (const command of this.waiting.splice(0)) {
      try {
        const result = take(command.name);
        if (result === false) this.waiting.push(command);
        else command.resolve(result);
      } catch (reason) {
        command.reject(asError(/** @type {import("./fault.js").Fault} */ (reason)));
      }
    }
  }

  /** @param {import("./fault.js").Fault} fault */
  rejectAll(fault) {
    for (const { reject } of this.waiting.splice(0)) reject(asError(fault));
  }
}
