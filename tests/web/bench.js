// The browser around the widget, held still: a scripted fetch, a clock moved by hand, and
// counts of what is alive. The body of a function; see bench.rs.
const real = {
  fetch: window.fetch,
  setTimeout: window.setTimeout,
  clearTimeout: window.clearTimeout,
  add: EventTarget.prototype.addEventListener,
  remove: EventTarget.prototype.removeEventListener,
};
const KINDS = ["visibilitychange", "focus", "pageshow", "online", "pagehide", "WeixinJSBridgeReady"];
const bench = {
  calls: [],
  events: [],
  prevented: new Set(),
  timers: new Map(),
  listeners: new Set(),
  answers: [],
  streams: [],
  now: 5000,
  install() {
    let lastTimer = 1_000_000;
    window.setTimeout = (action, ms = 0) => {
      // "As soon as possible" is how Yew yields to the browser, and needs no clock.
      if (ms === 0) return real.setTimeout.call(window, action, 0);
      bench.timers.set(++lastTimer, { at: bench.now + ms, action });
      return lastTimer;
    };
    window.clearTimeout = (id) => bench.timers.delete(id) || real.clearTimeout.call(window, id);
    performance.now = () => bench.now;
    const isOurs = (target, kind) => (target === window || target === document) && KINDS.includes(kind);
    // By the listener, so that a widget of an earlier test does not count when it goes.
    EventTarget.prototype.addEventListener = function (kind, listener, ...rest) {
      if (isOurs(this, kind)) bench.listeners.add(listener);
      return real.add.call(this, kind, listener, ...rest);
    };
    EventTarget.prototype.removeEventListener = function (kind, listener, ...rest) {
      bench.listeners.delete(listener);
      return real.remove.call(this, kind, listener, ...rest);
    };
    window.fetch = (request) => {
      const call = {
        method: request.method,
        url: request.url,
        headers: Object.fromEntries(request.headers),
        body: "",
        isAborted: false,
      };
      bench.calls.push(call);
      return new Promise((resolve, reject) => {
        real.add.call(request.signal, "abort", () => {
          call.isAborted = true;
          reject(new DOMException("aborted", "AbortError"));
        });
        const answer = request.url.endsWith("/events") ? { stream: true } : bench.answers.shift();
        request.text().then((text) => {
          call.body = text;
          if (!answer) return; // Never answered.
          if ("reason" in answer) return reject(answer.reason);
          if (answer.stream) return bench.streams.length && resolve(bench.streams.shift());
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
    delete performance.now;
    delete document.hidden;
    delete window.WeixinJSBridge;
  },
  /** WeChat's bridge comes; what it is asked is kept, and it answers when it is told to. */
  bridge(isHeard) {
    window.WeixinJSBridge = {
      invoke: (name, fields, answer) => bench.asked.push({ name, fields, answer }),
    };
    if (isHeard) document.dispatchEvent(new Event("WeixinJSBridgeReady"));
  },
  asked: [],
  answered: (said) => bench.asked.shift().answer({ err_msg: `get_brand_wcpay_request:${said}` }),
  /** What waits for the paint, while the test holds it back. */
  unpainted: null,
  hold: () => (bench.unpainted = []),
  /** The browser paints once. */
  paint() {
    for (const then of bench.unpainted.splice(0)) then();
  },
  /** Hides the page, or shows it again. */
  hide(isHidden) {
    Object.defineProperty(document, "hidden", { configurable: true, value: isHidden });
    document.dispatchEvent(new Event("visibilitychange"));
  },
  host() {
    return {
      emit(name, detail, cancelable) {
        bench.events.push({ name, detail, cancelable });
        return !(cancelable && bench.prevented.has(name));
      },
      painted: (_, then) => (bench.unpainted ? bench.unpainted.push(then) : real.setTimeout.call(window, then, 0)),
      copy(text, done) {
        bench.copied = text;
        done();
      },
    };
  },
  /** A task of the browser's own, so that promises and body streams have settled. */
  task: () => new Promise((resolve) => real.setTimeout.call(window, resolve, 0)),
  after: (ms) => bench.now + ms,
  /** Moves the clock to the next timer, at most to `until`; says whether one ran. */
  step(until) {
    const due = [...bench.timers].filter(([, { at }]) => at <= until).sort((a, b) => a[1].at - b[1].at)[0];
    bench.now = due ? Math.max(bench.now, due[1].at) : until;
    if (!due) return false;
    bench.timers.delete(due[0]);
    due[1].action();
    return true;
  },
  /** The next stream that is opened; returns what pushes a chunk into it, or ends it. */
  stream() {
    let controller;
    const body = new ReadableStream({ start: (given) => void (controller = given) });
    bench.streams.push(new Response(body, { headers: { "Content-Type": "text/event-stream; charset=utf-8" } }));
    return (bytes) => (bytes === null ? controller.close() : controller.enqueue(bytes));
  },
  response: (text) => new Response(text, { headers: { "Content-Type": "application/json" } }),
};
return bench;
