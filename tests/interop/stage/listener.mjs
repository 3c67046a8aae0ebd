// An HTTP server on loopback that keeps every request as it came: a merchant's address for
// notifications, or a platform that writes down what it is sent.
import { createServer } from "node:http";

/** @typedef {{ method: string, url: string, headers: object, body: Buffer }} Kept */

export class Listener {
  #server;
  #waiting = [];
  #kept = [];

  /** @param {(kept: Kept) => { status?: number, headers?: object, body?: string }} answer */
  static async start(answer) {
    const listener = new Listener();
    listener.#server = createServer((request, response) => {
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        const { method, url, headers } = request;
        const kept = { method, url, headers, body: Buffer.concat(chunks) };
        const { status = 200, headers: more = {}, body = "" } = answer(kept);
        response.writeHead(status, more).end(body);
        listener.#keep(kept);
      });
    });
    await new Promise((resolve) => listener.#server.listen(0, "127.0.0.1", resolve));
    listener.url = `http://127.0.0.1:${listener.#server.address().port}`;
    return listener;
  }

  /** The first request to this address that nobody has taken yet. @returns {Promise<Kept>} */
  take(url) {
    const index = this.#kept.findIndex((kept) => kept.url === url);
    if (index >= 0) return Promise.resolve(this.#kept.splice(index, 1)[0]);
    return new Promise((resolve) => this.#waiting.push({ url, resolve }));
  }

  /** All that came and nobody has taken. @returns {Kept[]} */
  takeAll() {
    return this.#kept.splice(0);
  }

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
