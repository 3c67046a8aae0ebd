// An HTTP server on loopback that records every request: a merchant's notification address, or a
// gateway.
import { createServer } from "node:http";

/** @typedef {{ method: string, url: string, headers: import("node:http").IncomingHttpHeaders, body: Buffer }} Received */
/** @typedef {{ status?: number, headers?: import("node:http").OutgoingHttpHeaders, body?: string }} Answer */

export class Listener {
  #server;
  url = "";
  /** @type {{ url: string, resolve: (request: Received) => void }[]} */
  #waiting = [];
  /** @type {Received[]} */
  #received = [];

  /** @param {(request: Received) => Answer} answer */
  static async start(answer) {
    const listener = new Listener(answer);
    await new Promise((resolve) => listener.#server.listen(0, "127.0.0.1", () => resolve(null)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (listener.#server.address());
    listener.url = `http://127.0.0.1:${port}`;
    return listener;
  }

  /** @param {(request: Received) => Answer} answer */
  constructor(answer) {
    this.#server = createServer((request, response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const received = { method, url, headers, body: Buffer.concat(chunks) };
        const { status = 200, headers: more = {}, body = "" } = answer(received);
        response.writeHead(status, more).end(body);
        this.#store(received);
      });
    });
  }

  /** Removes and returns the oldest recorded request to this path, or waits for one. @param {string} url @returns {Promise<Received>} */
  take(url) {
    const index = this.#received.findIndex((request) => request.url === url);
    if (index >= 0) return Promise.resolve(this.#received.splice(index, 1)[0]);
    return new Promise((resolve) => this.#waiting.push({ url, resolve }));
  }

  /** Removes and returns all recorded requests. @returns {Received[]} */
  takeAll() {
    return this.#received.splice(0);
  }

  /** @param {Received} request */
  #store(request) {
    const index = this.#waiting.findIndex(({ url }) => url === request.url);
    if (index >= 0) this.#waiting.splice(index, 1)[0].resolve(request);
    else this.#received.push(request);
  }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
