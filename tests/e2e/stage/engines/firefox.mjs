// Firefox, driven by WebDriver BiDi, which it speaks without a program beside it.
// https://w3c.github.io/webdriver-bidi/
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { WebSocket } from "../packages.mjs";
import { press, stroke } from "./actions.mjs";

/** @typedef {import("./page.mjs").Tab} Tab */

const START_TIMEOUT_MS = 60_000;
/** Preferences of the profile: nothing is fetched from the network, and nothing covers the page. */
const PREFERENCES = {
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.newtabpage.enabled": false,
  "browser.safebrowsing.downloads.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.search.update": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.page": 0,
  "browser.topsites.contile.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.getAddons.cache.enabled": false,
  "extensions.update.enabled": false,
  "intl.accept_languages": "en-US, en",
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
  "toolkit.telemetry.enabled": false,
  "ui.prefersReducedMotion": 1,
};

export class Firefox {
  #process;
  #profile;
  #socket;
  #nextId = 1;
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #calls = new Map();
  /** @type {Map<string, FirefoxTab>} */
  #tabs = new Map();

  /**
   * Starts a browser with an empty profile.
   * @param {string} program @param {{ colorScheme?: "light" | "dark" }} [options]
   */
  static async launch(program, { colorScheme = "light" } = {}) {
    const profile = await mkdtemp(join(tmpdir(), "opencashier-firefox-"));
    const preferences = { ...PREFERENCES, "layout.css.prefers-color-scheme.content-override": colorScheme === "dark" ? 0 : 1 };
    const lines = Object.entries(preferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
    await writeFile(join(profile, "user.js"), lines.join(""));
    const child = spawn(program, ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0", "about:blank"], {
      stdio: ["ignore", "ignore", "pipe"],
      // The profile's folder also holds what Firefox would put into the home folder.
      env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" },
    });
    try {
      const socket = new WebSocket(`${await address(child)}/session`, { perMessageDeflate: false, maxPayload: 0 });
      await new Promise((resolve, reject) => {
        socket.once("open", resolve);
        socket.once("error", reject);
      });
      const browser = new Firefox(child, profile, socket);
      await browser.send("session.new", { capabilities: {} });
      await browser.send("session.subscribe", { events: ["log.entryAdded"] });
      return browser;
    } catch (error) {
      child.kill("SIGKILL");
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
      throw error;
    }
  }

  /** @param {import("node:child_process").ChildProcess} child @param {string} profile @param {any} socket */
  constructor(child, profile, socket) {
    this.#process = child;
    this.#profile = profile;
    this.#socket = socket;
    socket.on("message", (/** @type {Buffer} */ data) => this.#receive(JSON.parse(data.toString())));
    socket.on("close", () => {
      for (const { reject } of this.#calls.values()) reject(new Error("Firefox ended"));
      this.#calls.clear();
    });
  }

  /** Calls a method of the protocol. @param {string} method @param {object} params @returns {Promise<any>} */
  send(method, params) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** Opens a window, as a tab behind others is hidden, in a profile of its own or in that of another tab. @param {FirefoxTab} [sibling] */
  async tab(sibling) {
    const userContext = sibling?.profile ?? (await this.send("browser.createUserContext", {})).userContext;
    const { context } = await this.send("browsingContext.create", { type: "window", userContext });
    const tab = new FirefoxTab(this, { context, profile: userContext });
    this.#tabs.set(context, tab);
    return tab;
  }

  /** Closes all tabs of a tab's profile, and forgets it. @param {FirefoxTab} tab */
  async forget({ profile }) {
    await this.send("browser.removeUserContext", { userContext: profile });
  }

  async close() {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    if (this.#process.exitCode === null) await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** @param {any} message */
  #receive(message) {
    if (message.type === "event") {
      this.#tabs.get(message.params.source?.context)?.receive(message);
      return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.type === "error") call?.reject(new Error(`${message.error}: ${message.message}`));
    else call?.resolve(message.result);
  }
}

/** A tab of Firefox. @implements {Tab} */
export class FirefoxTab {
  #browser;
  #context;
  /** The browser's name of the profile. */
  profile;
  /** @type {string[]} */
  problems = [];

  /** @param {Firefox} browser @param {{ context: string, profile: string }} own */
  constructor(browser, { context, profile }) {
    this.#browser = browser;
    this.#context = context;
    this.profile = profile;
  }

  /** @param {any} message an event of the protocol */
  receive({ method, params }) {
    if (method === "log.entryAdded" && params.level === "error") this.problems.push(params.text ?? "");
  }

  /** @param {string} url */
  async navigate(url) {
    await this.#send("browsingContext.navigate", { url, wait: "interactive" });
  }

  /** @param {string} source @param {unknown[]} values */
  async call(source, values) {
    const { type, result, exceptionDetails } = await this.#browser.send("script.callFunction", {
      functionDeclaration: `async (values) => JSON.stringify([await (${source})(...JSON.parse(values))])`,
      arguments: [{ type: "string", value: JSON.stringify(values) }],
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (type === "exception") throw new Error(exceptionDetails.text);
    return JSON.parse(result.value)[0];
  }

  /** @param {number} x @param {number} y */
  async click(x, y) {
    await this.#perform("pointer", press(x, y));
  }

  /** @param {string} name */
  async key(name) {
    await this.#perform("key", stroke(name));
  }

  /** @param {{ width: number, height: number }} viewport */
  async resize(viewport) {
    await this.#send("browsingContext.setViewport", { viewport });
  }

  async reload() {
    await this.#send("browsingContext.reload", { wait: "interactive" });
  }

  async back() {
    await this.#send("browsingContext.traverseHistory", { delta: -1 });
  }

  async capture() {
    const { data } = await this.#send("browsingContext.captureScreenshot", { origin: "viewport" });
    return Buffer.from(data, "base64");
  }

  async close() {
    await this.#send("browsingContext.close", {});
  }

  /** @param {"key" | "pointer"} type @param {object[]} actions */
  async #perform(type, actions) {
    await this.#send("input.performActions", { actions: [{ type, id: type, actions }] });
  }

  /** @param {string} method @param {object} params */
  #send(method, params) {
    return this.#browser.send(method, { context: this.#context, ...params });
  }
}

/** The address that Firefox prints when it listens. @param {import("node:child_process").ChildProcess} child @returns {Promise<string>} */
function address(child) {
  return new Promise((resolve, reject) => {
    let stderr = "";
    const fail = (/** @type {string} */ what) => reject(new Error(`Firefox ${what}: ${stderr.slice(-2000)}`));
    const timer = setTimeout(() => fail("does not listen"), START_TIMEOUT_MS);
    child.stderr?.setEncoding("utf8").on("data", (chunk) => {
      stderr += chunk;
      const found = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(stderr);
      if (!found) return;
      clearTimeout(timer);
      resolve(found[1]);
    });
    child.once("error", (error) => fail(`cannot be started (${error.message})`));
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      fail(`ended (${code ?? signal})`);
    });
  });
}
