// @ts-check
// One life of a checkout: skeleton, prerendered selector, live app, or a failure screen.

import { VERSION } from "./built.js";
import { crashed, faultOf, loadFailed, log, misuse } from "./fault.js";
import { failure } from "./failure.js";
import { formatAmount } from "./format.js";
import { loadApp } from "./loader.js";
import { directionOf, loadLocale, wordsOf } from "./locale.js";
import { bare } from "./own.js";
import { Preview, drawSelector } from "./preview.js";
import { fetchSession, hostedAddress, selectorFacts } from "./session.js";
import { applyRules, applyTheme, dropServerStyles, styleRoot } from "./sheet.js";
import { skeleton } from "./skeleton.js";

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

/** The longest time that loading the app waits for the preview. */
const APP_DELAY_MS = 1000;
/** A press waits so long for the app, and then leads to the hosted page. */
const PRESS_TIMEOUT_MS = 15000;
/** A failure waits so long for the selector, which may be usable without the app. */
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
    /** Why it failed. @private @type {Fault | null} */
    this.fault = null;
    /** The app could not be loaded, and the hosted page takes the payment. @private */
    this.isHostedUsable = false;
    /** @private @type {ReturnType<typeof setTimeout> | undefined} */
    this.pressTimer = undefined;
    /** @private */
    this.isStopped = false;
    /** @private */
    this.isReady = false;
    /** The app's first screen is on the page. @private */
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
    /** The session, as soon as there is one. @private @type {Promise<PageSession | null>} */
    this.known = Promise.resolve(session);
    /** @private @type {Preview | null} */
    this.preview = null;
    /** @private @type {import("./loader.js").App | undefined} */
    this.app = undefined;
    /** @private @type {import("./glue.js").Handle | null} */
    this.handle = null;
    /** @private @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @private */
    this.onTrap = () => this.crash();
    /** The container that is on the page. @private @type {HTMLElement} */
    this.container = this.makeContainer();
  }

  /** Shows the skeleton, or the server's selector, and loads the rest. */
  begin() {
    const { port, settings } = this;
    port.setState("loading");
    if (!this.session) this.read();
    if (!this.adoptEmbed()) {
      this.addStyles();
      if (settings.loader !== "never") this.container.appendChild(skeleton(this.lang));
      port.root.appendChild(this.container);
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
    this.settings = settings;
    this.lang = lang;
    this.dress();
    if (this.handle) this.sendOptions();
    if (!this.isLive && isRedrawn) this.showSelector().catch(() => {});
  }

  /**
   * Takes a call of the page's author; false if it has to wait.
   * @param {import("./commands.js").CommandName} name
   */
  take(name) {
    const { handle, preview } = this;
    if (handle && this.isReady) {
      try {
        handle[name]();
        return true;
      } catch (reason) {
        if (!this.app || !this.app.noteTrap(reason)) this.crash();
        throw crashed();
      }
    }
    if (this.fault && (!preview || name === "cancel")) throw this.fault;
    if (!preview || name === "cancel") return false;
    if (name === "focus") preview.focus();
    else preview.press();
    return true;
  }

  /** @param {Fault} fault @param {boolean} [isReported] the page has had the `error` event */
  fail(fault, isReported) {
    if (this.hasFailed || this.isStopped) return;
    this.hasFailed = true;
    this.fault = fault;
    this.end();
    if (!isReported) {
      log(fault);
      this.port.emit("error", fault, false);
      if (this.isStopped) return; // By a listener of the event.
    }
    this.port.rejectCommands(fault);
    // Where the app cannot run, the selector needs only the session; options that are wrong have none.
    this.isHostedUsable = !isReported && !this.isLive;
    if (this.preview && this.preview.facts.hostedUrl) return this.preview.useHostedPage();
    if (!this.isHostedUsable) return this.showFailure(fault);
    // The selector may still be on its way.
    const selector = this.showSelector().catch(() => {});
    Promise.race([selector, new Promise((done) => setTimeout(done, SELECTOR_TIMEOUT_MS))]).then(() => {
      if (!this.isStopped && !this.preview) this.showFailure(fault);
    });
  }

  stop() {
    this.isStopped = true;
    this.end();
    this.abort.abort();
    this.container.remove();
  }

  /** @private */
  async load() {
    const delay = new Promise((resolve) => (this.timer = setTimeout(resolve, APP_DELAY_MS)));
    // Without its preview the selector comes with the app.
    await Promise.race([this.preview || this.showSelector().catch(() => {}), delay]);
    clearTimeout(this.timer);
    if (this.isOver()) return;
    const loading = loadApp();
    this.read();
    const app = await loading;
    const locale = await this.latestLocale();
    if (!this.isOver()) this.mount(app, locale);
  }

  /** True after a failure or the end. @private */
  isOver() {
    return this.isStopped || this.hasFailed;
  }

  /** Asks for the session, once. @private */
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

  /** Uses the selector that a server wrote into the page, if this loader would draw the same. @private */
  adoptEmbed() {
    const { root } = this.port;
    const container = /** @type {HTMLElement | null} */ (root.querySelector("[data-embed]"));
    if (!container) return false;
    const { settings, session, lang } = this;
    const facts = session && selectorFacts(session.value, settings.strict);
    const methods = [...container.querySelectorAll("input")].map((radio) => radio.value).join();
    const isOurs =
      container.getAttribute("data-version") === VERSION &&
      container.querySelector(`[lang="${lang}"] [data-layout="${settings.strict.layout}"]`) &&
      !container.querySelector('[data-slot="pay"]') === !settings.strict.showPayButton;
    if (!facts || !isOurs || methods !== facts.methods.join()) {
      while (root.lastChild) root.removeChild(root.lastChild);
      return false;
    }
    this.container = container;
    this.setPreview(this.newPreview(container, facts));
    return true;
  }

  /** Shows the prerendered selector as soon as session and texts are there. @private */
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
    if (old && old.isHeld()) return old.whenReleased(() => this.showSelector().catch(() => {}));
    const focused = old ? old.focusedSelector() : "";
    const container = this.makeContainer();
    container.appendChild(selector);
    const preview = this.newPreview(container, facts);
    this.replace(container);
    this.setPreview(preview);
    if (old && facts.methods.includes(old.picked)) {
      preview.pick(old.picked);
      if (old.isPressed) preview.press();
    }
    const target = focused && container.querySelector(focused);
    if (target) /** @type {HTMLElement} */ (target).focus({ preventScroll: true });
    if (this.hasFailed && facts.hostedUrl) preview.useHostedPage();
  }

  /** Shows the skeleton again where changed options leave no selector to draw. @private */
  removePreview() {
    const container = this.makeContainer();
    container.appendChild(skeleton(this.lang));
    this.replace(container);
    this.preview = null;
    this.port.setState("loading");
  }

  /** @private @param {HTMLElement} container @param {import("./session.js").Facts} facts */
  newPreview(container, facts) {
    return new Preview(container, facts, {
      // A listener may end this run: then nothing may follow.
      emit: (name, detail, cancelable) => this.port.emit(name, detail, cancelable) && !this.isStopped,
      onPress: () => this.limitPress(),
    });
  }

  /** A press does not wait for files that never come. @private */
  limitPress() {
    clearTimeout(this.pressTimer);
    this.pressTimer = setTimeout(() => {
      if (this.preview && this.preview.isPressed && !this.handle) this.fail(loadFailed("the app"));
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
    const container = this.makeContainer();
    const choice = preview ? preview.choice() : undefined;
    let isShown = false;
    const show = () => {
      isShown = true;
      if (this.handle) this.replacePreview(container, choice);
    };
    this.app = app;
    app.watchTraps(this.onTrap);
    try {
      const handle = app.open({
        container,
        prefetched: this.response,
        options: bare({
          ...this.options(locale),
          session: session && (session.text || JSON.stringify(session.value)),
          selected: choice,
        }),
        emit: (name, detail, cancelable) => !this.isOver() && this.onAppEvent(name, detail, cancelable),
        shown: show,
        formatAmount: (value, currency) => formatAmount(value, currency, this.loaded || locale),
      });
      this.handle = handle;
      if (this.isOver()) return this.end(); // A listener has ended it.
    } catch (reason) {
      if (!app.noteTrap(reason)) this.fail(faultOf(reason));
      return;
    }
    if (isShown) this.replacePreview(container, choice);
    this.port.offerCommands();
    if (this.settings !== settings) this.sendOptions();
  }

  /**
   * Lets the live app take over as soon as no press is half done.
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
    const old = this.container;
    this.container = container;
    applyTheme(container, this.settings, this.port.host);
    this.port.root.insertBefore(container, old);
    const target = focused && (container.querySelector(focused) || container.querySelector("[data-heading]"));
    if (target) /** @type {HTMLElement} */ (target).focus({ preventScroll: true });
    old.remove();
    this.preview = null;
    this.addStyles();
    dropServerStyles(this.port.root);
    this.dress();
    // In a microtask: the Wasm's call is still on the stack.
    if (preview) queueMicrotask(() => this.carryOn(preview, choice));
  }

  /**
   * Repeats in the live app what was done in the preview after the app was opened.
   * @private
   * @param {Preview} preview
   * @param {string | undefined} choice the wallet that the app was opened with
   */
  carryOn(preview, choice) {
    const { container, handle } = this;
    // On another screen the press would mean something else.
    const selector = container.querySelector('[data-state="selecting"]');
    if (!handle || !selector) return;
    const radio = /** @type {HTMLInputElement | null} */ (selector.querySelector(`input[value="${preview.picked}"]`));
    if (radio && preview.choice() !== choice) radio.click();
    if (preview.isPressed ? radio && radio.checked : preview.isAsking()) handle.confirm();
  }

  /**
   * @private
   * @param {import("./names.js").EventName} name
   * @param {any} detail
   * @param {boolean} cancelable
   */
  onAppEvent(name, detail, cancelable) {
    const { port } = this;
    if (name === "state-change") port.setState(detail.to);
    if (name === "ready") this.isReady = true;
    const isAllowed = port.emit(name, detail, cancelable);
    if (name === "ready") port.offerCommands();
    if (name === "load-error") port.rejectCommands(detail);
    // A listener may have ended this run: then nothing may follow.
    return isAllowed && !this.isOver();
  }

  /** The options that the Wasm reads. @private @param {Locale} locale */
  options(locale) {
    return { ...this.settings.strict, lang: locale.lang, dir: directionOf(locale), texts: this.words(locale) };
  }

  /** Hands changed options over. @private */
  async sendOptions() {
    const locale = await this.latestLocale().catch(() => null);
    if (!locale || !this.handle || !this.app) return;
    try {
      this.handle.update(this.app.appOptions(bare(this.options(locale))));
    } catch (reason) {
      if (!this.app.noteTrap(reason)) this.port.emit("error", misuse(`the Wasm refuses ${reason}`), false);
    }
  }

  /** After a trap nothing may be called in any more. @private */
  crash() {
    this.handle = null;
    // In a microtask: the call that trapped is still on the stack.
    queueMicrotask(() => this.fail(crashed()));
  }

  /** @private */
  end() {
    const { handle, app } = this;
    this.handle = null;
    clearTimeout(this.timer);
    clearTimeout(this.pressTimer);
    if (app) app.unwatchTraps(this.onTrap);
    if (!handle) return;
    handle.unmount();
    handle.free();
  }

  /** @private @param {Fault} fault */
  showFailure(fault) {
    const { port } = this;
    const retry = fault.code === "internal" ? () => location.reload() : fault.retryable ? port.restart : null;
    const hostedUrl = this.known.then((session) => (session ? hostedAddress(session.value) : ""));
    const known = this.locale.then((locale) => this.words(locale), () => null);
    /** @type {Promise<null>} */
    const limit = new Promise((done) => setTimeout(() => done(null), APP_DELAY_MS));
    const texts = Promise.race([known, limit]);
    port.setState("unavailable");
    texts.then((words) => {
      if (this.isStopped) return;
      const container = this.makeContainer(); // The Wasm may still hold the old one.
      container.appendChild(failure(this.lang, words, fault, retry, hostedUrl));
      const embed = port.root.querySelector("[data-embed]");
      if (embed && embed !== this.container) embed.remove();
      this.replace(container);
      this.addStyles();
    });
    port.emit("load-error", fault, false);
  }

  /** @private */
  makeContainer() {
    const container = document.createElement("div");
    container.className = "oc";
    applyTheme(container, this.settings, this.port.host);
    return container;
  }

  /** @private @param {HTMLElement} container */
  replace(container) {
    if (this.container.parentNode) this.container.replaceWith(container);
    else this.port.root.appendChild(container);
    this.container = container;
  }

  /** @private */
  addStyles() {
    styleRoot(this.port.root, this.settings.cspNonce || this.port.host.nonce || "");
  }

  /** Theme, variables and rules. @private */
  dress() {
    const { port, settings } = this;
    applyTheme(this.container, settings, port.host);
    for (const selector of applyRules(port.root, settings.rules)) {
      port.emit("error", misuse(`appearance has a rule ${selector} that this browser does not know`), false);
    }
  }
}
