// The shop's server of the examples: opens a session for an order, and receives webhooks.
// Usage: API_BASE=http://127.0.0.1:8787 SECRET_KEY=sk_… WEBHOOK_SECRET=whsec_… node shop-server.js
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

import { Merchant, WebhookError, verifyWebhook } from "opencashier/server";

const { API_BASE = "", SECRET_KEY = "", WEBHOOK_SECRET = "", PORT = "4321" } = process.env;
const merchant = new Merchant({ apiBase: API_BASE, secretKey: SECRET_KEY });

createServer(async (request, response) => {
  try {
    if (request.url === "/api/checkout") {
      // A page that is loaded again, as after a wallet's redirect, must get the same order: here a cookie names it.
      // A real shop takes this shopper's order from its own records, because a cookie can be changed.
      const known = /\border=([\w-]{36})/.exec(request.headers.cookie ?? "")?.[1];
      const order_id = known ?? randomUUID();
      if (!known) response.setHeader("Set-Cookie", `order=${order_id}; Path=/; Max-Age=900; HttpOnly; SameSite=Lax`);
      const order = { order_id, amount: { value: 12_800, currency: "CNY" }, description: "Longjing tea, 250 g" };
      const { client_secret: clientSecret } = await merchant.openSession(order, { idempotencyKey: order_id });
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ clientSecret, apiBase: API_BASE }));
    } else if (request.url === "/webhooks") {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      // The bytes as they were received, before any parser.
      const { id, event } = await verifyWebhook({ body: Buffer.concat(chunks), headers: request.headers, secret: WEBHOOK_SECRET });
      // The same id may come again: remember what was delivered.
      if (event.type === "checkout.session.completed") console.log(`${id}: deliver ${event.data.order_id}`);
      response.writeHead(204).end();
    } else {
      response.writeHead(404).end();
    }
  } catch (error) {
    console.error(error);
    // 400 for what is not the backend's webhook; it repeats after 500.
    response.writeHead(error instanceof WebhookError ? 400 : 500).end();
  }
}).listen(Number(PORT), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${PORT}`));
