// The page around the widget, under the test's control: a scripted fetch, a virtual clock, and counts of
// timers and listeners. The body of a function that test_page.rs evaluates.
const real = {
  fetch: window.fetch,
  setTimeout: window.setTimeout,
  clearTimeout: window.clearTimeout,
  add: EventTarget.prototype.addEventListener,
  remove: EventTarget.prototype.removeEventListener,
  click: HTMLElement.prototype.click,
};
const KINDS = ["visibilitychange", "focus", "pageshow", "online", "pagehide", "WeixinJSBridgeReady"];
const page = {
  calls: [],
  events: [],
  prevented: new Set(),
  canCopy: true,
  timers: new Map(),
  listeners: new Set(),
  answers: [],
  streams: [],
  now: 5000,
  install() {
    let lastTimer = 1_000_000;
    window.setTimeout = (action, ms = 0) => {
      // Yew yields by a timeout of zero, which does not need the clock.
      if (ms === 0) return real.setTimeout.call(window, action, 0);
      page.timers.set(++lastTimer, { at: page.now + ms, action });
      return lastTimer;
    };
    window.clearTimeout = (id) => page.timers.delete(id) || real.clearTimeout.call(window, id);
    performance.now = () => page.now;
    const isOurs = (target, kind) => (target === window || target === document) && KINDS.includes(kind);
    // By listener, so that removals of an earlier test's widget are not counted.
    EventTarget.prototype.addEventListener = function (kind, listener, ...rest) {
      if (isOurs(this, kind)) page.listeners.add(listener);
      return real.add.call(this, kind, listener, ...rest);
    };
    EventTarget.prototype.removeEventListener = function (kind, listener, ...rest) {
      page.listeners.delete(listener);
      return real.remove.call(this, kind, listener, ...rest);
    };
    // A navigation of the whole window would end the tests.
    HTMLElement.prototype.click = function () {
      if (this instanceof HTMLAnchorElement && this.target === "_top") page.navigations.push(this.href);
      else real.click.call(this);
    };
    window.fetch = (request) => {
      const call = {
        method: request.method,
        url: request.url,
        headers: Object.fromEntries(request.headers),
        body: "",
        isAborted: false,
      };
      page.calls.push(call);
      return new Promise((resolve, reject) => {
        real.add.call(request.signal, "abort", () => {
          call.isAborted = true;
          reject(new DOMException("aborted", "AbortError"));
        });
        const scripted = request.url.endsWith("/events") ? { stream: true } : page.answers.shift();
        // Own members only: some tests pollute Object.prototype.
        const answer = scripted && Object.assign(Object.create(null), scripted);
        request.text().then((text) => {
          call.body = text;
          if (!answer) return; // Never answered.
          if ("reason" in answer) return reject(answer.reason);
          if (answer.stream) return page.streams.length && resolve(page.streams.shift());
          const headers = { "Content-Type": answer.type || "application/json", ...answer.headers };
          resolve(new Response(answer.text, { status: answer.status || 200, headers }));
        });
      });
    };
  },
  restore() {
    window.fetch = real.fetch;
    window.setTimeout = real.setTimeout;
    window.clearTimeout = real.clearTimeout;
    EventTarget.prototype.addEventListener = real.add;
    EventTarget.prototype.removeEventListener = real.remove;
    HTMLElement.prototype.click = real.click;
    delete performance.now;
    delete document.hidden;
    delete window.WeixinJSBridge;
  },
  /** Installs WeChat's bridge. Its calls wait until the test answers them. */
  bridge(hasEvent) {
    window.WeixinJSBridge = {
      invoke: (name, fields, answer) => page.bridgeCalls.push({ name, fields, answer }),
    };
    if (hasEvent) document.dispatchEvent(new Event("WeixinJSBridgeReady"));
  },
  bridgeCalls: [],
  answerBridge: (outcome) => page.bridgeCalls.shift().answer({ err_msg: `get_brand_wcpay_request:${outcome}` }),
  /** Answers with an object in JSON. */
  answerBridgeWith: (json) => page.bridgeCalls.shift().answer(JSON.parse(json)),
  /** Answers with an object whose members cannot be read. */
  answerBridgeUnreadably: () =>
    page.bridgeCalls.shift().answer({
      get err_msg() {
        throw new Error("no access");
      },
    }),
  /** Installs a bridge that throws. */
  brokenBridge() {
    window.WeixinJSBridge = {
      invoke() {
        throw new Error("no permission");
      },
    };
  },
  navigations: [],
  /** The callbacks that wait for the paint, while the test holds it back. */
  unpainted: null,
  holdPaint: () => (page.unpainted = []),
  /** Paints once. */
  paint() {
    for (const callback of page.unpainted.splice(0)) callback();
  },
  /** The callbacks that wait for the tab lock, while another tab holds it. */
  locked: null,
  holdLock: () => (page.locked = []),
  releaseLock() {
    for (const callback of page.locked.splice(0)) callback();
  },
  /** Called when an event of that name is dispatched, with its detail. */
  eventListeners: new Map(),
  listen: (name, listener) => page.eventListeners.set(name, listener),
  /** Hides the page, or shows it again. */
  hide(isHidden) {
    Object.defineProperty(document, "hidden", { configurable: true, value: isHidden });
    document.dispatchEvent(new Event("visibilitychange"));
  },
  host() {
    return {
      emit(name, detail, cancelable) {
        page.events.push({ name, detail, cancelable });
        const listener = page.eventListeners.get(name);
        if (listener) listener(detail);
        return !(cancelable && page.prevented.has(name));
      },
      log: (code, message) => page.events.push({ name: "log", detail: `${code}: ${message}`, cancelable: false }),
      shown: () => page.events.push({ name: "shown", detail: null, cancelable: false }),
      afterPaint: (callback) =>
        page.unpainted ? page.unpainted.push(callback) : real.setTimeout.call(window, callback, 0),
      withTabLock: (name, callback) => (page.locked ? page.locked.push(callback) : callback()),
      copy(text, done) {
        page.copied = text;
        done(page.canCopy);
      },
      formatTime: (ms, lang) => `${new Date(ms).toISOString().slice(11, 16)} ${lang}`,
      formatAmount: (value, currency) => (currency === "CNY" ? `¥${value}` : `${currency} ${value}`),
    };
  },
  /** A task of the browser's own, so that promises and body streams have settled. */
  task: () => new Promise((resolve) => real.setTimeout.call(window, resolve, 0)),
  after: (ms) => page.now + ms,
  /** Moves the clock to the next timer, at most to `until`; says whether one ran. */
  step(until) {
    const due = [...page.timers].filter(([, { at }]) => at <= until).sort((a, b) => a[1].at - b[1].at)[0];
    page.now = due ? Math.max(page.now, due[1].at) : until;
    if (!due) return false;
    page.timers.delete(due[0]);
    due[1].action();
    return true;
  },
  /** The next stream that is opened; returns what pushes a chunk into it, or ends it. */
  stream() {
    let controller;
    const body = new ReadableStream({ start: (given) => void (controller = given) });
    page.streams.push(new Response(body, { headers: { "Content-Type": "text/event-stream; charset=utf-8" } }));
    return (bytes) => (bytes === null ? controller.close() : controller.enqueue(bytes));
  },
  /** The next stream that is opened is read by another script of the page. */
  takenStream() {
    const taken = new Response(new ReadableStream(), { headers: { "Content-Type": "text/event-stream" } });
    taken.body.getReader();
    page.streams.push(taken);
  },
  response: (text) => new Response(text, { headers: { "Content-Type": "application/json" } }),
};
return page;
