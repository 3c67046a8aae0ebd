// Any Chromium since 72, driven by the raw DevTools protocol: Playwright drives recent ones only.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { KEYS, WIDE } from "./page.mjs";

/** @typedef {import("./page.mjs").Tab} Tab */

/** The switches of every Chromium. */
const SWITCHES = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--lang=en-US",
  "--force-prefers-reduced-motion",
];

export class Chromium {
  /** @type {import("node:child_process").ChildProcess} */
  #process;
  #profile;
  #colorScheme;
  /** Why no more calls are answered. */
  #end = "";
  #nextId = 1;
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #calls = new Map();
  /** @type {Map<string, ChromiumTab>} */
  #tabs = new Map();

  /**
   * Starts a browser with an empty profile.
   * @param {string} program
   * @param {{ isOld?: boolean, colorScheme?: "light" | "dark", switches?: string[] }} [options] `isOld`: a build of npm's, with its libraries beside it
   */
  static async launch(program, { isOld = false, colorScheme = "light", switches = [] } = {}) {
    const profile = await mkdtemp(join(tmpdir(), "opencashier-chromium-"));
    const libraries = [join(dirname(program), "lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
    const child = spawn(program, [...SWITCHES, ...switches, `--user-data-dir=${profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
      env: { ...process.env, ...(isOld && { LD_LIBRARY_PATH: libraries }) },
    });
    return new Chromium(child, { profile, colorScheme });
  }

  /** @param {import("node:child_process").ChildProcess} child @param {{ profile: string, colorScheme: string }} how */
  constructor(child, { profile, colorScheme }) {
    this.#process = child;
    this.#profile = profile;
    this.#colorScheme = colorScheme;
    const output = /** @type {import("node:stream").Readable} */ (child.stdio[4]);
    let rest = Buffer.alloc(0);
    output.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        this.#receive(JSON.parse(rest.subarray(0, end).toString()));
        rest = rest.subarray(end + 1);
      }
    });
    const end = (/** @type {string} */ why) => {
      this.#end = why;
      for (const { reject } of this.#calls.values()) reject(new Error(why));
      this.#calls.clear();
    };
    child.on("error", (error) => end(`Chromium cannot be started: ${error.message}`));
    child.on("exit", (code, signal) => end(`Chromium ended (${code ?? signal})`));
  }

  /**
   * Calls a method of the protocol.
   * @param {string} method @param {object} [params] @param {string} [sessionId]
   * @returns {Promise<any>}
   */
  send(method, params = {}, sessionId) {
    const id = this.#nextId++;
    const message = sessionId ? { id, method, params, sessionId } : { id, method, params };
    const input = /** @type {import("node:stream").Writable} */ (this.#process.stdio[3]);
    return new Promise((resolve, reject) => {
      if (this.#end) throw new Error(this.#end);
      this.#calls.set(id, { resolve, reject });
      input.write(`${JSON.stringify(message)}\0`);
    });
  }

  /** Opens a tab in a profile of its own, or in that of another tab. @param {ChromiumTab} [sibling] */
  async tab(sibling) {
    const { browserContextId } = sibling?.profile ?? (await this.send("Target.createBrowserContext"));
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank", browserContextId, ...WIDE });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const tab = new ChromiumTab((method, params) => this.send(method, params, sessionId), {
      profile: sibling?.profile ?? { browserContextId },
      close: async () => {
        this.#tabs.delete(sessionId);
        await this.send("Target.closeTarget", { targetId });
      },
    });
    this.#tabs.set(sessionId, tab);
    await tab.start(this.#colorScheme);
    return tab;
  }

  /** Closes all tabs of a tab's profile, and forgets it. @param {ChromiumTab} tab */
  async forget({ profile }) {
    await this.send("Target.disposeBrowserContext", profile);
  }

  async close() {
    const child = this.#process;
    if (child.exitCode === null && child.signalCode === null && child.pid) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    }
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** @param {any} message */
  #receive(message) {
    if (message.id === undefined) {
      this.#tabs.get(message.sessionId)?.receive(message);
      return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.error) call?.reject(new Error(message.error.message));
    else call?.resolve(message.result);
  }
}

/** A tab of Chromium. @implements {Tab} */
export class ChromiumTab {
  #send;
  #close;
  /** @type {{ browserContextId: string }} */
  profile;
  /** @type {string[]} */
  problems = [];

  /** @param {(method: string, params?: object) => Promise<any>} send @param {{ profile: { browserContextId: string }, close: () => Promise<void> }} own */
  constructor(send, { profile, close }) {
    this.#send = send;
    this.#close = close;
    this.profile = profile;
  }

  /** @param {any} message an event of the protocol */
  receive({ method, params }) {
    if (method === "Runtime.exceptionThrown") {
      const { text, exception } = params.exceptionDetails;
      this.problems.push(`${text} ${exception?.description ?? ""}`);
    }
    if (method === "Runtime.consoleAPICalled" && params.type === "error") {
      this.problems.push(params.args.map((/** @type {any} */ { value, description }) => value || description).join(" "));
    }
    if (method === "Log.entryAdded" && params.entry.level === "error") {
      const { text, url = "" } = params.entry;
      if (!url.endsWith("/favicon.ico")) this.problems.push(`${text} (${url})`);
    }
  }

  /** @param {string} colorScheme */
  async start(colorScheme) {
    await Promise.all(["Page.enable", "Runtime.enable", "Log.enable"].map((method) => this.#send(method)));
    if (colorScheme === "dark") {
      await this.#send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "dark" }] });
    }
  }

  /** @param {string} url */
  async navigate(url) {
    const { errorText } = await this.#send("Page.navigate", { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
  }

  /** @param {string} source @param {unknown[]} values */
  async call(source, values) {
    const expression = `(${source})(...${JSON.stringify(values)})`;
    const { result, exceptionDetails } = await this.#send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** @param {number} x @param {number} y */
  async click(x, y) {
    const mouse = (/** @type {string} */ type, more = {}) => this.#send("Input.dispatchMouseEvent", { type, x, y, ...more });
    await mouse("mouseMoved");
    await mouse("mousePressed", { button: "left", clickCount: 1 });
    await mouse("mouseReleased", { button: "left", clickCount: 1 });
  }

  /** @param {string} name */
  async key(name) {
    const { code, text } = KEYS[name] ?? { code: name.toUpperCase().charCodeAt(0), text: name };
    const key = { key: name, windowsVirtualKeyCode: code };
    await this.#send("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", ...key, ...(text && { text }) });
    await this.#send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
  }

  /** @param {{ width: number, height: number }} size */
  async resize({ width, height }) {
    await this.#send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  }

  async reload() {
    await this.#send("Page.reload");
  }

  async back() {
    const { currentIndex, entries } = await this.#send("Page.getNavigationHistory");
    await this.#send("Page.navigateToHistoryEntry", { entryId: entries[currentIndex - 1].id });
  }

  async capture() {
    const { data } = await this.#send("Page.captureScreenshot", { format: "png" });
    return Buffer.from(data, "base64");
  }

  async close() {
    await this.#close();
  }
}
