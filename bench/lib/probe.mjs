// @ts-check
// Marks inside a page: the selector is usable, the code is painted, "paid" is painted. Each is checked
// after the paint of each frame while the page changes. Frames without changes are skipped, because the
// check itself takes time.

/**
 * Runs in the page before all other scripts.
 * @param {string | { peer: string, isPressing: boolean }} what `isPressing`: picks WeChat Pay and
 *   presses "pay" as soon as each is there
 */
export function probe(what) {
  const { peer, isPressing } = typeof what === "string" ? { peer: what, isPressing: false } : what;
  const bench = /** @type {any} */ (globalThis).bench = {
    marks: /** @type {Record<string, number>} */ ({}),
    longTasks: /** @type {{ start: number, ms: number }[]} */ ([]),
    wasm: /** @type {WebAssembly.Memory[]} */ ([]),
    paints: /** @type {Record<string, number>} */ ({}),
  };
  const isShown = (/** @type {Element | null | undefined} */ element) => {
    const box = element?.getBoundingClientRect();
    return box && box.width > 0 && box.height > 0 ? box : null;
  };
  // A pointer at its center would hit it, so it is on the screen and not covered.
  const canBeHit = (/** @type {Element | null | undefined} */ element, /** @type {Document | ShadowRoot} */ root) => {
    const box = isShown(element);
    if (!box) return false;
    const top = root.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return Boolean(top && (element?.contains(top) || top.contains(/** @type {Element} */ (element))));
  };
  const both = (/** @type {Iterable<Element>} */ rows, /** @type {Document | ShadowRoot} */ root) => {
    const all = [...rows];
    return all.length >= 2 && all.every((row) => canBeHit(row, root));
  };
  /** Roots that are watched; a declarative one is made without `attachShadow`. @type {Set<Node>} */
  const watched = new Set();
  const shadow = () => {
    const root = document.querySelector("open-cashier")?.shadowRoot;
    if (root && !watched.has(root)) watch(root);
    return root;
  };
  const isPressed = (/** @type {Element | null | undefined} */ element) => {
    if (!element || !isShown(element)) return false;
    /** @type {HTMLElement} */ (element).click();
    return true;
  };
  const adyenRow = () =>
    [...document.querySelectorAll(".adyen-checkout__payment-method")].find((row) => /WeChat/.test(row.textContent ?? ""));
  const adyen = {
    marks: {
      something: () => isShown(document.querySelector("#pay")?.firstElementChild),
      usable: () => both(document.querySelectorAll(".adyen-checkout__payment-method"), document),
      code: () => {
        const image = /** @type {HTMLImageElement | null} */ (document.querySelector("[data-testid$=qr-image], .adyen-checkout__qr-loader img[src*=barcode]"));
        return Boolean(image?.complete && image.naturalWidth && isShown(image));
      },
      paid: () => isShown(document.querySelector(".adyen-checkout__qr-loader--result, .adyen-checkout__status--success, .adyen-checkout__status__icon")),
    },
    presses: [
      () => isPressed(adyenRow()?.querySelector("[role=radio], input[type=radio]")),
      () => isPressed(document.querySelector(".adyen-checkout__payment-method--selected .adyen-checkout__button--pay")),
    ],
  };
  const ours = {
    marks: {
      something: () => isShown(shadow()?.querySelector(".oc > *")),
      usable: () => {
        const root = shadow();
        return root && both(root.querySelectorAll("label:has(input[name=wallet]:enabled)"), root);
      },
      code: () => isShown(shadow()?.querySelector("[part~=qr-code] svg path")),
      paid: () => isShown(shadow()?.querySelector("[data-state=succeeded]")),
    },
    presses: [
      () => isPressed(shadow()?.querySelector("input[name=wallet][value=wechat_pay]")),
      // Before the script has run, a server's selector leads to the hosted page, not to a code.
      () => Boolean(customElements.get("open-cashier")) && isPressed(shadow()?.querySelector("button[type=submit]")),
    ],
  };
  const vanilla = {
    marks: {
      something: () => isShown(document.querySelector("#pay > form")),
      usable: () => both(document.querySelectorAll("#pay label"), document),
      code: () => isShown(document.querySelector("#pay svg path")),
      paid: () => isShown(document.querySelector("[data-paid]")),
    },
    presses: [
      () => isPressed(document.querySelector("#pay input[value=wechat_pay]")),
      () => isPressed(document.querySelector("#pay button")),
    ],
  };
  const { marks, presses } = peer.startsWith("adyen") ? adyen : peer === "vanilla" ? vanilla : ours;
  const checks = /** @type {Record<string, () => unknown>} */ (marks);

  const waiting = new Set(Object.keys(checks));
  const afterPaint = new MessageChannel();
  /** Presses at most once per frame, as soon as possible. */
  const press = () => {
    if (presses[0]?.()) presses.shift();
    if (presses.length) requestAnimationFrame(press);
  };
  const LOOK_MS = 250;
  let lookUntil = 0;
  let isLooking = false;
  let hasChanged = false;
  const frame = () => {
    hasChanged = false;
    afterPaint.port2.postMessage(0);
  };
  // The frame's layout is done here. Checked in the frame, it would count as script of the page.
  afterPaint.port1.onmessage = () => {
    // What changed after the frame has not been painted yet.
    for (const name of hasChanged ? [] : waiting) {
      if (!checks[name]()) continue;
      waiting.delete(name);
      bench.marks[name] = performance.now();
      // Sent to the bench at once, if it has installed this function.
      /** @type {any} */ (globalThis).benchMark?.(name);
      if (name === "usable" && isPressing) requestAnimationFrame(press);
    }
    isLooking = waiting.size > 0 && performance.now() < lookUntil;
    if (isLooking) requestAnimationFrame(frame);
  };
  const changed = () => {
    hasChanged = true;
    lookUntil = performance.now() + LOOK_MS;
    if (isLooking || waiting.size === 0) return;
    isLooking = true;
    requestAnimationFrame(frame);
  };
  const observer = new MutationObserver(changed);
  const watch = (/** @type {Node} */ root) => {
    watched.add(root);
    observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
  };
  watch(document);
  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    const root = attachShadow.call(this, init);
    watch(root);
    return root;
  };
  // Images, style sheets and animations change no node.
  for (const name of ["load", "animationend", "transitionend"]) document.addEventListener(name, changed, true);

  // The click that pays is the last before the code.
  addEventListener("click", (event) => {
    if (event.isTrusted) bench.marks.click = event.timeStamp;
  }, true);
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) bench.longTasks.push({ start: startTime, ms: duration });
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) bench.paints[name] = startTime;
  }).observe({ type: "paint", buffered: true });

  // Wasm memory is not in V8's heap, so it is recorded when a module is instantiated.
  const note = (/** @type {any} */ made) => {
    for (const value of Object.values((made.instance ?? made).exports)) {
      if (value instanceof WebAssembly.Memory) bench.wasm.push(value);
    }
    return made;
  };
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const real = /** @type {any} */ (WebAssembly)[name];
    /** @type {any} */ (WebAssembly)[name] = (/** @type {any[]} */ ...given) => real.apply(WebAssembly, given).then(note);
  }
}
