// Script that runs in the page before all others: a virtual clock that the test advances, and a
// snapshot of the screen. It is sent to the browser as text, so it must not use module scope.

/**
 * A snapshot of the screen.
 * @typedef {{ state: string, picked?: string | null, isBusy: boolean, actions: string[], text: string,
 *   timer?: string | null, pending: number, isMounted: boolean, passedMs?: number }} Screen
 */

export function install() {
  /** @typedef {{ at: number, callback: (...args: any[]) => void, args: any[], native?: number }} Timer */
  /** Offset of the device's clock. */
  const deviceAheadMs = Number(/clock=(-?\d+)/.exec(location.hash)?.[1] ?? 0);
  const nativeTimeout = window.setTimeout.bind(window);
  const nativeClear = window.clearTimeout.bind(window);
  const nativeNow = performance.now.bind(performance);
  const NativeDate = Date;
  const nativeFetch = window.fetch;
  const nativeText = Response.prototype.text;
  let ahead = 0;
  let last = 1_000_000;
  let requests = 0;
  /** Recent requests, during which the proxy may still count an aborted one as held. */
  let recent = 0;
  /** True if the page is about to navigate to a gateway. */
  let isLeaving = false;
  /** @type {Map<number, Timer>} */
  const timers = new Map();
  /** @type {{ url: string, method: string, at: number }[]} */
  const calls = [];
  /** @type {string[]} */
  const pageEvents = [];

  const now = () => nativeNow() + ahead;
  const wall = () => NativeDate.now() + ahead + deviceAheadMs;
  performance.now = now;
  globalThis.Date = /** @type {any} */ (class extends NativeDate {
    /** @param {any[]} parts */
    constructor(...parts) {
      super(.../** @type {[number]} */ (parts.length > 0 ? parts : [wall()]));
    }
    static now() {
      return wall();
    }
  });

  const fire = (/** @type {number} */ id) => {
    const timer = timers.get(id);
    if (!timer) return;
    nativeClear(timer.native);
    timers.delete(id);
    timer.callback(...timer.args);
  };
  const arm = (/** @type {number} */ id, /** @type {Timer} */ timer) => {
    timer.native = nativeTimeout(() => fire(id), Math.max(0, timer.at - now()));
  };
  /** @type {any} */ (window).setTimeout = (/** @type {any} */ callback, ms = 0, /** @type {any[]} */ ...args) => {
    const id = ++last;
    const timer = { at: now() + Math.max(0, Number(ms) || 0), callback, args };
    timers.set(id, timer);
    arm(id, timer);
    return id;
  };
  window.clearTimeout = (/** @type {any} */ id) => {
    const timer = timers.get(id);
    if (timer) nativeClear(timer.native);
    if (!timers.delete(id)) nativeClear(id);
  };
  // Runs all ready microtasks and the tasks before this one.
  /** @returns {Promise<void>} */
  const turn = () => new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(null);
  });

  /** @template T @param {Promise<T>} promise */
  const counted = (promise) => {
    requests += 1;
    recent += 1;
    let grow = () => {
      grow = () => {};
      recent -= 1;
    };
    nativeTimeout(() => grow(), 300);
    const done = async () => {
      await turn();
      await turn();
      requests -= 1;
      grow();
    };
    promise.then(done, done);
    return promise;
  };
  /** Number of pending requests; far above the held ones while a request is recent. */
  const pending = () => requests + (isLeaving ? 1 : 0) + (recent > 0 ? 100 : 0);
  window.fetch = function (/** @type {any} */ input, init) {
    const url = String(input?.url ?? input);
    calls.push({ url, method: input?.method ?? init?.method ?? "GET", at: now() });
    const promise = nativeFetch.call(this, input, init);
    return /\/events$/.test(url) ? promise : counted(promise);
  };
  Response.prototype.text = function () {
    return counted(nativeText.call(this));
  };
  // The browser grants a lock in real time, so the page's clock waits for it, but at most two seconds:
  // the holder may be a frozen tab.
  const { locks } = navigator;
  const nativeLock = locks?.request.bind(locks);
  if (nativeLock) {
    /** @type {any} */ (locks).request = (/** @type {string} */ name, /** @type {LockOptions} */ options, /** @type {(lock: Lock | null) => any} */ act) => {
      let answered = () => {};
      counted(new Promise((resolve) => (answered = () => resolve(undefined))));
      nativeTimeout(answered, 2_000);
      const request = nativeLock(name, options, (lock) => {
        answered();
        return act(lock);
      });
      request.catch(answered);
      return request;
    };
  }

  // Frames are painted in real time, too, and the widget waits for one before it opens a stream. A hidden
  // page paints none.
  const nativeFrame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (draw) => {
    let painted = () => {};
    counted(new Promise((resolve) => (painted = () => resolve(undefined))));
    nativeTimeout(painted, 500);
    return nativeFrame((at) => {
      nativeTimeout(painted, 10);
      draw(at);
    });
  };

  addEventListener("cashier-before-redirect", (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    isLeaving = detail.url.startsWith("http");
  }, true);
  addEventListener("pageshow", () => {
    isLeaving = false;
  });
  addEventListener("pageshow", (event) => pageEvents.push(event.persisted ? "restored" : "loaded"));
  for (const kind of ["freeze", "resume"]) document.addEventListener(kind, () => pageEvents.push(kind));
  for (const kind of ["online", "offline"]) addEventListener(kind, () => pageEvents.push(kind));

  /** The screens of live apps: only those announce that a wallet can be chosen. @type {WeakSet<Element>} */
  const live = new WeakSet();
  /** True if the app is there; the prerendered selector and the skeleton stand before it. @param {HTMLElement} root */
  const isLive = (root) => {
    if (root.dataset.state !== "selecting") return !!root.querySelector(":scope > [role=status]") || root.dataset.state === "unavailable";
    if (root.querySelector(".live")?.textContent) live.add(root);
    return live.has(root);
  };
  /** Returns what a shopper sees, and the number of pending requests. @returns {Screen} */
  const look = () => {
    const root = widget();
    if (!root) return { state: "none", isBusy: true, actions: [], text: "", pending: pending(), isMounted: false };
    const isSeen = (/** @type {Element} */ element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
    const all = (/** @type {string} */ selector) => [...root.querySelectorAll(selector)].filter(isSeen);
    const actions = all("button:not(:disabled), a[href]").map((element) => (element.textContent ?? "").trim());
    let text = root.textContent ?? "";
    for (const unseen of root.querySelectorAll(".live, svg")) text = text.replace(unseen.textContent ?? "", " ");
    return {
      state: root.dataset.state ?? "",
      picked: /** @type {HTMLInputElement | null} */ (root.querySelector("[part~=selected] input"))?.value ?? null,
      isBusy: all(".spinner, [aria-busy=true]").length > 0,
      actions,
      text: text.replace(/\s+/g, " ").trim(),
      timer: root.querySelector("[role=timer] b")?.textContent ?? null,
      pending: pending(),
      isMounted: isLive(root),
    };
  };

  /** @returns {HTMLElement | null | undefined} */
  const widget = () => document.querySelector("open-cashier")?.shadowRoot?.querySelector("[data-state]");

  globalThis.test = {
    look,
    /** Returns the widget's first element that matches a selector and a text pattern. @param {string} selector @param {string} pattern */
    find(selector, pattern) {
      const isMeant = new RegExp(pattern, "s");
      return [...(widget()?.querySelectorAll(selector) ?? [])].find((element) => isMeant.test(element.textContent ?? "")) ?? null;
    },
    /** Scrolls an element into view and returns its box on the page. @param {Element} element */
    box(element) {
      element.scrollIntoView({ block: "center", behavior: "instant" });
      const { left, top, width, height } = element.getBoundingClientRect();
      return { left: left + scrollX, top: top + scrollY, width, height };
    },
    calls,
    pageEvents,
    now,
    /** Counts a promise as pending until it settles. */
    counted,
    /** Returns a snapshot once only the `held` requests are pending, or after 150 ms. @param {number} held */
    async settle(held) {
      for (let tries = 0; tries < 10; tries += 1) {
        const screen = look();
        if (screen.isMounted && pending() <= held) return screen;
        await new Promise((resolve) => nativeTimeout(resolve, 15));
      }
      return look();
    },
    /** Simulates sleep: advances the clock without firing timers in between; overdue ones fire at once. @param {number} ms */
    sleep(ms) {
      ahead += ms;
      for (const [id, timer] of timers) {
        nativeClear(timer.native);
        arm(id, timer);
      }
    },
    /**
     * Advances the clock, firing each timer at its time, and returns a snapshot. Stops early when the
     * state changes or a request besides the `held` ones is pending, as answers come in real time.
     * `passedMs` is the time that passed.
     * @param {number} ms @param {number} held
     */
    async advance(ms, held) {
      const startedAt = now();
      const target = startedAt + ms;
      const state = widget()?.dataset.state;
      while (pending() <= held && widget()?.dataset.state === state) {
        const due = [...timers].filter(([, timer]) => timer.at <= target).sort((a, b) => a[1].at - b[1].at)[0];
        ahead += Math.max(0, (due ? due[1].at : target) - now());
        if (!due) break;
        fire(due[0]);
        await turn();
        await turn();
      }
      for (const [id, timer] of timers) {
        nativeClear(timer.native);
        arm(id, timer);
      }
      await turn();
      return { ...look(), passedMs: now() - startedAt };
    },
  };
}
