// @ts-check
// The outcome of a press of "pay" by the page's author.

import { asError, fault, submitPrevented } from "./fault.js";

/** States of a press that was made. */
const UNDER_WAY = ["starting", "closing"];
/** States that a press passes through. */
const PASSING = ["loading", ...UNDER_WAY];

/** Texts for the developer, by the machine's codes. @type {Record<string, string>} */
const REFUSALS = {
  nothing_selected: "no wallet is picked yet",
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
    /** @private @type {Set<PressOutcome>} */
    this.all = new Set();
    /** The checkout's. @private */
    this.state = "loading";
    /** The page was told of a press that has not changed the state yet. @private */
    this.isSubmitted = false;
  }

  /** Follows a press that was or will be made; while one is under way, that one. */
  follow() {
    const isUnderWay = this.isSubmitted || UNDER_WAY.includes(this.state);
    const press = followPress(this.state, isUnderWay);
    this.all.add(press);
    const forget = () => void this.all.delete(press);
    press.promise.then(forget, forget);
    return press.promise;
  }

  /** Takes an event of the checkout. @param {string} name @param {any} detail @param {boolean} isAllowed */
  take(name, detail, isAllowed) {
    if (name === "state-change") this.state = detail.to;
    if (["submit", "error", "state-change"].includes(name)) this.isSubmitted = name === "submit" && isAllowed;
    for (const press of this.all) press.take(name, detail, isAllowed);
  }

  /** Settles presses that were not made, at the latest with the next state that is no passing one. */
  settle() {
    for (const press of this.all) press.settle();
  }

  /** @param {import("./fault.js").Fault} fault */
  reject(fault) {
    for (const press of this.all) press.reject(fault);
  }
}

/**
 * Follows a press by the events of its checkout.
 * @param {string} state the checkout's
 * @param {boolean} isSubmitted the press was told to the page
 * @returns {PressOutcome}
 */
function followPress(state, isSubmitted) {
  /** @type {(outcome: Outcome) => void} */
  let resolve;
  /** @type {(reason: unknown) => void} */
  let reject;
  const promise = /** @type {Promise<Outcome>} */ (new Promise((...functions) => ([resolve, reject] = functions)));
  promise.catch(() => {}); // The page need not wait for it.
  /** @type {import("./fault.js").Fault | undefined} */
  let error;
  let hasNoEffect = false;
  const settle = () => {
    if (!PASSING.includes(state)) resolve(error ? { state, error } : { state });
  };
  return {
    promise,
    take(name, detail, isAllowed) {
      if (name === "submit") {
        isSubmitted = true;
        if (!isAllowed) error = submitPrevented();
        if (!isAllowed) settle();
      } else if (name === "error") {
        error = detail;
        if (isSubmitted) queueMicrotask(settle);
      } else if (name === "state-change") {
        state = detail.to;
        // An error of the same change may follow.
        if (isSubmitted || hasNoEffect || state !== "selecting") queueMicrotask(settle);
      }
    },
    settle() {
      if (isSubmitted) return;
      hasNoEffect = true;
      settle();
    },
    reject: (fault) => reject(asError(fault)),
  };
}
