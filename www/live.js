// @ts-check
// The live half of a run: the Wasm's handle, the hand-over from the preview, the app's events, and the
// handling of a trap.

import { asError, crashed, destroyed, misuse } from "./fault.js";
import { appOptions, open } from "./opening.js";
import { bare } from "./own.js";
import { Presses, refusal } from "./press-outcome.js";
import { noteTrap, unwatchTraps, watchTraps } from "./traps.js";
import { unknownNames } from "./unknown-names.js";

/** @typedef {import("./fault.js").Fault} Fault */

export class Live {
  /** @param {import("./run.js").Run} run */
  constructor(run) {
    /** @private */
    this.run = run;
    /** @private @type {import("./glue.js").Handle | null} */
    this.handle = null;
    /** @private */
    this.presses = new Presses();
    /** True once the page got `ready` and its author's calls are executed. @private */
    this.isReady = false;
    /** The outcome of a call of `confirm()` that has pressed the preview. @private @type {Promise<any> | null} */
    this.previewPress = null;
    /** @private */
    this.onTrap = () => {
      this.handle = null;
      // No call of the Wasm is on the stack then.
      queueMicrotask(() => run.fail(crashed()));
    };
    watchTraps(this.onTrap);
  }

  /** True if calls reach the app. */
  isOpen() {
    return !!this.handle;
  }

  /** True if it executes the calls of the page's author. */
  isCallable() {
    return this.isOpen() && this.isReady;
  }

  /** Opens the app in a container of its own. Throws the fault of the input. @param {import("./locale.js").Locale} locale */
  open(locale) {
    const { run } = this;
    const { preview, session, settings, stage } = run;
    const container = stage.make();
    const choice = preview ? preview.choice() : undefined;
    if (run.isConfirmWaiting) this.previewPress = this.presses.follow();
    let isShown = false;
    try {
      this.handle = open({
        container,
        prefetched: run.response,
        options: bare({
          ...run.options(locale),
          session: session && (session.text || JSON.stringify(session.value)),
          selected: choice,
        }),
        emit: (name, detail, cancelable) => !run.isOver() && this.onEvent(name, detail, cancelable),
        shown: () => {
          isShown = true;
          if (this.isOpen()) this.replacePreview(container, choice);
        },
        log: (code, message) => run.log({ code, message }),
        formatAmount: (value, currency) => run.formatAmount(value, currency, locale),
      });
    } catch (reason) {
      if (noteTrap(reason)) return;
      throw reason;
    }
    if (run.isOver()) return; // A listener has ended it.
    if (isShown) this.replacePreview(container, choice);
    run.port.offerCommands();
    if (run.settings !== settings) this.sendOptions();
    for (const message of unknownNames(run.port.host, settings.translations, locale.texts)) {
      if (!run.isOver()) run.report(misuse(message));
    }
  }

  /** Executes a call of the page's author. @param {import("./commands.js").CommandName} name */
  take(name) {
    if (name !== "confirm") return void this.call(name);
    return this.previewPress || this.confirm();
  }

  /** Passes changed options to the app. */
  async sendOptions() {
    const { run } = this;
    const locale = await run.latestLocale().catch(() => null);
    if (!locale || !this.handle) return;
    try {
      this.handle.update(appOptions(bare(run.options(locale))));
    } catch (reason) {
      if (!noteTrap(reason)) run.report(misuse(`the Wasm refuses ${reason}`));
    }
  }

  /** Ends the checkout. @param {Fault} fault what its presses are told */
  end(fault) {
    const { handle } = this;
    this.handle = null;
    this.presses.reject(fault);
    unwatchTraps(this.onTrap);
    if (!handle) return;
    handle.unmount();
    handle.free();
  }

  /**
   * Replaces the preview once no press is in progress.
   * @private
   * @param {HTMLElement} container
   * @param {string | undefined} choice the wallet that the app was opened with
   */
  replacePreview(container, choice) {
    const { preview } = this.run;
    const takeOver = () => this.takeOver(container, choice);
    if (preview) preview.whenReleased(takeOver);
    else takeOver();
  }

  /**
   * Replaces the skeleton or the preview, in one task.
   * @private
   * @param {HTMLElement} container
   * @param {string | undefined} choice
   */
  takeOver(container, choice) {
    const { run } = this;
    if (run.isOver() || run.isLive) return;
    run.isLive = true;
    run.clearTimers();
    const { preview, stage } = run;
    stage.replace(container, preview ? preview.focusedSelector() : "");
    run.preview = null;
    stage.takeStyles();
    run.dress();
    // In a microtask: the Wasm's call is still on the stack.
    queueMicrotask(() => {
      if (!this.isOpen()) return;
      // On another screen a press would mean something else, and changed options may leave no preview.
      const selector = container.querySelector('[data-state="selecting"]');
      const isRepeated = preview && selector && preview.repeatIn(selector, choice, () => this.call("confirm"));
      if (!isRepeated && run.isConfirmWaiting) this.presses.settle();
    });
  }

  /**
   * @private
   * @param {import("./names.js").EventName} name
   * @param {any} detail
   * @param {boolean} cancelable
   */
  onEvent(name, detail, cancelable) {
    const { run } = this;
    const { port } = run;
    if (name === "state-change") port.setState(detail.to);
    // Which backend, and as which origin: the usual mistakes are in one of the two.
    if (name === "load-error") detail.message += ` (api-base: ${run.settings.strict.apiBase}, the page's origin: ${location.origin})`;
    if (name === "load-error" || (name === "error" && detail.type === "integration_error")) run.log(detail);
    if (name === "ready") this.isReady = true;
    const isAllowed = port.emit(name, detail, cancelable);
    this.presses.take(name, detail, isAllowed);
    if (name === "ready") {
      port.offerCommands();
      this.previewPress = null;
    }
    if (name === "load-error") port.rejectCommands(detail);
    // A listener may have ended this run.
    return isAllowed && !run.isOver();
  }

  /** @private @param {import("./commands.js").CommandName} name */
  call(name) {
    try {
      return this.handle && this.handle[name]();
    } catch (reason) {
      if (!noteTrap(reason)) this.onTrap();
      throw asError(crashed());
    }
  }

  /** Presses "pay". Resolves with the outcome; rejects if nothing can be started. @private */
  async confirm() {
    await null; // Within its own events, the app cannot say what a press would start.
    if (!this.handle) throw asError(this.run.fault || destroyed());
    const outcome = this.presses.follow();
    const code = this.call("confirm");
    if (code) throw refusal(code);
    return outcome;
  }
}
