// The files of the widget and of the page, from an origin of their own, as from a content delivery
// network: so browsers keep them, compiled, from case to case.
import { createServer } from "node:http";

export class Statics {
  #files = new Map();
  #listener;

  static async start(shopUrl) {
    const statics = new Statics();
    await new Promise((resolve) => {
      statics.#listener = createServer((request, response) => statics.#serve(shopUrl, request, response));
      statics.#listener.listen(0, "127.0.0.1", resolve);
    });
    statics.url = `http://127.0.0.1:${statics.#listener.address().port}`;
    return statics;
  }

  stop() {
    this.#listener.close();
    this.#listener.closeAllConnections();
  }

  async #serve(shopUrl, { url }, response) {
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
