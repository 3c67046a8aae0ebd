// @ts-check
// One run of a checkout: skeleton, prerendered selector, live app, or a failure screen.

import { afterPaint } from "./after-paint.js";
import { builtinTexts } from "./builtin-texts.js";
import { directionOf } from "./direction.js";
import { drawSelector } from "./draw-selector.js";
import { adoptEmbed } from "./embed.js";
import { environmentFor } from "./environment.js";
import { destroyed, fault, faultOf, loadFailed, log, misuse, submitPrevented } from "./fault.js";
import { failure } from "./failure.js";
import { formatAmount } from "./format.js";
import { forgetApp, loadApp } from "./loader.js";
import { forgetLocales, loadLocale, wordsOf } from "./locale.js";
import { bare } from "./own.js";
import { Preview } from "./preview.js";
import { fetchSession, hostedAddress, selectorFacts } from "./session.js";
import { skeleton } from "./skeleton.js";
import { Stage } from "./stage.js";

/** @typedef {import("./fault.js").Fault} Fault */
/** @typedef {import("./live.js").Live} Live */
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
/** Limit of the wait for anything but the skeleton. */
const LOAD_TIMEOUT_MS = 30000;
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
    /** The reason of the failure. @type {Fault | null} */
    this.fault = null;
    /** True if the app could not be loaded, and the hosted page takes the payment. @private */
    this.isHostedUsable = false;
    /** @private @type {ReturnType<typeof setTimeout> | undefined} */
    this.pressTimer = undefined;
    /** @private @type {ReturnType<typeof setTimeout> | undefined} */
    this.loadTimer = undefined;
    /** @private */
    this.isStopped = false;
    /** True if the app's first screen is on the page. */
    this.isLive = false;
    /** @private */
    this.abort = new AbortController();
    /** @private */
    this.locale = loadLocale(lang);
    this.locale.catch(() => {}); // Reported where it is needed.
    /** @private @type {Locale | undefined} */
    this.loaded = undefined;
    /** @type {Promise<Response> | undefined} */
    this.response = undefined;
    /** The session, once it is known. @private @type {Promise<PageSession | null>} */
    this.known = Promise.resolve(session);
    /** @type {Preview | null} */
    this.preview = null;
    /** @private @type {Live | null} */
    this.live = null;
    /** True if a call of `confirm()` has pressed the preview, and waits for the app. */
    this.isConfirmWaiting = false;
    /** @private @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
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
    this.loadTimer = setTimeout(() => this.giveUp(), LOAD_TIMEOUT_MS);
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
    if (this.live) this.live.sendOptions();
    if (!this.isLive && isRedrawn) this.showSelector().catch(() => {});
  }

  /**
   * Executes a call of the page's author. Returns its result, or false if it has to wait.
   * @param {import("./commands.js").CommandName} name
   */
  take(name) {
    const { live, preview } = this;
    if (live && live.isCallable()) return live.take(name);
    if (this.fault && (!preview || name === "cancel")) throw this.fault;
    if (!preview || name === "cancel") return false;
    if (name === "focus") return void preview.focus();
    const isAllowed = preview.press();
    if (!preview.picked) throw fault("integration_error", "nothing_selected", "no wallet is picked yet");
    // On the hosted page.
    if (this.fault) return isAllowed ? { state: "awaiting" } : { state: "selecting", error: submitPrevented() };
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
    if (this.isOver()) return;
    this.live = new app.Live(this);
    this.live.open(locale);
    if (this.isOver()) this.end(); // A listener has ended it.
  }

  /** Ends the wait for files that neither arrive nor fail, if there is no selector either. @private */
  giveUp() {
    if (this.preview || this.isLive) return;
    forgetApp();
    forgetLocales();
    this.fail(loadFailed("the app"));
  }

  /** True after a failure or after the end. */
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

  /** The locale of the current language. @returns {Promise<Locale>} */
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
    const container = this.stage.make();
    container.appendChild(selector);
    const preview = this.newPreview(container, facts);
    this.stage.replace(container, old ? old.focusedSelector() : "");
    this.setPreview(preview);
    if (old && facts.methods.includes(old.picked)) {
      preview.pick(old.picked);
      if (old.isPressed) preview.press();
    }
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

  /** Returns the options for the Wasm. @param {Locale} locale */
  options(locale) {
    const { strict } = this.settings;
    const environment = environmentFor(strict.environment);
    return { ...strict, environment, lang: locale.lang, dir: directionOf(locale.lang), texts: this.words(locale) };
  }

  /** Formats an amount for the app. @param {string} value @param {string} currency @param {Locale} locale before another is loaded */
  formatAmount(value, currency, locale) {
    return formatAmount(value, currency, this.loaded || locale);
  }

  /**
   * For the second bundle, which has a copy of `fault.js` of its own: each problem is written once.
   * @param {{ code: string, message: string }} problem
   */
  log(problem) {
    log(problem);
  }

  /** Reports a fault to the page's author. @param {Fault} problem */
  report(problem) {
    log(problem);
    this.port.emit("error", problem, false);
  }

  clearTimers() {
    for (const timer of [this.timer, this.pressTimer, this.loadTimer]) clearTimeout(timer);
  }

  /** @private */
  end() {
    this.clearTimers();
    if (this.live) this.live.end(this.fault || destroyed());
  }

  /** @private @param {Fault} fault */
  showFailure(fault) {
    const { port } = this;
    const retry = fault.code === "internal" ? () => location.reload() : fault.retryable ? port.restart : null;
    const hostedUrl = this.known.then((session) => (session ? hostedAddress(session.value) : ""));
    const known = this.locale.then((locale) => ({ lang: locale.lang, texts: this.words(locale) })).catch(() => null);
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

  /** Applies theme, variables and rules. */
  dress() {
    for (const selector of this.stage.dress()) {
      this.report(misuse(`appearance has a rule ${selector} that this browser does not know`));
    }
  }
}
