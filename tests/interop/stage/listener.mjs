// An HTTP server on loopback that keeps every request as it came: a merchant's address for
// notifications, or a platform that writes down what it is sent.
import { createServer } from "node:http";

/** @typedef {{ method: string, url: string, headers: import("node:http").IncomingHttpHeaders, body: Buffer }} Kept */
/** @typedef {{ status?: number, headers?: import("node:http").OutgoingHttpHeaders, body?: string }} Answer */

export class Listener {
  #server;
  url = "";
  /** @type {{ url: string, resolve: (kept: Kept) => void }[]} */
  #waiting = [];
  /** @type {Kept[]} */
  #kept = [];

  /** @param {(kept: Kept) => Answer} answer */
  static async start(answer) {
    const listener = new Listener(answer);
    await new Promise((resolve) => listener.#server.listen(0, "127.0.0.1", () => resolve(null)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (listener.#server.address());
    listener.url = `http://127.0.0.1:${port}`;
    return listener;
  }

  /** @param {(kept: Kept) => Answer} answer */
  constructor(answer) {
    this.#server = createServer((request, response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const kept = { method, url, headers, body: Buffer.concat(chunks) };
        const { status = 200, headers: more = {}, body = "" } = answer(kept);
        response.writeHead(status, more).end(body);
        this.#keep(kept);
      });
    });
  }

  /** The first request to this address that nobody has taken yet. @param {string} url @returns {Promise<Kept>} */
  take(url) {
    const index = this.#kept.findIndex((kept) => kept.url === url);
    if (index >= 0) return Promise.resolve(this.#kept.splice(index, 1)[0]);
    return new Promise((resolve) => this.#waiting.push({ url, resolve }));
  }

  /** All that came and nobody has taken. @returns {Kept[]} */
  takeAll() {
    return this.#kept.splice(0);
  }

  /** @param {Kept} kept */
  #keep(kept) {
    const index = this.#waiting.findIndex(({ url }) => url === kept.url);
    if (index >= 0) this.#waiting.splice(index, 1)[0].resolve(kept);
    else this.#kept.push(kept);
  }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
