// @ts-check
// <open-cashier>: options in, events out, and the life of one checkout in between.
// Everything about a payment is decided in the Wasm.

import css from "./opencashier.css";
import { crashed, fault, fetchSession, isTrap, loadTexts, loadWasm, negotiate, unwatchTraps, watchTraps } from "./loader.js";
import { copy } from "./copy.js";
import { breath, inTurn, painted } from "./turn.js";
import { OPTIONS, kebab, readOptions } from "./options.js";
import { failure, skeleton } from "./screens.js";

/** @typedef {import("./loader.js").Fault} Fault */
/**
 * One life of a checkout: from being put on the page to being taken off it.
 * @typedef {{ identity: string, lang: string, settings: import("./options.js").Settings, div: HTMLDivElement,
 *   handle: any, abort: AbortController, session: Promise<Response>, copy: Response | null,
 *   isReady: boolean, hasFailed: boolean, seen: string, trapped: () => void }} Run
 */

const EVENTS = [
  "ready", "load-error", "change", "submit", "action-handled", "before-redirect", "state-change",
  "expired", "refreshed", "payment-completed", "payment-failed", "payment-pending", "cancel", "error",
];
const pascal = (/** @type {string} */ name) => name.replace(/(^|-)(.)/g, (_, __, letter) => letter.toUpperCase());
const CALLBACKS = EVENTS.map((name) => `on${pascal(name)}`);
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement || class {}); // On a server there is none.

/** @type {CSSStyleSheet | null | undefined} */
let shared;
/** The one sheet of all checkouts; null where the browser cannot share sheets. */
function sharedSheet() {
  if (shared === undefined) {
    try {
      shared = new CSSStyleSheet();
      shared.replaceSync(css);
    } catch {
      shared = null;
    }
  }
  return shared;
}

/** The page's author is to mend it. @param {string} message */
const misuse = (message) => fault("integration_error", "option_invalid", message);

const place = () => {
  const div = document.createElement("div");
  div.className = "oc";
  return div;
};

/** @param {any} handle of the Wasm, if there is one */
function end(handle) {
  if (!handle) return;
  handle.unmount();
  handle.free();
}

/** Theme and variables. @param {Run} run */
function clothe({ div, settings }) {
  div.dataset.theme = settings.theme;
  div.dataset.loader = settings.loader;
  for (const name of [...div.style]) div.style.removeProperty(name);
  for (const [name, value] of settings.variables) div.style.setProperty(name, value);
}

export class CheckoutElement extends Base {
  static version = "0.1.0";
  static observedAttributes = OPTIONS.map(kebab);

  /** @type {Record<string, unknown>} Options and callbacks that were set as properties. */
  #own = {};
  /** @type {Run | null} */
  #run = null;
  #isScheduled = false;
  #isDestroyed = false;
  /** @type {{ method: string, resolve: () => void, reject: (reason: unknown) => void }[]} */
  #waiting = [];
  /** @type {[string, any, any][]} */
  #listeners = [];

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    const sheet = sharedSheet();
    if (sheet) root.adoptedStyleSheets = [sheet];
    // What a framework set before this class was known hides the accessors below.
    for (const name of [...OPTIONS, ...CALLBACKS]) {
      if (Object.prototype.hasOwnProperty.call(this, name)) {
        const self = /** @type {any} */ (this);
        const value = self[name];
        delete self[name];
        self[name] = value;
      }
    }
  }

  connectedCallback() {
    this.#isDestroyed = false;
    this.#schedule();
  }

  disconnectedCallback() {
    // A page that moves the element must not lose its checkout: moved is not removed.
    queueMicrotask(() => {
      if (!this.isConnected) this.#stop();
    });
  }

  /** Being moved by `moveBefore` changes nothing. */
  connectedMoveCallback() {}

  attributeChangedCallback() {
    this.#schedule();
  }

  /** @param {string} name */
  option(name) {
    if (name in this.#own) return this.#own[name];
    const attribute = OPTIONS.includes(name) && this.getAttribute(kebab(name));
    return attribute === null || attribute === false ? undefined : attribute;
  }

  /** @param {string} name @param {unknown} value */
  setOption(name, value) {
    if (value === undefined) delete this.#own[name];
    else this.#own[name] = value;
    if (OPTIONS.includes(name)) this.#schedule();
  }

  /** @param {Record<string, unknown>} options */
  update(options) {
    for (const [name, value] of Object.entries(options || {})) {
      if (OPTIONS.includes(name) || CALLBACKS.includes(name)) this.setOption(name, value);
      else this.#emit("error", misuse(`there is no option ${name}`));
    }
    return this;
  }

  /** @param {string | Element} target */
  mount(target) {
    let place = null;
    try {
      place = typeof target === "string" ? document.querySelector(target) : target;
    } catch {
      // Not a selector: told below.
    }
    if (place instanceof Element) place.append(this);
    else this.#emit("error", misuse(`mount(${target}) found no element`));
    return this;
  }

  unmount() {
    this.remove();
    return this;
  }

  destroy() {
    this.#isDestroyed = true;
    this.#stop();
    this.#giveUp(fault("integration_error", "destroyed", "the checkout was destroyed"));
    this.remove();
    for (const [name, , listener] of this.#listeners.splice(0)) this.removeEventListener(name, listener);
  }

  /** As if the shopper pressed "pay"; resolves when the checkout has taken it. */
  confirm() {
    return this.#command("confirm");
  }

  cancel() {
    return this.#command("cancel");
  }

  focus() {
    return this.#command("focus");
  }

  /** @param {string} name @param {(event: CustomEvent) => void} listener */
  on(name, listener) {
    return this.#listen(name, listener, listener);
  }

  /** @param {string} name @param {(event: CustomEvent) => void} listener */
  once(name, listener) {
    return this.#listen(name, listener, (/** @type {CustomEvent} */ event) => {
      this.off(name, listener);
      listener.call(this, event);
    });
  }

  /** @param {string} name @param {(event: CustomEvent) => void} [listener] all where absent */
  off(name, listener) {
    const full = `cashier-${name}`;
    this.#listeners = this.#listeners.filter(([known, original, actual]) => {
      const isMeant = known === full && (!listener || original === listener);
      if (isMeant) this.removeEventListener(known, actual);
      return !isMeant;
    });
    return this;
  }

  /** @param {string} name @param {any} original @param {any} actual */
  #listen(name, original, actual) {
    this.#listeners.push([`cashier-${name}`, original, actual]);
    this.addEventListener(`cashier-${name}`, actual);
    return this;
  }

  /** Many changes in one go are one change; the first is a task of its own, after the script's. */
  async #schedule() {
    if (this.#isScheduled || !this.isConnected || this.#isDestroyed) return;
    this.#isScheduled = true;
    await (this.#run ? null : breath());
    this.#isScheduled = false;
    if (this.isConnected && !this.#isDestroyed) this.#apply();
  }

  #apply() {
    const { settings, problems } = readOptions((name) => this.option(name));
    const identity = `${settings.strict.apiBase} ${settings.strict.clientSecret}`;
    let run = this.#run;
    if (!run || run.identity !== identity || run.hasFailed) run = this.#begin(identity, settings);
    run.settings = settings;
    run.lang = negotiate(settings.locale, this);
    this.#dress(run);
    const faults = problems.map(({ message }) => misuse(message));
    const fatal = faults[problems.findIndex(({ isFatal }) => isFatal)];
    const seen = JSON.stringify([problems, settings]);
    if (run.seen === seen) return;
    const isFirst = !run.seen;
    run.seen = seen;
    for (const problem of faults) this.#emit("error", problem);
    if (fatal) this.#fail(run, fatal, true);
    else if (isFirst) this.#load(run);
    else this.#hand(run);
  }

  /** @param {string} identity @param {import("./options.js").Settings} settings @returns {Run} */
  #begin(identity, settings) {
    this.#stop();
    const div = place();
    const trapped = () => this.#run && this.#run.div.isConnected && this.#crash(this.#run);
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    if (!sharedSheet() && !root.querySelector("style")) {
      const style = document.createElement("style");
      style.nonce = settings.cspNonce || this.nonce || "";
      style.textContent = css;
      root.append(style);
    }
    root.append(div);
    this.setAttribute("data-state", "loading");
    this.#run = {
      identity, settings, div, lang: "en", handle: null, abort: new AbortController(),
      session: Promise.reject(), copy: null, isReady: false, hasFailed: false, seen: "", trapped,
    };
    this.#run.session.catch(() => {});
    return this.#run;
  }

  /** Wasm, texts and session side by side; the skeleton stands meanwhile. @param {Run} run */
  async #load(run) {
    const { settings, lang } = run;
    const { strict } = settings;
    const needed = Promise.all([loadWasm(), loadTexts(lang)]);
    needed.catch(() => {}); // Told below.
    if (settings.loader !== "never") run.div.replaceChildren(skeleton(lang));
    // What came with the page is shown as soon as there is something to show it, and read then.
    const read = () => fetchSession(/** @type {any} */ (strict), run.abort.signal);
    const asked = Promise.resolve().then(() => (strict.session ? new Response(strict.session) : read()));
    run.session = asked.then((response) => {
      run.copy = response.clone(); // For the link to the hosted page, if it comes to that.
      return response;
    });
    run.session.catch(() => {}); // The Wasm hears of it; without Wasm nobody needs to.
    try {
      const [mount, texts] = await needed;
      await breath(); // Compiling is one task, and the first render another.
      if (this.#run !== run || run.hasFailed) return;
      const host = {
        emit: (/** @type {string} */ name, /** @type {any} */ detail, /** @type {boolean} */ cancelable) =>
          this.#run !== run || this.#hear(run, name, detail, cancelable),
        inTurn,
        // Called when it was taken off as well, and then does nothing: that is what frees it.
        painted: (/** @type {number} */ waitMs, /** @type {() => void} */ then) =>
          painted(waitMs).then(() => run.handle && then()),
        copy: (/** @type {string} */ text, /** @type {() => void} */ done) =>
          copy(text, run.div).then((isCopied) => isCopied && this.#run === run && run.handle && done()),
      };
      watchTraps(run.trapped);
      const reading = strict.session ? breath().then(read) : run.session;
      reading.catch(() => {}); // As above.
      const div = place(); // The skeleton stands until there is something to see.
      run.handle = mount(div, host, this.#strict(run), this.#words(run, texts), reading);
      do {
        await breath();
        if (this.#run !== run || !run.handle) return;
      } while (run.handle.proceed());
      this.#replace(run, div);
      if (run.settings !== settings || run.lang !== lang) this.#hand(run);
    } catch (reason) {
      if (this.#run !== run) return;
      const known = /** @type {any} */ (reason);
      if (known && known.code) this.#fail(run, known);
      else if (isTrap(reason)) this.#fail(run, crashed());
      else this.#fail(run, misuse(`the Wasm refuses ${reason}; all files must be of one version`));
    }
  }

  /** Hands changed options over. @param {Run} run */
  async #hand(run) {
    if (!run.handle) return; // The mount takes the latest.
    const texts = await loadTexts(run.lang).catch(() => null);
    if (this.#run !== run || !run.handle || !texts) return;
    try {
      run.handle.update({ ...this.#strict(run), texts: this.#words(run, texts) });
    } catch (reason) {
      if (isTrap(reason)) run.trapped();
      else this.#emit("error", misuse(`the Wasm refuses ${reason}`));
    }
  }

  /** @param {Run} run */
  #strict(run) {
    return { ...run.settings.strict, lang: run.lang };
  }

  /** The page's words over ours: by key, or by language and key. @param {Run} run @param {Record<string, string>} texts */
  #words({ settings: { translations }, lang }, texts) {
    const words = { ...texts };
    for (const [key, value] of [...Object.entries(translations), ...Object.entries(translations[lang] || {})]) {
      if (typeof value === "string" && key in texts) words[key] = value;
    }
    return words;
  }

  /** @param {Run} run @param {HTMLDivElement} div */
  #replace(run, div) {
    run.div.replaceWith(div);
    run.div = div;
    clothe(run);
  }

  /** Theme, variables and rules, by the CSSOM only, which no policy forbids. @param {Run} run */
  #dress(run) {
    clothe(run);
    const { settings } = run;
    const sheet = sharedSheet();
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    // Rules need what not every browser has.
    if (!sheet || (!settings.rules.length && root.adoptedStyleSheets.length < 2)) return;
    const own = new CSSStyleSheet();
    for (const [selector, declarations] of settings.rules) {
      try {
        const rule = /** @type {CSSStyleRule} */ (own.cssRules[own.insertRule(`.oc ${selector} {}`)]);
        for (const [name, value] of declarations) rule.style.setProperty(name, value);
      } catch {
        this.#emit("error", misuse(`appearance has a rule ${selector} that this browser does not know`));
      }
    }
    root.adoptedStyleSheets = [sheet, own];
  }

  /**
   * What the Wasm tells. @param {Run} run @param {string} name @param {any} detail @param {boolean} cancelable
   */
  #hear(run, name, detail, cancelable) {
    if (name === "state-change") this.setAttribute("data-state", detail.to);
    if (name === "ready") run.isReady = true;
    const answer = this.#emit(name, detail, cancelable);
    if (name === "ready") this.#flush();
    if (name === "load-error") this.#giveUp(detail);
    return answer;
  }

  /** After a trap. @param {Run} run */
  #crash(run) {
    run.handle = null; // Nothing may be called in any more.
    queueMicrotask(() => this.#run === run && this.#fail(run, crashed()));
  }

  /** @param {Run} run @param {Fault} why @param {boolean} [isTold] */
  #fail(run, why, isTold) {
    const { handle, session } = run;
    run.handle = null;
    run.hasFailed = true;
    end(handle);
    const retry =
      why.code === "internal" ? () => location.reload() : why.retryable ? () => this.#schedule() : null;
    const hosted = session.then(() => run.copy && run.copy.json()).then(webAddress, () => "");
    const div = place();
    this.#replace(run, div); // The Wasm may still hold the old one.
    div.append(failure(run.lang, why, retry, hosted));
    this.setAttribute("data-state", "unavailable");
    this.#giveUp(why);
    if (!isTold) this.#emit("error", why);
    this.#emit("load-error", why);
  }

  #stop() {
    const run = this.#run;
    if (!run) return;
    this.#run = null;
    unwatchTraps(run.trapped);
    end(run.handle);
    run.abort.abort();
    run.div.remove();
  }

  /** @param {string} method @returns {Promise<void>} */
  #command(method) {
    /** @type {Promise<void>} */
    const done = new Promise((resolve, reject) => this.#waiting.push({ method, resolve, reject }));
    done.catch(() => {}); // Who does not wait for it does not want to hear of it.
    this.#flush();
    return done;
  }

  #flush() {
    const run = this.#run;
    if (!run || !run.isReady || !run.handle) return;
    for (const { method, resolve, reject } of this.#waiting.splice(0)) {
      try {
        run.handle[method]();
        resolve();
      } catch (reason) {
        if (isTrap(reason)) run.trapped();
        reject(asError(crashed())); // After a trap there is no handle for the others either.
      }
    }
  }

  /** @param {Fault} why */
  #giveUp(why) {
    for (const { reject } of this.#waiting.splice(0)) reject(asError(why));
  }

  /** @param {string} name @param {any} detail @param {boolean} [cancelable] */
  #emit(name, detail, cancelable = false) {
    const event = new CustomEvent(`cashier-${name}`, { bubbles: true, composed: true, cancelable, detail });
    this.dispatchEvent(event);
    const callback = this.#own[`on${pascal(name)}`];
    if (typeof callback === "function") {
      try {
        callback.call(this, event);
      } catch (error) {
        queueMicrotask(() => {
          throw error; // The page's own error, where its error reports look for it.
        });
      }
    }
    return !event.defaultPrevented;
  }
}

/** @param {Fault} why */
const asError = (why) => Object.assign(new Error(why.message), why);

/** @param {any} session */
function webAddress(session) {
  const url = session && session.hosted_url;
  return typeof url === "string" && /^https?:\/\//i.test(url) ? url : "";
}

for (const name of [...OPTIONS, ...CALLBACKS]) {
  Object.defineProperty(CheckoutElement.prototype, name, {
    configurable: true,
    enumerable: true,
    /** @this {CheckoutElement} */
    get() {
      return this.option(name);
    },
    /** @this {CheckoutElement} @param {unknown} value */
    set(value) {
      this.setOption(name, value);
    },
  });
}
