// @ts-check
// A proxy between the gateways and the merchant that records when each notification arrived.
import { Agent, createServer, request as ask } from "node:http";

export class Notifications {
  /** Called with the time at which a notification's last byte arrived, by this machine's clock. @type {(at: number) => void} */
  heard = () => {};
  /** Called with each notification's body, and the instance that gets it. @type {(body: string, instance: number) => void} */
  heardBody = () => {};
  url = "";
  /** The addresses of the merchant's instances, which get the notifications in turn; known once they have started. @type {string[]} */
  merchantUrls = [];
  #turn = 0;
  #agent = new Agent({ keepAlive: true });
  /** @type {import("node:http").Server | undefined} */
  #server;

  static async open() {
    const all = new Notifications();
    const server = createServer((request, response) => all.#pass(request, response));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
    all.#server = server;
    all.url = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}`;
    return all;
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  async #pass(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const at = performance.timeOrigin + performance.now();
    this.heard(at);
    const instance = this.#turn++ % this.merchantUrls.length;
    this.heardBody(Buffer.concat(chunks).toString("utf8"), instance);
    const { hostname, port } = new URL(this.merchantUrls[instance]);
    const { method, url: path } = request;
    const headers = { ...request.headers, host: `${hostname}:${port}` };
    const onward = ask({ hostname, port, method, path, headers, agent: this.#agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    onward.end(Buffer.concat(chunks));
  }

  close() {
    this.#agent.destroy();
    this.#server?.closeAllConnections();
    return new Promise((resolve) => this.#server?.close(resolve));
  }
}
