// WebKitGTK: its MiniBrowser, driven by WebKitWebDriver through W3C WebDriver calls, on a display of its own.
// https://www.w3.org/TR/webdriver2/
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { freePorts } from "../servers.mjs";
import { press, stroke } from "./actions.mjs";

/** @typedef {import("./page.mjs").Tab} Tab */

const START_TIMEOUT_MS = 30_000;
const SCREEN = "3200x3200x24";
/**
 * The upper left corner of the windows. Without a window manager, the window below the pointer has the
 * keyboard's focus, and the pointer rests in the middle of the screen: in the browser's bar, not on the page.
 */
const CORNER = { x: 1500, y: 1585 };
/** The least width of a page: MiniBrowser's window is as wide as its buttons. */
const LEAST_WIDTH = 450;
/** What WebKit writes for an error of a page's console. */
const PROBLEM = /CONSOLE (?:JS|SECURITY|CONSOLEAPI|CONSOLE_API) ERROR (.*)/g;

export class WebKit {
  #display;
  #programs;
  #folder;
  #colorScheme;
  /** @type {Set<Driver>} */
  #drivers = new Set();

  /**
   * Starts a display for the browsers.
   * @param {{ driver: string, browser: string, display: string }} programs
   * @param {{ colorScheme?: "light" | "dark" }} [options]
   */
  static async launch(programs, { colorScheme = "light" } = {}) {
    const folder = await mkdtemp(join(tmpdir(), "opencashier-webkit-"));
    const child = spawn(programs.display, ["-displayfd", "3", "-screen", "0", SCREEN, "-nolisten", "tcp"], {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
    });
    const number = await printed(child, /** @type {import("node:stream").Readable} */ (child.stdio[3]), /^(\d+)\n/, "Xvfb");
    return new WebKit({ child, number }, programs, folder, colorScheme);
  }

  /**
   * @param {{ child: import("node:child_process").ChildProcess, number: string }} display
   * @param {{ driver: string, browser: string }} programs @param {string} folder @param {string} colorScheme
   */
  constructor(display, programs, folder, colorScheme) {
    this.#display = display;
    this.#programs = programs;
    this.#folder = folder;
    this.#colorScheme = colorScheme;
  }

  /** Opens a tab in a profile of its own, or in that of another tab. @param {WebKitTab} [sibling] */
  async tab(sibling) {
    if (sibling) return sibling.profile.tab();
    const driver = await Driver.start(this.#programs, {
      ...process.env,
      DISPLAY: `:${this.#display.number}`,
      HOME: this.#folder,
      LANG: "C.UTF-8",
      LANGUAGE: "en_US",
      // Neither a bus nor a graphics card is needed.
      GTK_A11Y: "none",
      NO_AT_BRIDGE: "1",
      GSETTINGS_BACKEND: "memory",
      GDK_BACKEND: "x11",
      GTK_THEME: this.#colorScheme === "dark" ? "Adwaita:dark" : "Adwaita",
      LIBGL_ALWAYS_SOFTWARE: "1",
    });
    this.#drivers.add(driver);
    return driver.tab();
  }

  /** Closes all tabs of a tab's profile, and forgets it. @param {WebKitTab} tab */
  async forget({ profile }) {
    this.#drivers.delete(profile);
    await profile.stop();
  }

  async close() {
    await Promise.all([...this.#drivers].map((driver) => driver.stop()));
    await end(this.#display.child);
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One WebKitWebDriver with one MiniBrowser, which has its profile in memory. */
class Driver {
  #child;
  #url;
  #session = "";
  #current = "";
  /** A window that no tab uses. */
  #spare = "";
  /** Commands go to the current window, one after the other. @type {Promise<unknown>} */
  #queue = Promise.resolve();
  /** @type {Set<WebKitTab>} */
  #tabs = new Set();

  /** @param {{ driver: string, browser: string }} programs @param {NodeJS.ProcessEnv} env */
  static async start({ driver, browser }, env) {
    const [port] = await freePorts(1);
    const child = spawn(driver, [`--port=${port}`, "--host=127.0.0.1"], { stdio: ["ignore", "pipe", "pipe"], env, detached: true });
    const started = new Driver(child, `http://127.0.0.1:${port}`);
    try {
      await started.#begin(browser);
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  /** @param {import("node:child_process").ChildProcess} child @param {string} url */
  constructor(child, url) {
    this.#child = child;
    this.#url = url;
    const read = (/** @type {string} */ chunk) => {
      for (const [, text] of chunk.matchAll(PROBLEM)) {
        if (!text.includes("/favicon.ico")) for (const tab of this.#tabs) tab.problems.push(text);
      }
    };
    child.stdout?.setEncoding("utf8").on("data", read);
    child.stderr?.setEncoding("utf8").on("data", read);
  }

  /** Begins a session as soon as the driver listens. @param {string} binary */
  async #begin(binary) {
    const options = { binary, args: ["--automation", "--enable-write-console-messages-to-stdout=true"] };
    // Not "eager": a script that is sent to a page while it is loaded is sometimes never answered.
    const capabilities = { alwaysMatch: { browserName: "MiniBrowser", pageLoadStrategy: "normal", "webkitgtk:browserOptions": options } };
    for (const startedAt = Date.now(); ; await sleep(50)) {
      try {
        this.#session = (await ask(`${this.#url}/session`, "POST", { capabilities })).sessionId;
        return;
      } catch (error) {
        const isRefused = error instanceof TypeError && this.#child.exitCode === null;
        if (!isRefused || Date.now() - startedAt > START_TIMEOUT_MS) throw error;
      }
    }
  }

  /** Opens a window, or takes the first. */
  async tab() {
    const handle = this.#tabs.size === 0 && !this.#spare ? await this.#send("GET", "/window") : this.#spare || (await this.#open("window"));
    this.#spare = "";
    const tab = new WebKitTab(this, handle);
    this.#tabs.add(tab);
    return tab;
  }

  /** Sends a command to a window. @param {string} handle @param {"GET" | "POST" | "DELETE"} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  command(handle, method, path, body) {
    const sent = this.#queue.then(async () => {
      if (this.#current !== handle) await this.#send("POST", "/window", { handle });
      this.#current = handle;
      return this.#send(method, path, body);
    });
    this.#queue = sent.catch(() => {});
    return sent;
  }

  /** @param {WebKitTab} tab @param {string} handle */
  async close(tab, handle) {
    this.#tabs.delete(tab);
    // The session ends with its last window.
    if (this.#tabs.size === 0) this.#spare = await this.#open("window");
    await this.command(handle, "DELETE", "/window");
    this.#current = "";
  }

  /** Opens a window and returns its handle. @param {string} type @returns {Promise<string>} */
  async #open(type) {
    return (await this.#send("POST", "/window/new", { type })).handle;
  }

  /** Ends the driver and, as they are of its process group, the browser and its helpers. */
  async stop() {
    if (this.#session) await ask(`${this.#url}/session/${this.#session}`, "DELETE").catch(() => {});
    await end(this.#child, true);
  }

  /** @param {"GET" | "POST" | "DELETE"} method @param {string} path @param {object} [body] */
  #send(method, path, body) {
    return ask(`${this.#url}/session/${this.#session}${path}`, method, body ?? (method === "POST" ? {} : undefined));
  }
}

/** A window of WebKitGTK. @implements {Tab} */
export class WebKitTab {
  #handle;
  leastWidth = LEAST_WIDTH;
  /** The driver of all windows of the profile. */
  profile;
  /** @type {string[]} */
  problems = [];

  /** @param {Driver} driver @param {string} handle */
  constructor(driver, handle) {
    this.profile = driver;
    this.#handle = handle;
  }

  /** @param {string} url */
  async navigate(url) {
    await this.#send("POST", "/url", { url });
  }

  /** @param {string} source @param {unknown[]} values */
  async call(source, values) {
    // WebKit waits for the promise; `execute/async` sometimes never answers on a page that is being loaded.
    const script = `return (async () => (${source})(...JSON.parse(arguments[0])))().then(
      (value) => JSON.stringify([value]), (error) => String(error && error.stack || error));`;
    const answer = await this.#send("POST", "/execute/sync", { script, args: [JSON.stringify(values)] });
    if (!answer.startsWith("[")) throw new Error(answer);
    return JSON.parse(answer)[0];
  }

  /** @param {number} x @param {number} y */
  async click(x, y) {
    await this.#perform("pointer", press(x, y));
  }

  /** @param {string} name */
  async key(name) {
    await this.#perform("key", stroke(name));
  }

  /** Makes the page, which is smaller than the window, of this size. @param {{ width: number, height: number }} size */
  async resize({ width, height }) {
    const [innerWidth, innerHeight] = await this.call("() => [innerWidth, innerHeight]", []);
    const window = await this.#send("GET", "/window/rect");
    await this.#send("POST", "/window/rect", {
      ...CORNER, width: window.width + width - innerWidth, height: window.height + height - innerHeight,
    });
    const startedAt = Date.now();
    for (;;) {
      const size = await this.call("() => [innerWidth, innerHeight]", []);
      if (size[0] === width && size[1] === height) return;
      if (Date.now() - startedAt > 5_000) throw new Error(`the page is ${size} and not ${width},${height}`);
      await sleep(20);
    }
  }

  async reload() {
    await this.#send("POST", "/refresh");
  }

  async back() {
    await this.#send("POST", "/back");
  }

  async capture() {
    return Buffer.from(await this.#send("GET", "/screenshot"), "base64");
  }

  async close() {
    await this.profile.close(this, this.#handle);
  }

  /** @param {"key" | "pointer"} type @param {object[]} actions */
  async #perform(type, actions) {
    await this.#send("POST", "/actions", { actions: [{ type, id: type, actions, ...(type === "pointer" && { parameters: { pointerType: "mouse" } }) }] });
  }

  /** @param {"GET" | "POST" | "DELETE"} method @param {string} path @param {object} [body] */
  #send(method, path, body) {
    return this.profile.command(this.#handle, method, path, body);
  }
}

/** @param {string} url @param {string} method @param {object} [body] @returns {Promise<any>} */
async function ask(url, method, body) {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }) });
  const { value } = /** @type {any} */ (await response.json());
  if (!response.ok) throw new Error(`${method} ${new URL(url).pathname.replace(/session\/[^/]+/, "…")}: ${value.error}: ${value.message}`);
  return value;
}

/**
 * Waits until a program prints what is asked for.
 * @param {import("node:child_process").ChildProcess} child @param {import("node:stream").Readable} output
 * @param {RegExp} pattern @param {string} name @returns {Promise<string>}
 */
function printed(child, output, pattern, name) {
  return new Promise((resolve, reject) => {
    let text = "";
    let errors = "";
    const fail = (/** @type {string} */ what) => reject(new Error(`${name} ${what}: ${errors.slice(-2000)}`));
    const timer = setTimeout(() => fail("does not start"), START_TIMEOUT_MS);
    child.stderr?.setEncoding("utf8").on("data", (chunk) => (errors += chunk));
    output.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      const found = pattern.exec(text);
      if (!found) return;
      clearTimeout(timer);
      resolve(found[1]);
    });
    child.once("error", (error) => fail(`cannot be started (${error.message})`));
    child.once("exit", (code, signal) => fail(`ended (${code ?? signal})`));
  });
}

/** Ends a program, or its process group. @param {import("node:child_process").ChildProcess} child @param {boolean} [isGroup] */
async function end(child, isGroup = false) {
  if (child.exitCode !== null || child.signalCode !== null || !child.pid) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  process.kill(isGroup ? -child.pid : child.pid, "SIGKILL");
  await ended;
}
