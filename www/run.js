// @ts-check
// One run of a checkout: skeleton, prerendered selector, live app, or a failure screen.

import { afterPaint } from "./after-paint.js";
import { builtinTexts } from "./builtin-texts.js";
import { directionOf } from "./direction.js";
import { drawSelector } from "./draw-selector.js";
import { adoptEmbed } from "./embed.js";
import { destroyed, fault, faultOf, loadFailed, log, misuse } from "./fault.js";
import { failure } from "./failure.js";
import { formatAmount } from "./format.js";
import { Live } from "./live.js";
import { loadApp } from "./loader.js";
import { loadLocale, wordsOf } from "./locale.js";
import { bare } from "./own.js";
import { Preview } from "./preview.js";
import { fetchSession, hostedAddress, selectorFacts } from "./session.js";
import { applyTheme, dropServerStyles } from "./sheet.js";
import { skeleton } from "./skeleton.js";
import { Stage } from "./stage.js";

/** @typedef {import("./fault.js").Fault} Fault */
/** @typedef {import("./locale.js").Locale} Locale */
/** @typedef {import("./options.js").Settings} Settings */
/** @typedef {import("./options.js").PageSession} PageSession */
/**
 * The element, as a run uses it.
 * @typedef {{ host: HTMLElement, root: ShadowRoot, emit: import("./preview.js").Emit,
 *   setState: (state: string) => void, offerCommands: () => void, rejectCommands: (fault: Fault) => void,
 *   restart: () => void }} Port
 */

/** Limit of the wait for the preview before the app is loaded. */
const APP_DELAY_MS = 1000;
/** Limit of a press's wait for the app; then it opens the hosted page. */
const PRESS_TIMEOUT_MS = 15000;
/** Limit of a failure's wait for the selector, which may be usable without the app. */
const SELECTOR_TIMEOUT_MS = 5000;

export class Run {
  /**
   * @param {Port} port
   * @param {Settings} settings
   * @param {PageSession | null} session the session that came with the page
   * @param {string} lang
   */
  constructor(port, settings, session, lang) {
    this.port = port;
    this.settings = settings;
    this.session = session;
    this.lang = lang;
    this.hasFailed = false;
    /** The reason of the failure. @private @type {Fault | null} */
    this.fault = null;
    /** True if the app could not be loaded, and the hosted page takes the payment. @private */
    this.isHostedUsable = false;
    /** @private @type {ReturnType<typeof setTimeout> | undefined} */
    this.pressTimer = undefined;
    /** @private */
    this.isStopped = false;
    /** True if the app's first screen is on the page. @private */
    this.isLive = false;
    /** @private */
    this.abort = new AbortController();
    /** @private */
    this.locale = loadLocale(lang);
    this.locale.catch(() => {}); // Reported where it is needed.
    /** @private @type {Locale | undefined} */
    this.loaded = undefined;
    /** @private @type {Promise<Response> | undefined} */
    this.response = undefined;
    /** The session, once it is known. @private @type {Promise<PageSession | null>} */
    this.known = Promise.resolve(session);
    /** @private @type {Preview | null} */
    this.preview = null;
    /** @private @type {Live | null} */
    this.live = null;
    /** True if a call of `confirm()` has pressed the preview, and waits for the app. @private */
    this.isConfirmWaiting = false;
    /** The outcome of that press. @private @type {Promise<any> | null} */
    this.previewPress = null;
    /** @private @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @private */
    this.stage = new Stage(port.host, port.root, settings);
  }

  /** Shows the skeleton, or the server's selector, and loads the rest. */
  begin() {
    const { port, settings, session, stage, lang } = this;
    port.setState("loading");
    if (!session) this.read();
    const facts = session && selectorFacts(session.value, settings.strict);
    const embed = adoptEmbed(port.root, facts, lang, settings.strict);
    if (embed && facts) {
      stage.container = embed;
      this.setPreview(this.newPreview(embed, facts));
    } else {
      stage.addStyles();
      if (settings.loader !== "never") stage.container.appendChild(this.skeleton());
      port.root.appendChild(stage.container);
    }
    this.dress();
    this.load().catch((reason) => this.fail(faultOf(reason)));
  }

  /** @param {Settings} settings @param {string} lang */
  update(settings, lang) {
    const isRedrawn =
      lang !== this.lang ||
      JSON.stringify([settings.strict, settings.translations]) !== JSON.stringify([this.settings.strict, this.settings.translations]);
    if (lang !== this.lang) {
      this.locale = loadLocale(lang);
      this.locale.catch(() => {});
    }
    this.settings = this.stage.settings = settings;
    this.lang = lang;
    this.dress();
    if (this.live) this.sendOptions();
    if (!this.isLive && isRedrawn) this.showSelector().catch(() => {});
  }

  /**
   * Executes a call of the page's author. Returns its result, or false if it has to wait.
   * @param {import("./commands.js").CommandName} name
   */
  take(name) {
    const { live, preview } = this;
    if (live && live.isOpen() && live.isReady) {
      if (name !== "confirm") return void live.call(name);
      return this.previewPress || live.confirm();
    }
    if (this.fault && (!preview || name === "cancel")) throw this.fault;
    if (!preview || name === "cancel") return false;
    if (name === "focus") return void preview.focus();
    preview.press();
    if (!preview.picked) throw fault("integration_error", "nothing_selected", "confirm() was called before the shopper picked a wallet");
    if (this.fault) return { state: "awaiting" }; // On the hosted page.
    this.isConfirmWaiting = true;
    return false;
  }

  /** @param {Fault} fault @param {boolean} [isReported] true if the page got the `error` event */
  fail(fault, isReported) {
    if (this.hasFailed || this.isStopped) return;
    this.hasFailed = true;
    this.fault = fault;
    this.end();
    if (!isReported) {
      this.report(fault);
      if (this.isStopped) return; // A listener of the event may have stopped it.
    }
    this.port.rejectCommands(fault);
    // If the app cannot run, the selector needs only the session, which invalid options do not
    // have.
    this.isHostedUsable = !isReported && !this.isLive;
    if (this.preview && this.preview.facts.hostedUrl) return this.preview.useHostedPage();
    if (!this.isHostedUsable) return this.showFailure(fault);
    // The selector may still be loading.
    const selector = this.showSelector().catch(() => {});
    Promise.race([selector, new Promise((done) => setTimeout(done, SELECTOR_TIMEOUT_MS))]).then(() => {
      if (!this.isStopped && !this.preview) this.showFailure(fault);
    });
  }

  stop() {
    this.isStopped = true;
    this.end();
    this.abort.abort();
    this.stage.container.remove();
  }

  /** @private */
  async load() {
    const delay = new Promise((resolve) => (this.timer = setTimeout(resolve, APP_DELAY_MS)));
    // Without a preview the selector is drawn by the app.
    await Promise.race([this.preview || this.showSelector().catch(() => {}), delay]);
    clearTimeout(this.timer);
    // The requests for the app take script time: the selector is painted first.
    if (this.preview) await new Promise((painted) => afterPaint(() => painted(undefined)));
    if (this.isOver()) return;
    const loading = loadApp();
    this.read();
    const app = await loading;
    const locale = await this.latestLocale();
    if (!this.isOver()) this.mount(app, locale);
  }

  /** True after a failure or after the end. @private */
  isOver() {
    return this.isStopped || this.hasFailed;
  }

  /** Requests the session, once. @private */
  read() {
    if (this.response) return;
    const response = fetchSession(this.settings.strict, this.abort.signal);
    this.response = response;
    response.catch(() => {}); // The app reports it.
    if (this.session) return;
    this.known = response
      .then((answer) => (answer.ok ? answer.clone().text() : ""))
      .then((text) => (this.session = text ? { value: JSON.parse(text), text } : null))
      .catch(() => null);
  }

  /** The locale of the current language. @private @returns {Promise<Locale>} */
  async latestLocale() {
    const { locale } = this;
    const loaded = await locale;
    return locale === this.locale ? (this.loaded = loaded) : this.latestLocale();
  }

  /** @private @param {Locale} locale */
  words(locale) {
    return wordsOf(locale, this.lang, this.settings.translations);
  }

  /** @private */
  skeleton() {
    return skeleton(this.lang, this.latestLocale().then((locale) => this.words(locale).loading));
  }

  /** Shows the prerendered selector once session and texts are loaded. @private */
  async showSelector() {
    const { settings } = this;
    const [locale, session] = await Promise.all([this.latestLocale(), this.known]);
    if (this.isStopped || this.isLive || this.settings !== settings) return;
    if (this.hasFailed && !this.isHostedUsable) return;
    const facts = session && selectorFacts(session.value, settings.strict);
    const selector = facts && drawSelector(locale, this.words(locale), facts, settings.strict);
    const old = this.preview;
    if (!facts || !selector) {
      if (old) this.removePreview();
      return;
    }
    if (old && old.isDown) return old.whenReleased(() => this.showSelector().catch(() => {}));
    const focused = old ? old.focusedSelector() : "";
    const container = this.stage.make();
    container.appendChild(selector);
    const preview = this.newPreview(container, facts);
    this.stage.replace(container);
    this.setPreview(preview);
    if (old && facts.methods.includes(old.picked)) {
      preview.pick(old.picked);
      if (old.isPressed) preview.press();
    }
    const target = focused && container.querySelector(focused);
    if (target) /** @type {HTMLElement} */ (target).focus({ preventScroll: true });
    if (this.hasFailed && facts.hostedUrl) preview.useHostedPage();
  }

  /** Shows the skeleton again if changed options leave no selector to draw. @private */
  removePreview() {
    const container = this.stage.make();
    container.appendChild(this.skeleton());
    this.stage.replace(container);
    this.preview = null;
    this.port.setState("loading");
  }

  /** @private @param {HTMLElement} container @param {import("./session.js").Facts} facts */
  newPreview(container, facts) {
    return new Preview(container, facts, {
      // A listener may end this run.
      emit: (name, detail, cancelable) => this.port.emit(name, detail, cancelable) && !this.isStopped,
      onPress: () => this.limitPress(),
    });
  }

  /** Limits a press's wait for files that do not arrive. @private */
  limitPress() {
    clearTimeout(this.pressTimer);
    this.pressTimer = setTimeout(() => {
      if (this.preview && this.preview.isPressed && !(this.live && this.live.isOpen())) this.fail(loadFailed("the app"));
    }, PRESS_TIMEOUT_MS);
  }

  /** @private @param {Preview} preview */
  setPreview(preview) {
    this.preview = preview;
    this.latestLocale().then((locale) => preview.setWords(this.words(locale)), () => {});
    this.port.setState("selecting");
    this.port.offerCommands();
  }

  /** @private @param {import("./loader.js").App} app @param {Locale} locale */
  mount(app, locale) {
    const { preview, session, settings } = this;
    const container = this.stage.make();
    const choice = preview ? preview.choice() : undefined;
    const live = new Live(app, (trap) => this.fail(trap));
    this.live = live;
    if (this.isConfirmWaiting) this.previewPress = live.presses.follow();
    let isShown = false;
    const show = () => {
      isShown = true;
      if (live.isOpen()) this.replacePreview(container, choice);
    };
    try {
      const isOpen = live.open({
        container,
        prefetched: this.response,
        options: bare({
          ...this.options(locale),
          session: session && (session.text || JSON.stringify(session.value)),
          selected: choice,
        }),
        emit: (name, detail, cancelable) => !this.isOver() && this.onAppEvent(name, detail, cancelable),
        shown: show,
        log: (code, message) => log({ code, message }),
        formatAmount: (value, currency) => formatAmount(value, currency, this.loaded || locale),
      });
      if (!isOpen) return;
    } catch (reason) {
      return this.fail(faultOf(reason));
    }
    if (this.isOver()) return live.end(this.fault || destroyed()); // A listener has ended it.
    if (isShown) this.replacePreview(container, choice);
    this.port.offerCommands();
    const problem = app.environmentProblem(settings.strict.environment);
    if (problem) this.report(problem);
    if (this.settings !== settings) this.sendOptions();
  }

  /**
   * Replaces the preview by the live app once no press is in progress.
   * @private
   * @param {HTMLElement} container
   * @param {string | undefined} choice
   */
  replacePreview(container, choice) {
    const takeOver = () => this.takeOver(container, choice);
    if (this.preview) this.preview.whenReleased(takeOver);
    else takeOver();
  }

  /**
   * Replaces the skeleton or the preview by the live app, in one task.
   * @private
   * @param {HTMLElement} container the app's
   * @param {string | undefined} choice the wallet that the app was opened with
   */
  takeOver(container, choice) {
    if (this.isOver() || this.isLive) return;
    this.isLive = true;
    const { preview } = this;
    const focused = preview ? preview.focusedSelector() : "";
    const old = this.stage.container;
    this.stage.container = container;
    applyTheme(container, this.settings, this.port.host);
    this.port.root.insertBefore(container, old);
    const target = focused && (container.querySelector(focused) || container.querySelector("[data-heading]"));
    if (target) /** @type {HTMLElement} */ (target).focus({ preventScroll: true });
    old.remove();
    this.preview = null;
    this.stage.addStyles();
    dropServerStyles(this.port.root);
    this.dress();
    // In a microtask: the Wasm's call is still on the stack.
    queueMicrotask(() => {
      const { live } = this;
      if (!live || !live.isOpen()) return;
      // On another screen a press would mean something else, and changed options may leave no preview.
      const selector = container.querySelector('[data-state="selecting"]');
      const isRepeated = preview && selector && preview.repeatIn(selector, choice, () => live.call("confirm"));
      if (!isRepeated) live.presses.settle();
    });
  }

  /**
   * @private
   * @param {import("./names.js").EventName} name
   * @param {any} detail
   * @param {boolean} cancelable
   */
  onAppEvent(name, detail, cancelable) {
    const { port, live } = this;
    if (name === "state-change") port.setState(detail.to);
    if (name === "load-error" || (name === "error" && detail.type === "integration_error")) log(detail);
    if (name === "ready" && live) live.isReady = true;
    const isAllowed = port.emit(name, detail, cancelable);
    if (live) live.presses.take(name, detail, isAllowed);
    if (name === "ready") {
      port.offerCommands();
      this.previewPress = null;
    }
    if (name === "load-error") port.rejectCommands(detail);
    // A listener may have ended this run.
    return isAllowed && !this.isOver();
  }

  /** Returns the options for the Wasm. @private @param {Locale} locale */
  options(locale) {
    return { ...this.settings.strict, lang: locale.lang, dir: directionOf(locale.lang), texts: this.words(locale) };
  }

  /** Passes changed options to the app. @private */
  async sendOptions() {
    const locale = await this.latestLocale().catch(() => null);
    const problem = locale && this.live && this.live.update(this.options(locale));
    if (problem) this.report(problem);
  }

  /** Reports a fault to the page's author. @private @param {Fault} problem */
  report(problem) {
    log(problem);
    this.port.emit("error", problem, false);
  }

  /** @private */
  end() {
    clearTimeout(this.timer);
    clearTimeout(this.pressTimer);
    if (this.live) this.live.end(this.fault || destroyed());
  }

  /** @private @param {Fault} fault */
  showFailure(fault) {
    const { port } = this;
    const retry = fault.code === "internal" ? () => location.reload() : fault.retryable ? port.restart : null;
    const hostedUrl = this.known.then((session) => (session ? hostedAddress(session.value) : ""));
    const known = this.locale.then((locale) => ({ lang: locale.lang, texts: this.words(locale) }), () => null);
    /** @type {Promise<null>} */
    const limit = new Promise((done) => setTimeout(() => done(null), APP_DELAY_MS));
    const texts = Promise.race([known, limit]);
    port.setState("unavailable");
    texts.then((words) => {
      if (this.isStopped) return;
      const { stage } = this;
      const container = stage.make(); // The Wasm may still hold the old one.
      container.appendChild(failure(words || builtinTexts(this.lang), fault, retry, hostedUrl));
      const embed = port.root.querySelector("[data-embed]");
      if (embed && embed !== stage.container) embed.remove();
      stage.replace(container);
      stage.addStyles();
    });
    port.emit("load-error", fault, false);
  }

  /** Applies theme, variables and rules. @private */
  dress() {
    for (const selector of this.stage.dress()) {
      this.report(misuse(`appearance has a rule ${selector} that this browser does not know`));
    }
  }
}
