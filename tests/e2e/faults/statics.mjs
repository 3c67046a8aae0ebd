// Serves the files of the widget and of the page from another origin, like a content delivery network,
// so that the browser caches and compiles them once for all cases.
import { createServer } from "node:http";

export class Statics {
  /** @type {Map<string, Promise<{ status: number, type: string, body: Buffer }>>} */
  #files = new Map();
  #listener;
  url = "";

  /** @param {string} shopUrl */
  static async start(shopUrl) {
    const statics = new Statics(shopUrl);
    await new Promise((resolve) => statics.#listener.listen(0, "127.0.0.1", () => resolve(null)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (statics.#listener.address());
    statics.url = `http://127.0.0.1:${port}`;
    return statics;
  }

  /** @param {string} shopUrl */
  constructor(shopUrl) {
    this.#listener = createServer((request, response) => this.#serve(shopUrl, request, response));
  }

  /** Serves a script of the test's. @param {string} path @param {string} source */
  add(path, source) {
    this.#files.set(path, Promise.resolve({ status: 200, type: "text/javascript; charset=utf-8", body: Buffer.from(source) }));
  }

  stop() {
    this.#listener.close();
    this.#listener.closeAllConnections();
  }

  /** @param {string} shopUrl @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  async #serve(shopUrl, { url = "/" }, response) {
    const known = this.#files.get(url) ?? fetch(`${shopUrl}${url}`).then(async (file) => ({
      status: file.status,
      type: file.headers.get("content-type") ?? "text/plain",
      body: Buffer.from(await file.arrayBuffer()),
    }));
    this.#files.set(url, known);
    try {
      const { status, type, body } = await known;
      response.writeHead(status, {
        "Content-Type": type,
        "Content-Length": body.length,
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, max-age=3600",
      });
      response.end(body);
    } catch {
      this.#files.delete(url);
      response.destroy();
    }
  }
}
