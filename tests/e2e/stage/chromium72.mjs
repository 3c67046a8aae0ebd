// Chromium 72 of January 2019, the oldest engine that the widget supports, driven by the raw DevTools
// protocol: Playwright speaks to newer ones only.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The limit for every wait on a page. */
const WAIT_TIMEOUT_MS = 20_000;
const POLL_INTERVAL_MS = 50;
/** The switches with which this build runs in a container. */
const SWITCHES = [
  "--headless", "--no-sandbox", "--disable-gpu", "--single-process", "--no-zygote", "--disable-dev-shm-usage",
  "--remote-debugging-pipe", "--disable-background-networking", "--no-first-run",
];

export class Chromium72 {
  /** @type {import("node:child_process").ChildProcess} */
  #process;
  #profile;
  #nextId = 1;
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #calls = new Map();
  /** @type {Map<string, (message: any) => void>} */
  #sessions = new Map();

  /** Starts a browser with an empty profile. */
  static async launch() {
    const program = process.env.OPENCASHIER_CHROMIUM_72;
    if (!program) throw new Error("run these tests by `cargo xtask e2e`: OPENCASHIER_CHROMIUM_72 is not set");
    const profile = await mkdtemp(join(tmpdir(), "opencashier-chromium72-"));
    return new Chromium72(program, profile);
  }

  /** @param {string} program @param {string} profile */
  constructor(program, profile) {
    this.#profile = profile;
    this.#process = spawn(program, [...SWITCHES, `--user-data-dir=${profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    const output = /** @type {import("node:stream").Readable} */ (this.#process.stdio[4]);
    let rest = Buffer.alloc(0);
    output.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        this.#receive(JSON.parse(rest.subarray(0, end).toString()));
        rest = rest.subarray(end + 1);
      }
    });
    this.#process.on("exit", () => {
      for (const { reject } of this.#calls.values()) reject(new Error("Chromium 72 ended"));
      this.#calls.clear();
    });
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
      this.#calls.set(id, { resolve, reject });
      input.write(`${JSON.stringify(message)}\0`);
    });
  }

  /** Opens a page in a tab of its own. @param {string} url @param {{ width?: number, height?: number }} [size] */
  async open(url, { width = 1280, height = 900 } = {}) {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank", width, height });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new OldPage((method, params) => this.send(method, params, sessionId));
    this.#sessions.set(sessionId, (message) => page.receive(message));
    await page.start(url, { width, height });
    return page;
  }

  async close() {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await ended;
    await rm(this.#profile, { recursive: true, force: true });
  }

  /** @param {any} message */
  #receive(message) {
    if (message.id === undefined) {
      this.#sessions.get(message.sessionId)?.(message);
      return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.error) call?.reject(new Error(message.error.message));
    else call?.resolve(message.result);
  }
}

/** A page in the old browser. */
export class OldPage {
  #send;
  /** Uncaught errors and messages of the console's level "error". @type {string[]} */
  problems = [];

  /** @param {(method: string, params?: object) => Promise<any>} send */
  constructor(send) {
    this.#send = send;
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

  /** @param {string} url @param {{ width: number, height: number }} size */
  async start(url, { width, height }) {
    await Promise.all(["Page.enable", "Runtime.enable", "Log.enable"].map((method) => this.#send(method)));
    await this.#send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    await this.#send("Page.navigate", { url });
  }

  /**
   * Calls a function in the page with JSON values and returns its result.
   * @template {unknown[]} A, R
   * @param {(...values: A) => R} run @param {A} values
   * @returns {Promise<Awaited<R>>}
   */
  async evaluate(run, ...values) {
    const expression = `(${run})(...${JSON.stringify(values)})`;
    const { result, exceptionDetails } = await this.#send("Runtime.evaluate", {
      expression, awaitPromise: true, returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /**
   * Waits until a function in the page returns something true, and returns it.
   * @template {unknown[]} A, R
   * @param {(...values: A) => R} run @param {A} values
   */
  async waitFor(run, ...values) {
    const started = Date.now();
    for (;;) {
      const result = await this.evaluate(run, ...values);
      if (result) return result;
      if (Date.now() - started > WAIT_TIMEOUT_MS) {
        throw new Error(`not in ${WAIT_TIMEOUT_MS} ms: ${run} of ${JSON.stringify(values)}\n${this.problems.join("\n")}`);
      }
      await sleep(POLL_INTERVAL_MS);
    }
  }

  /** Waits until the widget has an element. @param {string} selector */
  async has(selector) {
    // Runs in Chromium 72, which has no `?.`.
    await this.waitFor((selector) => {
      const host = document.querySelector("open-cashier");
      return Boolean(host && host.shadowRoot && host.shadowRoot.querySelector(selector));
    }, selector);
  }

  /** Waits until the widget is in a state of the machine. @param {string} state */
  async isIn(state) {
    await this.has(`[data-state="${state}"]`);
  }

  /** Presses the middle of an element of the widget. @param {string} selector */
  async press(selector) {
    await this.has(selector);
    const { x, y } = await this.evaluate((selector) => {
      const { shadowRoot } = /** @type {Element} */ (document.querySelector("open-cashier"));
      const element = /** @type {Element} */ (/** @type {ShadowRoot} */ (shadowRoot).querySelector(selector));
      const { left, top, width, height } = element.getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    }, selector);
    const mouse = (/** @type {string} */ type) =>
      this.#send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
    await mouse("mousePressed");
    await mouse("mouseReleased");
  }

  /** @returns {Promise<Buffer>} a screenshot of the page as PNG */
  async screenshot() {
    const { data } = await this.#send("Page.captureScreenshot", { format: "png" });
    return Buffer.from(data, "base64");
  }
}
