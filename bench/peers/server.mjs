// @ts-check
// One local server for all peers: their files with the same headers and the same compression, the
// merchant API for ours, and stubs of Adyen's servers and of a shop's for the others.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { brotliCompressSync } from "node:zlib";

import { Merchant, codeOf, text } from "../lib/merchant.mjs";
import { PNG, encodeQr } from "../lib/packages.mjs";
import { PEERS, pageOf } from "./peers.mjs";
import { statics } from "./bundles.mjs";

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="26" viewBox="0 0 40 26"><rect width="40" height="26" rx="4" fill="#07c160"/><circle cx="16" cy="12" r="6" fill="#fff"/><circle cx="24" cy="16" r="5" fill="#fff"/></svg>`;

export class Stage {
  merchant = new Merchant();
  /** The delay of every API's answer. */
  apiDelayMs = 0;
  /** The delay of every answer, of files and pages too; to count answers in a row. */
  allDelayMs = 0;
  /** Adyen's payments: true if paid. @type {Map<string, boolean>} */
  #adyen = new Map();
  /** @type {import("node:http").Server | undefined} */
  #server;
  #files = new Map();
  url = "";

  static async open() {
    const stage = new Stage();
    stage.#files = await statics();
    const server = createServer((request, response) => {
      stage.#answer(request, response).catch((error) => {
        // A closed page does not read its answers.
        if (error.code !== "ECONNRESET") console.error(error);
        response.destroy();
      });
    });
    server.keepAliveTimeout = 60_000;
    await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
    stage.#server = server;
    stage.url = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}`;
    return stage;
  }

  close() {
    this.merchant.forget();
    this.#server?.closeAllConnections();
    return new Promise((resolve) => this.#server?.close(resolve));
  }

  file(/** @type {string} */ path) {
    return this.#files.get(path);
  }

  files() {
    return this.#files;
  }

  /** A visit of one peer's page. @param {string} peer */
  begin(peer) {
    const id = randomBytes(8).toString("hex");
    const { client_secret } = this.merchant.open({ id, base: this.url });
    this.#adyen.set(id, false);
    const query = new URLSearchParams({ run: id, secret: client_secret });
    return { id, code: codeOf(`cs_${id}`), url: `${this.url}/page/${peer}?${query}` };
  }

  /** Completes a payment as after a notification. @param {string} id @returns {number} the time, in milliseconds of this machine's clock */
  pay(id) {
    this.#adyen.set(id, true);
    return this.merchant.pay(`cs_${id}`);
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  async #answer(request, response) {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const isApi = /^\/(api|adyen-api|adyen-shop|adyen-analytics)\//.test(pathname);
    const wait = this.allDelayMs + (isApi ? this.apiDelayMs : 0);
    if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
    if (pathname.startsWith("/api/")) {
      if (await this.merchant.answer(request, response, pathname.slice("/api".length))) return;
    } else if (pathname.startsWith("/page/")) {
      const peer = PEERS[pathname.slice("/page/".length)];
      const id = searchParams.get("run") ?? "";
      const run = { id, secret: searchParams.get("secret") ?? "", session: this.merchant.read(`cs_${id}`) };
      if (peer) return send(response, "text/html; charset=utf-8", brotliCompressSync(pageOf(peer, run)), { "content-encoding": "br" });
    } else if (pathname.startsWith("/adyen-")) {
      if (await this.#adyenAnswer(request, response, pathname, searchParams)) return;
    } else {
      const file = this.#files.get(pathname);
      if (file) return send(response, file.type, file.brotli, { "content-encoding": "br", ...FOR_EVER });
      if (pathname === "/blank") return send(response, "text/html; charset=utf-8", Buffer.from(BLANK));
    }
    await text(request);
    response.writeHead(404, { "content-type": "text/plain" });
    response.end("there is nothing here");
  }

  /** @param {any} request @param {any} response @param {string} path @param {URLSearchParams} query */
  async #adyenAnswer(request, response, path, query) {
    const body = await text(request);
    const json = (/** @type {unknown} */ value) => {
      send(response, "application/json", Buffer.from(JSON.stringify(value)), { "cache-control": "no-store" });
      return true;
    };
    if (path.startsWith("/adyen-cdn/images/")) {
      send(response, "image/svg+xml", Buffer.from(LOGO), FOR_EVER);
      return true;
    }
    if (path === "/adyen-analytics/v3/analytics") return json({ checkoutAttemptId: "bench" });
    if (path === "/adyen-shop/payments") {
      const run = query.get("run") ?? "";
      const action = { type: "qrCode", paymentMethodType: "wechatpayQR", paymentData: run, qrCodeData: codeOf(`cs_${run}`) };
      return json({ resultCode: "Pending", action });
    }
    if (path === "/adyen-shop/details") return json({ resultCode: "Authorised" });
    if (path === "/adyen-api/services/PaymentInitiation/v1/status") {
      const isPaid = this.#adyen.get(JSON.parse(body).paymentData);
      return json(isPaid ? { type: "complete", resultCode: "authorised", payload: "bench" } : { type: "pending", resultCode: "pending" });
    }
    if (path === "/adyen-api/utility/v1/barcode.png") {
      send(response, "image/png", barcode(query.get("data") ?? ""), { "cache-control": "no-store" });
      return true;
    }
    return false;
  }
}

/** @param {any} response @param {string} type @param {Buffer} body */
function send(response, type, body, headers = {}) {
  response.writeHead(200, { "content-type": type, "content-length": body.length, vary: "accept-encoding", ...headers });
  response.end(body);
}

/** An image of a code, as Adyen's servers return it. @param {string} data */
function barcode(data) {
  const rows = encodeQr(data);
  const [scale, quiet] = [6, 4];
  const side = (rows.length + 2 * quiet) * scale;
  const png = new PNG({ width: side, height: side, colorType: 0 });
  png.data.fill(255);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const isDark = rows[Math.floor(y / scale) - quiet]?.[Math.floor(x / scale) - quiet];
      if (isDark) png.data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  return PNG.sync.write(png, { colorType: 0 });
}

const FOR_EVER = { "cache-control": "public, max-age=31536000, immutable" };
const BLANK = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bench</title><link rel="icon" href="data:,">
<script type="module" src="/opencashier/opencashier.js"></script></head><body><main></main></body></html>`;
