// One of our programs as a process: started, waited for, and stopped.
import { spawn } from "node:child_process";
import { join } from "node:path";

const BIN = process.env.OPENCASHIER_BIN_DIR ?? "";
const LISTENS = /listening on (http:\/\/\S+)/;
const START_TIMEOUT_MS = 60_000;

export class Program {
  /** @type {import("node:child_process").ChildProcess} */
  #child;
  url = "";

  /** Starts a program, and returns once it has printed its address. @param {string} name @param {string[]} args */
  static async start(name, args) {
    const program = new Program(spawn(join(BIN, name), args, { stdio: ["ignore", "pipe", "pipe"] }));
    program.url = await program.#address(name);
    return program;
  }

  /** @param {import("node:child_process").ChildProcess} child */
  constructor(child) {
    this.#child = child;
  }

  /** @param {string} name @returns {Promise<string>} */
  #address(name) {
    return new Promise((resolve, reject) => {
      let output = "";
      const fail = (/** @type {string} */ what) => reject(new Error(`${name} ${what}:\n${output.slice(-2000)}`));
      const timer = setTimeout(() => fail("does not listen"), START_TIMEOUT_MS);
      const read = (/** @type {string} */ chunk) => {
        output += chunk;
        const found = LISTENS.exec(output);
        if (!found) return;
        clearTimeout(timer);
        resolve(found[1]);
      };
      this.#child.stdout?.setEncoding("utf8").on("data", read);
      this.#child.stderr?.setEncoding("utf8").on("data", read);
      this.#child.on("error", (/** @type {Error} */ error) => fail(`cannot be started (${error.message})`));
      this.#child.on("exit", (/** @type {number} */ code, /** @type {string} */ signal) => fail(`ended (${code ?? signal})`));
    });
  }

  async stop() {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.on("exit", resolve));
    this.#child.kill("SIGTERM");
    await ended;
  }
}
