// Elements of a page in any engine, found as a shopper finds them, also inside of shadow roots: the part
// of Playwright's `Locator` that the page objects use.
import { aim, outcome, press } from "../press.mjs";

/**
 * One step from a set of elements to the next.
 * @typedef {{ css?: string, role?: string, text?: Pattern, label?: Pattern, name?: Pattern | null, has?: Pattern,
 *   nth?: number, or?: Step[] }} Step
 * @typedef {{ source: string, flags: string }} Pattern
 */

export class EngineLocator {
  /** @param {import("./page.mjs").EnginePage} page @param {Step[]} steps */
  constructor(page, steps) {
    this.page = page;
    this.steps = steps;
  }

  /** @param {string} css */
  locator(css) {
    return this.#with({ css });
  }

  /** @param {string} role @param {{ name?: string | RegExp }} [options] */
  getByRole(role, { name } = {}) {
    return this.#with({ role, name: name === undefined ? null : patternOf(name) });
  }

  /** @param {string | RegExp} text */
  getByText(text) {
    return this.#with({ text: patternOf(text) });
  }

  /** @param {string | RegExp} text */
  getByLabel(text) {
    return this.#with({ label: patternOf(text) });
  }

  /** @param {{ hasText: string | RegExp }} which */
  filter({ hasText }) {
    return this.#with({ has: patternOf(hasText) });
  }

  /** @param {number} nth */
  nth(nth) {
    return this.#with({ nth });
  }

  first() {
    return this.nth(0);
  }

  /** @param {EngineLocator} other */
  or(other) {
    return new EngineLocator(this.page, [{ or: this.steps }, { or: other.steps }]);
  }

  /** Waits until the first element can be seen. */
  async waitFor() {
    await this.#on((element) => Boolean(element));
  }

  /** The number of elements that can be seen now. @returns {Promise<number>} */
  count() {
    return this.#call((all) => all.length);
  }

  /** @returns {Promise<string>} */
  innerText() {
    return this.#on((element) => ({ text: element.innerText })).then(({ text }) => text);
  }

  /** @param {string} name @returns {Promise<string | null>} */
  getAttribute(name) {
    return this.#on((element, name) => ({ value: element.getAttribute(name) }), name).then(({ value }) => value);
  }

  /**
   * Calls a function in the page with the first element and a JSON value.
   * @param {(element: any, value: any) => any} run @param {unknown} [value]
   */
  async evaluate(run, value = null) {
    const found = await this.#wait(`(all, value) => all.length > 0 && Promise.resolve((${run})(all[0], value)).then((result) => ({ result }))`, value);
    return found.result;
  }

  /** Presses the middle of the element with the mouse, once it is enabled; see `stage/press.mjs`. */
  async click() {
    await press({
      aim: () => this.#on(`(element) => !element.disabled && (${aim})(element)`),
      click: ({ x, y }) => this.page.tab.click(x, y),
      // The page may be closed, or be replaced by another.
      outcome: () => this.page.evaluate(outcome).catch(() => undefined),
      fail: (reason) => `a press of ${JSON.stringify(this.steps)}: ${reason}`,
    });
  }

  /** Chooses a radio button, and waits until it is chosen. */
  async check() {
    if (!(await this.#on((element) => ({ checked: element.checked }))).checked) await this.click();
    await this.#on((element) => element.checked);
  }

  /** Replaces the value of a field by typing. @param {string} value */
  async fill(value) {
    await this.#on((element) => {
      element.focus();
      element.select();
      return true;
    });
    for (const character of value) await this.page.press(character);
    await this.#on((element, value) => element.value === value, value);
  }

  /** Makes a screenshot of the page with the element in view. @returns {Promise<Buffer>} */
  async screenshot() {
    await this.#on((element) => {
      element.scrollIntoView({ block: "center", behavior: "instant" });
      return true;
    });
    return this.page.screenshot();
  }

  /** @param {Step} step */
  #with(step) {
    return new EngineLocator(this.page, [...this.steps, step]);
  }

  /**
   * Waits until a function of the first visible element returns something true, and returns it.
   * @param {string | ((element: any, value: any) => any)} run @param {unknown} [value]
   */
  #on(run, value = null) {
    return this.#wait(`(all, value) => all.length > 0 && (${run})(all[0], value)`, value);
  }

  /** @param {string} act a function of the visible elements and a value @param {unknown} value @returns {Promise<any>} */
  #wait(act, value) {
    return this.page.until(() => this.#call(act, value), () => `${act} of ${JSON.stringify(this.steps)} and ${JSON.stringify(value)}`);
  }

  /** Calls a function in the page with the visible elements. @param {string | ((all: any[]) => any)} act @param {unknown} [value] @returns {Promise<any>} */
  #call(act, value = null) {
    // As one source: the page's policy forbids to compile text.
    return this.page.tab.call(`(steps, value) => (${act})((${find})(steps), value)`, [this.steps, value]);
  }
}

/** @param {string | RegExp} text a string fits anywhere, in upper or lower case, as in Playwright @returns {Pattern} */
function patternOf(text) {
  if (text instanceof RegExp) return { source: text.source, flags: text.flags };
  return { source: text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), flags: "i" };
}

/**
 * Runs in the page, also in Chromium 72: returns the visible elements that the steps lead to.
 * @param {Step[]} steps
 */
function find(steps) {
  const children = (/** @type {any} */ node) => [...(node.shadowRoot || node).querySelectorAll("*")];
  // The elements below a node, and those in shadow roots below it.
  const below = (/** @type {any} */ node) => {
    /** @type {Element[]} */
    const all = [];
    for (const element of children(node)) {
      all.push(element);
      if (element.shadowRoot) all.push(...below(element));
    }
    return all;
  };
  const isSeen = (/** @type {Element} */ element) =>
    element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
  // Marks of direction are not read, and not every engine gives them back.
  const bare = (/** @type {string} */ text) => text.replace(/[\u200e\u200f\u2066-\u2069]/g, "");
  const trim = (/** @type {unknown} */ text) => bare(String(text || "")).replace(/\s+/g, " ").trim();
  const fits = (/** @type {Pattern} */ { source, flags }, /** @type {unknown} */ text) => new RegExp(bare(source), flags).test(trim(text));
  const roleOf = (/** @type {Element} */ element) => {
    const role = element.getAttribute("role");
    if (role) return role;
    const tag = element.tagName.toLowerCase();
    if (/^h[1-6]$/.test(tag)) return "heading";
    if (tag === "a") return element.hasAttribute("href") ? "link" : "";
    if (tag === "input") return element.getAttribute("type") || "textbox";
    return tag;
  };
  const nameOf = (/** @type {any} */ element) => {
    const ids = trim(element.getAttribute("aria-labelledby")).split(" ").filter(Boolean);
    if (ids.length > 0) return ids.map((id) => trim((element.getRootNode().getElementById(id) || {}).textContent)).join(" ");
    const label = element.getAttribute("aria-label") || element.getAttribute("alt");
    if (label) return label;
    if (element.labels && element.labels.length > 0) return [...element.labels].map(({ innerText }) => innerText).join(" ");
    return element.innerText || element.textContent;
  };
  const walk = (/** @type {Step[]} */ steps) => {
    /** @type {any[]} */
    let found = [document];
    for (const { css, role, name, text, label, has, nth, or } of steps) {
      const next = (/** @type {(element: any) => boolean} */ isWanted) => {
        const all = found.reduce((all, node) => all.concat(below(node)), []);
        found = all.filter((/** @type {Element} */ element, /** @type {number} */ at) => all.indexOf(element) === at && isSeen(element) && isWanted(element));
      };
      if (css) next((element) => element.matches(css));
      if (role) next((element) => roleOf(element) === role && (!name || fits(name, nameOf(element))));
      if (label) next((element) => /^(input|select|textarea)$/i.test(element.tagName) && fits(label, nameOf(element)));
      if (text) next((element) => fits(text, element.textContent) && ![...element.children].some((child) => fits(text, child.textContent)));
      if (has) found = found.filter((element) => fits(has, element.innerText));
      if (nth !== undefined) found = found.slice(nth, nth + 1);
      if (or) found = (found[0] === document ? [] : found).concat(walk(or));
    }
    return found;
  };
  return walk(steps);
}
