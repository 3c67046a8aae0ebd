// Helpers for the prerendered selector: the app's files are held until a scenario releases them.
import assert from "node:assert/strict";

import { PNG } from "./packages.mjs";
import { policy } from "./scenario.mjs";
import { Widget } from "./widget.mjs";

/** URL pattern of the app's files. */
const APP = /\/opencashier\/(?:app-\w+\.js|opencashier-\w+\.wasm)/;
/** Tolerance per channel: anti-aliasing of corners varies by one step between screenshots. */
const SMOOTHING = 3;

/** @param {unknown} value */
export const attribute = (value) => JSON.stringify(value).replace(/&/g, "&amp;").replace(/"/g, "&quot;");

/**
 * Holds the app's files in all pages of a context.
 * @param {any} context
 * @returns {Promise<() => void>} releases them
 */
export async function holdApp(context) {
  /** @type {() => void} */
  let release = () => {};
  const isFree = new Promise((resolve) => (release = () => resolve(undefined)));
  await context.route(APP, async (/** @type {any} */ route) => {
    await isFree;
    await route.continue().catch(() => {}); // The page may have gone.
  });
  return release;
}

/**
 * Opens a page with one widget whose app is held, and waits for its selector.
 * @param {any} visit
 * @param {{ session?: any, attributes?: Record<string, string>, inPage?: boolean, page?: object, around?: [string, string] }} [more]
 *   `inPage`: the session is written into the page; `around`: HTML before and after the element
 */
export async function openPreview(visit, { session, attributes = {}, inPage = false, page: parts = {}, around } = {}) {
  session ??= await visit.servers.openSession();
  const all = { ...(inPage && { session: attribute(session) }), ...attributes };
  const { widgets, page, release } = await openPreviews(visit, [{ session, attributes: all, around }], parts);
  return { widget: widgets[0], page, session, release };
}

/**
 * Opens a page with widgets whose app is held, and waits for their selectors.
 * @param {any} visit
 * @param {{ session: any, attributes: Record<string, string>, around?: [string, string] }[]} looks
 * @param {object} [parts] of the page
 */
export async function openPreviews(visit, looks, parts = {}) {
  const release = await holdApp(visit.context);
  const elements = looks.map(({ session, attributes, around: [before, after] = ["", ""] }) => {
    const all = { "client-secret": session.client_secret, "api-base": visit.servers.merchantUrl, ...attributes };
    const text = Object.entries(all).map(([name, value]) => `${name}="${value}"`).join(" ");
    return `${before}<open-cashier ${text}></open-cashier>${after}`;
  });
  const page = await visit.page(elements.join("\n"), { csp: policy(visit.servers), ...parts });
  const hosts = page.locator("open-cashier");
  const widgets = looks.map(({ session, attributes }, at) =>
    new Widget(page, { host: hosts.nth(at), session, lang: /** @type {"en"} */ (attributes.locale ?? "en") }));
  for (const widget of widgets) {
    await widget.is("selecting");
    await widget.host.evaluate((/** @type {any} */ host) => (host.preview = host.shadowRoot.querySelector(".oc")));
  }
  return { widgets, page, release };
}

/** Waits until the live app has replaced the preview. @param {Widget} widget */
export async function isLive({ page, host }) {
  const element = await host.elementHandle();
  await page.waitForFunction((/** @type {any} */ host) => {
    const containers = host.shadowRoot.querySelectorAll(".oc");
    return containers.length === 1 && containers[0] !== host.preview;
  }, element);
}

/** The selector's markup, without the text for screen readers. @param {Widget} widget @returns {Promise<string>} */
export const markup = ({ host }) =>
  host.evaluate((/** @type {any} */ host) => {
    const copy = host.shadowRoot.querySelector(".root").cloneNode(true);
    copy.querySelector(".live").textContent = "";
    /** @param {Element} element @returns {unknown} */
    const plain = (element) => [
      element.localName,
      [...element.attributes].map(({ name, value }) => `${name}=${value}`).sort(),
      [...element.childNodes].flatMap((node) =>
        node instanceof Element ? [plain(node)] : node.nodeType === Node.TEXT_NODE && node.nodeValue ? [node.nodeValue] : []),
    ];
    return JSON.stringify(plain(copy), null, 1);
  });

/**
 * Fails if two screenshots differ by more than the tolerance.
 * @param {Buffer} one @param {Buffer} other @param {string} what
 */
export function samePixels(one, other, what) {
  const [first, second] = [PNG.sync.read(one), PNG.sync.read(other)];
  assert.deepEqual([first.width, first.height], [second.width, second.height], `${what}: another size`);
  let different = 0;
  for (let at = 0; at < first.data.length; at += 1) {
    if (Math.abs(first.data[at] - second.data[at]) > SMOOTHING) different += 1;
  }
  assert.equal(different, 0, `${what}: ${different} values differ`);
}

/** Counts layout shifts of a page from now on. @param {any} page @returns {Promise<() => Promise<number>>} */
export async function layoutShift(page) {
  await page.evaluate(() => {
    const shifts = /** @type {any} */ (globalThis);
    shifts.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.shift += /** @type {any} */ (entry).value;
    }).observe({ type: "layout-shift" });
  });
  return () => page.evaluate(() => /** @type {any} */ (globalThis).shift);
}
