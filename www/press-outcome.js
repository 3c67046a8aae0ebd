// @ts-check
// The outcome of a press of "pay" by the page's author.

import { asError, fault } from "./fault.js";

/** Intermediate states of a press. */
const PASSING = ["loading", "starting", "closing"];

/** Texts for the developer, by the machine's codes. @type {Record<string, string>} */
const REFUSALS = {
  nothing_selected: "confirm() was called before the shopper picked a wallet",
  read_only: "confirm() was called on a read-only checkout",
  nothing_to_pay: "confirm() was called where there is nothing to pay; see the element's data-state",
};

/**
 * @typedef {{ state: string, error?: import("./fault.js").Fault }} Outcome
 * @typedef {{ promise: Promise<Outcome>, take: (name: string, detail: any, isAllowed: boolean) => void,
 *   settle: () => void, reject: (fault: import("./fault.js").Fault) => void }} PressOutcome
 */

/** Returns the error of a press that can start nothing. @param {string} code */
export const refusal = (code) => asError(fault("integration_error", code, REFUSALS[code]));

/** The presses of one checkout by its page's author that have no outcome yet. */
export class Presses {
  constructor() {
    /** @private @type {PressOutcome[]} */
    this.all = [];
  }

  /** Tracks a press that was made or will be made. */
  follow() {
    const press = followPress();
    this.all.push(press);
    return press.promise;
  }

  /** Takes an event of the checkout. @param {string} name @param {any} detail @param {boolean} isAllowed */
  take(name, detail, isAllowed) {
    for (const press of this.all) press.take(name, detail, isAllowed);
  }

  /** Settles presses without an effect. */
  settle() {
    for (const press of this.all) press.settle();
  }

  /** @param {import("./fault.js").Fault} fault */
  reject(fault) {
    for (const press of this.all.splice(0)) press.reject(fault);
  }
}

/** Tracks a press by the events of its checkout. @returns {PressOutcome} */
function followPress() {
  /** @type {(outcome: Outcome) => void} */
  let resolve;
  /** @type {(reason: unknown) => void} */
  let reject;
  const promise = /** @type {Promise<Outcome>} */ (new Promise((...functions) => ([resolve, reject] = functions)));
  promise.catch(() => {}); // The page need not wait for it.
  /** True once the page got the event of the press. */
  let isSubmitted = false;
  let state = "selecting";
  /** @type {import("./fault.js").Fault | undefined} */
  let error;
  const settle = () => {
    if (!PASSING.includes(state)) resolve(error ? { state, error } : { state });
  };
  return {
    promise,
    take(name, detail, isAllowed) {
      if (name === "submit") {
        isSubmitted = true;
        if (!isAllowed) error = fault("integration_error", "submit_prevented", "a listener prevented the event submit");
        if (!isAllowed) settle();
      } else if (name === "error") {
        error = detail;
        if (isSubmitted) queueMicrotask(settle);
      } else if (name === "state-change") {
        state = detail.to;
        // An error of the same change may follow.
        if (isSubmitted || state !== "selecting") queueMicrotask(settle);
      }
    },
    settle,
    reject: (fault) => reject(asError(fault)),
  };
}
