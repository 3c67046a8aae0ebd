// One test in any engine: what `../scenario.mjs` is for Playwright, with the same page objects.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { HEAD, policy, sceneHtml } from "../scenario.mjs";
import { OUT, Servers } from "../servers.mjs";
import { Shop } from "../shop.mjs";
import { Widget } from "../widget.mjs";
import { launch, openPage } from "./engines.mjs";
import { Front } from "./front.mjs";
import { WIDE } from "./page.mjs";

/** @typedef {import("./page.mjs").EnginePage} EnginePage */

/**
 * Declares tests that run in each of the engines, with the same servers.
 * @param {string[]} engines
 * @param {(scenario: Scenario, engine: string) => void} declare
 * @param {{ colorScheme?: "light" | "dark" }} [options]
 * @typedef {(name: string, body: (visit: EngineVisit) => Promise<void>, more?: { expected?: RegExp[], timeout?: number }) => void} Scenario
 *   `expected`: console errors that belong to the scenario
 */
export function inEngines(engines, declare, { colorScheme = "light" } = {}) {
  /** @type {Servers} */
  let servers;
  /** @type {Front} */
  let front;
  before(async () => {
    servers = await Servers.start({ isBehind: true });
    front = await Front.open({ shop: [servers.shopUrl, servers.own.shop], merchant: [servers.merchantUrl, servers.own.merchants[0]] });
  });
  after(async () => {
    front?.close();
    await servers?.stop();
  });
  for (const engine of engines) {
    describe(`${engine}, ${colorScheme}`, { concurrency: 1 }, () => {
      /** @type {import("./engines.mjs").Browser} */
      let browser;
      before(async () => {
        browser = await launch(engine, { colorScheme });
      });
      after(() => browser?.close());
      declare((name, body, { expected = [], timeout = 120_000 } = {}) => test(name, { timeout }, async () => {
        const visit = new EngineVisit(browser, servers, front);
        try {
          await body(visit);
          visit.verify(expected);
        } catch (error) {
          await visit.keep(`${engine} ${name}`, error);
          throw error;
        } finally {
          await visit.end();
        }
      }), engine);
    });
  }
}

/** A shopper's pages. Their requests can be answered otherwise by `context.route`, as with Playwright. */
export class EngineVisit {
  /** @type {EnginePage[]} */
  #pages = [];
  #scenes = 0;

  /** @param {import("./engines.mjs").Browser} browser @param {Servers} servers @param {Front} front */
  constructor(browser, servers, front) {
    this.browser = browser;
    this.servers = servers;
    this.front = front;
    this.context = {
      /** @param {string | RegExp} url @param {(route: any) => unknown} act */
      route: async (url, act) => front.route(url, act),
      /** @param {Function} run @param {unknown} [value] */
      addInitScript: async (run, value) => front.addInitScript(run, value),
      /** @param {Record<string, string>} headers */
      setExtraHTTPHeaders: async (headers) => front.setExtraHeaders(headers),
      newPage: () => this.newPage(),
    };
  }

  /** Opens a page in this visit's profile. */
  async newPage() {
    const page = await openPage(this.browser, this.#pages.at(-1));
    this.#pages.push(page);
    await page.setViewportSize(WIDE);
    return page;
  }

  /** Opens the shop. @param {import("../shop.mjs").Lang} [lang] */
  async shop(lang = "en") {
    this.front.lang = lang === "en" ? "en-US" : lang;
    return Shop.open(/** @type {any} */ (await this.newPage()), this.servers, lang);
  }

  /**
   * Opens a page of the shop's origin that is written for this scenario.
   * @param {string} body HTML @param {{ csp?: string, head?: string }} [parts]
   */
  async page(body, { csp = policy(this.servers), head = HEAD } = {}) {
    const page = await this.newPage();
    const address = `${this.servers.shopUrl}/scene-${++this.#scenes}`;
    this.front.route(`${address}*`, (route) => route.fulfill({
      contentType: "text/html; charset=utf-8",
      headers: { "content-security-policy": csp },
      body: sceneHtml(head, body),
    }));
    await page.goto(address);
    return page;
  }

  /**
   * Opens a page with one widget for a session: a new one, or the given.
   * @param {any} [session] @param {Record<string, string>} [attributes] @param {(context: any) => Promise<unknown>} [prepare]
   */
  async embed(session, attributes = {}, prepare = async () => {}) {
    session ??= await this.servers.openSession();
    const all = { "client-secret": session.client_secret, "api-base": this.servers.merchantUrl, ...attributes };
    const text = Object.entries(all).map(([name, value]) => `${name}="${value}"`).join(" ");
    await prepare(this.context);
    const page = await this.page(`<open-cashier ${text}></open-cashier>`);
    return new Widget(/** @type {any} */ (page), { session, lang: attributes.locale ?? "en" });
  }

  /** Fails on unexpected console errors. @param {RegExp[]} expected */
  verify(expected) {
    const all = this.#pages.flatMap(({ problems }) => problems);
    assert.deepEqual(all.filter((text) => !expected.some((known) => known.test(text))), [], "unexpected console errors");
  }

  /** Stores screenshots and logs of a failure. @param {string} name @param {any} error */
  async keep(name, error) {
    const folder = join(OUT, "failures", name.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 80));
    await mkdir(folder, { recursive: true });
    for (const [index, page] of this.#pages.entries()) {
      if (!page.isClosed()) await page.screenshot({ path: join(folder, `page-${index}.png`) }).catch(() => {});
    }
    const report = [error.stack, ...this.#pages.flatMap(({ problems }) => problems), this.servers.logs()].join("\n\n");
    await writeFile(join(folder, "report.txt"), report);
  }

  async end() {
    if (this.#pages.length > 0) await this.browser.forget(this.#pages[0].tab);
    this.front.reset();
    await this.servers.resetFaults();
  }
}
