// @ts-check
// Shoppers who wait on server-sent events, in a process of their own.
import { fork } from "node:child_process";

/** @typedef {import("./load.mjs").Shopper} Shopper */

export class Streams {
  /** When each session was pushed as complete, by the machine's monotonic clock in nanoseconds. @type {Map<string, bigint>} */
  told = new Map();
  /** When each stream was ended by the backend, in Unix milliseconds. @type {Map<string, number>} */
  ended = new Map();
  lost = 0;
  #child = fork(new URL("./shoppers.mjs", import.meta.url));
  /** @type {Map<number, { resolve: (value: null) => void, reject: (error: Error) => void }>} */
  #opening = new Map();
  #batches = 0;

  /** @param {string} merchantUrl */
  constructor(merchantUrl) {
    const { hostname: host, port } = new URL(merchantUrl);
    this.address = { host, port: Number(port) };
    this.#child.on("exit", (code) => this.#fail(`the shoppers ended (${code})`));
    this.#child.on("message", (message) => this.#heard(message));
  }

  /** Opens the streams of these shoppers, and waits until each has its session. @param {Shopper[]} shoppers */
  open(shoppers) {
    const batch = this.#batches++;
    return new Promise((resolve, reject) => {
      this.#opening.set(batch, { resolve, reject });
      this.#child.send({ ...this.address, batch, shoppers });
    });
  }

  end() {
    return new Promise((resolve) => {
      this.#child.on("exit", resolve);
      if (this.#child.connected) this.#child.send("end");
      else resolve(null);
    });
  }

  /** @param {any} message */
  #heard({ kind, id, batch, at, why }) {
    if (kind === "all") this.#opening.get(batch)?.resolve(null);
    if (kind === "failed") this.#fail(`a shopper cannot wait: ${why}`);
    if (kind === "told") this.told.set(id, BigInt(at));
    if (kind === "ended" && !this.ended.has(id)) this.ended.set(id, at);
    if (kind === "lost") this.lost += 1;
  }

  /** @param {string} why */
  #fail(why) {
    for (const { reject } of this.#opening.values()) reject(new Error(why));
  }
}
