// @ts-check
// The script of the hosted page: keeps it up to date without loading it again, so that the keyboard's
// focus stays, copies its link, continues to a selected wallet, and pays by WeChat's bridge. All but
// the bridge works without it, only less smoothly. No syntax that Chromium 72 does not know.
(() => {
  "use strict";

  const REQUEST_TIMEOUT_MS = 20000;
  const BRIDGE_TIMEOUT_MS = 3000;
  const COPIED_MS = 2000;
  const FORM = "application/x-www-form-urlencoded";

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let clock;
  /** @type {XMLHttpRequest | null} */
  let pending = null;

  const main = () => /** @type {HTMLElement} */ (document.querySelector("main"));
  const live = /** @type {HTMLElement} */ (document.querySelector(".live"));
  /** @param {string} selector @returns {HTMLElement | null} */
  const find = (selector) => main().querySelector(selector);

  /** Tells screen readers. @param {string | undefined} text */
  function announce(text) {
    if (!text) return;
    // The same words are read again only if the text differs.
    live.textContent = live.textContent === text ? `${text}\u00a0` : text;
  }

  /** The address of this page, without the notice of a form. */
  function address() {
    const url = new URL(location.href);
    url.searchParams.delete("notice");
    return url.href;
  }

  /** Looks at the page again after a while, as long as somebody sees it. */
  function schedule() {
    clearTimeout(timer);
    const seconds = Number(main().dataset.poll);
    if (seconds && !document.hidden) timer = setTimeout(poll, seconds * 1000);
  }

  function poll() {
    if (!pending) request("GET", address(), null);
  }

  /**
   * Requests the page, or submits a form that leads back to it. A document that a request returns
   * runs no scripts, and is no text that Trusted Types would have to allow.
   * @param {string} method @param {string} url @param {string | null} body @param {() => void} [failed]
   */
  function request(method, url, body, failed) {
    if (pending) pending.abort();
    clearTimeout(timer);
    const call = new XMLHttpRequest();
    pending = call;
    call.open(method, url);
    call.responseType = "document";
    call.timeout = REQUEST_TIMEOUT_MS;
    if (body !== null) call.setRequestHeader("Content-Type", FORM);
    call.onloadend = () => {
      if (pending !== call) return;
      pending = null;
      // A page that only says that it is not available now does not replace what is shown.
      const isPage = call.status < 400 || call.status === 404;
      const page = isPage && call.response && call.response.querySelector("main");
      showConnection(call.status > 0 && call.status < 500);
      if (page) show(page, method === "POST");
      else if (failed) failed();
      schedule();
    };
    call.send(body);
  }

  /** @param {boolean} isOnline */
  function showConnection(isOnline) {
    const banner = find("[data-offline]");
    if (!banner || banner.hidden === isOnline) return;
    banner.hidden = isOnline;
    if (!isOnline) announce(banner.textContent || "");
  }

  /**
   * Replaces the page's content if it shows something else. The focus stays on the same control, or
   * moves to the heading.
   * @param {HTMLElement} next @param {boolean} isAnswer true if it answers a form
   */
  function show(next, isAnswer) {
    const old = main();
    if (next.dataset.state === old.dataset.state && !isAnswer) {
      const [from, to] = [next, old].map((page) => /** @type {HTMLElement | null} */ (page.querySelector("[data-time]")));
      if (!from || !to) return;
      if (from.dataset.left) to.dataset.left = from.dataset.left;
      if (to.textContent !== from.textContent) to.textContent = from.textContent;
      return countDown();
    }
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const key = focused && focused.getAttribute("data-key");
    const [hadCode, wasOpen] = [".qr", "details[open]"].map((selector) => !!find(selector));
    old.replaceWith(document.adoptNode(next));
    begin();
    announce(next.dataset.says);
    const fold = /** @type {HTMLDetailsElement | null} */ (find("details"));
    if (fold) fold.open = wasOpen;
    const target = focused && ((key && find(`[data-key="${key}"]`)) || find("[data-heading]"));
    if (target) target.focus({ preventScroll: true });
    if (!hadCode) revealCode();
  }

  /** Counts the time on the screen down, until the next answer sets it again. */
  function countDown() {
    clearInterval(clock);
    const shown = find("[data-left]");
    if (!shown) return;
    const end = performance.now() + Number(shown.dataset.left) * 1000;
    clock = setInterval(() => {
      const left = Math.max(0, Math.round((end - performance.now()) / 1000));
      const [hours, minutes, seconds] = [left / 3600, (left / 60) % 60, left % 60].map(Math.floor);
      const padded = [minutes, seconds].map((part) => String(part).padStart(2, "0"));
      shown.textContent = hours ? `${hours}:${padded.join(":")}` : `${minutes}:${padded[1]}`;
      const line = /** @type {HTMLElement} */ (shown.parentElement);
      if (left < 300) line.dataset.urgency = left < 60 ? "last" : "soon";
    }, 1000);
  }

  /** Scrolls to the code where the window is too low for what is above it. */
  function revealCode() {
    const code = find(".qr");
    const heading = find("[data-heading]");
    if (!code || !heading) return;
    const { top, bottom } = code.getBoundingClientRect();
    if (top < 0 || bottom > document.documentElement.clientHeight) heading.scrollIntoView();
  }

  /** Prepares what works by this script only. */
  function begin() {
    for (const hidden of document.querySelectorAll("[data-script][hidden]")) hidden.removeAttribute("hidden");
    const { bridge, payment = "" } = main().dataset;
    // Once by itself, then by the button only.
    if (bridge && remember(`opencashier.bridge.${payment}`)) pay();
    if (main().hasAttribute("data-continue")) whenLoaded(() => whenVisible(proceed));
    countDown();
  }

  /** @param {string} name @returns {boolean} true the first time in this tab */
  function remember(name) {
    try {
      if (sessionStorage.getItem(name)) return false;
      sessionStorage.setItem(name, "1");
      return true;
    } catch {
      return false; // The button is left.
    }
  }

  /**
   * Before a document is loaded, a form without a press replaces its entry in the history, and "back" from the
   * wallet would not find this page.
   * @param {() => void} then
   */
  function whenLoaded(then) {
    if (document.readyState === "complete") then();
    else addEventListener("load", () => setTimeout(then), { once: true });
  }

  /** @param {() => void} then */
  function whenVisible(then) {
    if (!document.hidden) return then();
    document.addEventListener("visibilitychange", () => whenVisible(then), { once: true });
  }

  /** Continues with the wallet that the shopper selected before this page. */
  function proceed() {
    const button = find("[data-key=pay]");
    if (!button || !main().hasAttribute("data-continue")) return;
    // After "back" or a reload the page is shown, and does not continue by itself again.
    history.replaceState(null, "", location.pathname);
    button.click();
  }

  /** Calls WeChat's bridge, which may appear late (gateways.md A11.1). */
  function pay() {
    const { bridge: parameters = "{}" } = main().dataset;
    let isDone = false;
    const attempt = (/** @type {boolean} */ isLast) => {
      const bridge = /** @type {any} */ (window).WeixinJSBridge;
      if (isDone || (!bridge && !isLast)) return;
      isDone = true;
      if (!bridge) return refused();
      bridge.invoke("getBrandWCPayRequest", JSON.parse(parameters), (/** @type {any} */ answer) => {
        const outcome = String(answer && answer.err_msg);
        if (/:fail|denied|not_support/.test(outcome)) refused();
        // The bridge's word proves nothing: the backend asks.
        const check = find("[data-key=check]");
        if (check && !/:cancel/.test(outcome)) check.click();
      });
    };
    attempt(false);
    document.addEventListener("WeixinJSBridgeReady", () => attempt(false), { once: true });
    setTimeout(() => attempt(true), BRIDGE_TIMEOUT_MS);
  }

  function refused() {
    const notice = find("[data-refused]");
    if (!notice) return;
    notice.hidden = false;
    announce(notice.textContent || "");
  }

  /** @param {HTMLElement} button */
  async function copy(button) {
    const field = /** @type {HTMLInputElement | null} */ (find("[data-link]"));
    const byHand = find("[data-by-hand]");
    if (!field || !byHand) return;
    let isCopied = true;
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // In-app browsers support only the older way. If they forbid that, too, the address stays selected.
      field.focus();
      field.select();
      isCopied = document.execCommand("copy");
      if (isCopied) button.focus();
    }
    byHand.hidden = isCopied;
    if (!isCopied) return announce(byHand.textContent || "");
    const { copied = "" } = button.dataset;
    announce(copied);
    const done = `✓ ${copied}`;
    const text = button.textContent;
    if (text === done) return;
    button.textContent = done;
    setTimeout(() => (button.textContent = text), COPIED_MS);
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    if (button.hasAttribute("data-copy")) copy(button);
    if (button.hasAttribute("data-bridge")) pay();
  });

  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    const button = form.querySelector("button");
    if (!button) return;
    // A second press changes nothing.
    if (button.hasAttribute("aria-busy")) return event.preventDefault();
    button.setAttribute("aria-busy", "true");
    button.setAttribute("part", `${button.getAttribute("part") || ""} busy`.trim());
    clearTimeout(timer);
    if (!form.hasAttribute("data-stays")) return;
    event.preventDefault();
    const body = `${encodeURIComponent(button.name)}=${encodeURIComponent(button.value)}`;
    // `submit` sends no button.
    request("POST", form.action, body, () => {
      settle(button);
      poll();
    });
  });

  /** @param {Element} button */
  function settle(button) {
    button.removeAttribute("aria-busy");
    button.setAttribute("part", (button.getAttribute("part") || "").replace(/ ?busy$/, ""));
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else if (Number(main().dataset.poll)) poll();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) resume();
  });
  // A browser that does not let a form continue to the wallet: the page then has a link to it.
  document.addEventListener("securitypolicyviolation", resume);

  /** Continues after a form that did not leave this page, or was left by "back". */
  function resume() {
    for (const button of document.querySelectorAll("[aria-busy]")) settle(button);
    poll();
  }

  begin();
  schedule();
  // A reload keeps its place.
  if (!pageYOffset) revealCode();
})();
