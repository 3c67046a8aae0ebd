// @ts-check
// The receiver of the merchant's webhooks: it takes them, or hangs.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

import { text } from "./merchant.mjs";

export class Receiver {
  isHanging = false;
  /** When each event was taken, by session and type, in Unix milliseconds. @type {Map<string, number>} */
  taken = new Map();
  /** Tries that were never answered. */
  unanswered = 0;
  secret = `whsec_${randomBytes(32).toString("base64")}`;
  url = "";
  /** @type {import("node:http").Server | undefined} */
  #server;

  static async open() {
    const receiver = new Receiver();
    const server = createServer((request, response) => receiver.#take(request, response));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
    receiver.#server = server;
    receiver.url = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}/hooks`;
    return receiver;
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  async #take(request, response) {
    const { type, data } = JSON.parse(await text(request));
    if (this.isHanging) {
      this.unanswered += 1;
      return;
    }
    const key = `${type} ${data.id}`;
    if (!this.taken.has(key)) this.taken.set(key, Date.now());
    response.writeHead(204).end();
  }

  close() {
    this.#server?.closeAllConnections();
    return new Promise((resolve) => this.#server?.close(resolve));
  }
}
