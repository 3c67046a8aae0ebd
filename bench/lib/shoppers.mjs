// @ts-check
// Many shoppers in one process who wait on server-sent events: raw sockets that record when their
// session was reported complete. The child process of streams.mjs.
import { connect } from "node:net";

/** Connections that are opened at once. */
const AT_ONCE = 64;
/** A machine has some 28,000 ports per address, and loopback has many addresses. */
const ADDRESSES = 8;

/** @typedef {{ host: string, port: number, batch: number, shoppers: { id: string, secret: string }[] }} Order */

let isEnding = false;
const send = (/** @type {unknown} */ message) => !isEnding && process.send?.(message);
/** @type {import("node:net").Socket[]} */
const sockets = [];

/** @param {Order} order @param {number} at */
function wait({ host, port, shoppers }, at) {
  const { id, secret } = shoppers[at];
  return new Promise((resolve, reject) => {
    let text = "";
    let isOpen = false;
    const socket = connect({ host, port, localAddress: `127.0.0.${2 + (at % ADDRESSES)}` }, () => {
      socket.write(`GET /v1/checkout/sessions/${id}/events HTTP/1.1\r\nHost: ${host}:${port}\r\n` +
        `Authorization: Bearer ${secret}\r\nAccept: text/event-stream\r\n\r\n`);
    });
    sockets.push(socket);
    socket.setNoDelay(true).setEncoding("utf8");
    socket.on("error", (error) => (isOpen ? send({ kind: "lost", id, why: error.message }) : reject(error)));
    socket.on("data", (/** @type {any} Text, by the encoding. */ chunk) => {
      const now = process.hrtime.bigint();
      // An event may come in two pieces; the marker is short.
      text = text.slice(-64) + chunk;
      if (!isOpen && text.includes("event: session.updated")) {
        isOpen = true;
        resolve(null);
      }
      if (!isOpen && /^HTTP\/1.1 [^2]/.test(text)) reject(new Error(text.slice(0, 200)));
      // The last chunk; the connection itself stays open for a while.
      if (isOpen && text.includes("\r\n0\r\n\r\n")) send({ kind: "ended", id, at: Date.now() });
      if (text.includes('"status":"complete"')) {
        send({ kind: "told", id, at: String(now) });
        text = "";
      }
    });
  });
}

process.on("message", async (/** @type {Order | "end"} */ order) => {
  if (order === "end") {
    isEnding = true;
    for (const socket of sockets) socket.destroy();
    process.disconnect();
    return;
  }
  try {
    let next = 0;
    const take = async () => {
      while (next < order.shoppers.length) await wait(order, next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, take));
    send({ kind: "all", batch: order.batch });
  } catch (error) {
    send({ kind: "failed", why: String(error) });
  }
});
