// The merchant API in plain Node.js: the part of a backend that the widget needs.
// Usage: SECRET_KEY=sk_… node server.js --port 4242 --origin https://shop.example --file sessions.json
import { timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { parseArgs } from "node:util";

import { onPayment, refreshStatus, start, view } from "./checkout.js";
import * as gateway from "./gateway.js";
import { hostedPage } from "./hosted.js";
import { Problem } from "./problem.js";
import { Store } from "./store.js";

const MAX_BODY_BYTES = 65_536;
const HEARTBEAT_MS = 15_000;
const ALLOWED_HEADERS = "Authorization, Content-Type, Idempotency-Key, Last-Event-ID";

const { values } = parseArgs({ options: { port: { type: "string" }, origin: { type: "string" }, file: { type: "string" } } });
const secretKey = process.env.SECRET_KEY ?? "";
if (!values.port || !values.origin || !values.file || !secretKey) {
  console.error("usage: SECRET_KEY=sk_… node server.js --port PORT --origin ORIGIN --file FILE");
  process.exit(2);
}
if (!/^[a-z][a-z\d+.-]*:\/\/[^/?#]+$/.test(values.origin)) {
  console.error(`--origin must be the page's origin as browsers send it, such as http://127.0.0.1:5173 without a path, not ${values.origin}`);
  process.exit(2);
}
const store = new Store(values.file, secretKey);
const base = `http://127.0.0.1:${values.port}`;

const server = createServer(async (request, response) => {
  allowOrigin(request, response);
  try {
    await route(request, response);
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem(500, "internal", "the backend failed");
    if (problem !== error) console.error(error);
    answer(response, problem.status, problem.document(), "application/problem+json");
  }
});
server.listen(Number(values.port), "127.0.0.1", () => console.log(`listening on ${base}`));

/** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
async function route(request, response) {
  const { pathname } = new URL(request.url ?? "/", base);
  const { method } = request;
  if (method === "OPTIONS") return void response.writeHead(204).end();
  if (pathname === "/sandbox/approve") return approve(await read(request), response);
  const [, id, , paymentId, verb] = /^\/v1\/checkout\/sessions(?:\/(\w+))?(\/payments(?:\/(\w+)\/(\w+))?|\/events)?$/.exec(pathname) ?? [];
  if (pathname === "/v1/checkout/sessions" && method === "POST") return open(request, response);
  const hosted = /^\/pay\/(\w+)$/.exec(pathname)?.[1];
  if (hosted && method === "GET") return hostedPage(store, hosted, new URL(request.url ?? "", base).searchParams.get("wallet"), response);
  const rest = id && pathname.slice(`/v1/checkout/sessions/${id}`.length);
  if (rest === undefined || rest === "") {
    if (!id) throw new Problem(404, "not_found", "there is nothing at this path");
  }
  if (rest === "" && method === "GET" && isEqual(bearer(request), secretKey)) return readOrder(id ?? "", response);
  const session = authorize(request, id ?? "");
  const show = () => answer(response, 200, view(session, base));
  if (rest === "" && method === "GET") {
    await store.inTurn(session.id, () => refreshStatus(store, session));
    return show();
  }
  if (rest === "/events" && method === "GET") return stream(session, response);
  if (rest === "/payments" && method === "POST") {
    await store.inTurn(session.id, async () => startOnce(session, keyOf(request), await read(request)));
    return show();
  }
  if (verb && ["refresh", "check", "cancel"].includes(verb) && method === "POST") {
    await store.inTurn(session.id, () => onPayment(store, session, paymentId ?? "", verb));
    return show();
  }
  if (rest === "" || rest === "/payments" || rest === "/events") throw new Problem(405, "method_not_allowed", `${method} is not known here`);
  throw new Problem(404, "not_found", "there is nothing at this path");
}

/** @param {any} session @param {string} key @param {string} text */
async function startOnce(session, key, text) {
  const body = parse(text);
  const known = store.known(session, key, text);
  if (known === "other") throw new Problem(409, "idempotency_key_reused", "the key was used with another body");
  if (known === "same") return;
  await start(store, session, body);
  store.keep(session, key, text);
}

/** Opens a session, for the merchant's own server. @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
async function open(request, response) {
  if (!isEqual(bearer(request), secretKey)) throw new Problem(401, "secret_key_invalid", "this needs the secret key");
  const key = keyOf(request);
  const text = await read(request);
  const order = orderOf(parse(text));
  const known = [...store.all()].find((session) => session.openedBy === key);
  if (known && known.request !== text) throw new Problem(409, "idempotency_key_reused", "the key was used with another body");
  const session = known ?? store.open({ openedBy: key, request: text, ...order });
  answer(response, 201, { ...orderView(session), client_secret: store.secret(session) });
}

/** A session as the merchant's own server reads it. @param {string} id @param {import("node:http").ServerResponse} response */
async function readOrder(id, response) {
  const session = store.session(id);
  if (!session) throw new Problem(404, "session_not_found", `there is no session ${id}`);
  await store.inTurn(session.id, () => refreshStatus(store, session));
  answer(response, 200, orderView(session));
}

/** @param {any} session */
const orderView = (session) => ({ session: view(session, base), order_id: session.orderId });

/** Checks what a session is opened with. @param {any} body */
function orderOf({ order_id, amount, description, expires_in_s = 900, ...unknown }) {
  const [extra] = Object.keys(unknown);
  if (extra) throw new Problem(400, "request_malformed", `${extra} is not known`);
  const refuse = (/** @type {boolean} */ isWrong, /** @type {string} */ must) => {
    if (isWrong) throw new Problem(400, "parameter_invalid", must);
  };
  refuse(typeof order_id !== "string" || !order_id.trim(), "order_id must be a text");
  refuse(!Number.isInteger(amount?.value) || amount.value < 1 || amount.currency !== "CNY", "amount must have an integer value of at least 1, and the currency CNY");
  refuse(typeof description !== "string" || !description.trim(), "description must be a text");
  refuse(!Number.isInteger(expires_in_s) || expires_in_s < 60 || expires_in_s > 604_800, "expires_in_s must be an integer of 60 to 604800");
  return { orderId: order_id, amount: { value: amount.value, currency: "CNY" }, description, expiresAt: Date.now() + expires_in_s * 1000 };
}

/** The stream of a session: at once, at each change, and as a heartbeat. @param {any} session @param {import("node:http").ServerResponse} response */
function stream(session, response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" });
  const send = () => response.write(`event: session.updated\nid: ${session.revision}\ndata: ${JSON.stringify(view(session, base))}\n\n`);
  send();
  const forget = store.listen(session.id, send);
  const heartbeat = setInterval(send, HEARTBEAT_MS);
  response.on("close", () => {
    forget();
    clearInterval(heartbeat);
  });
}

/** The fake phone pays, and the fake gateway notifies. @param {string} text @param {import("node:http").ServerResponse} response */
async function approve(text, response) {
  const { code } = parse(text);
  if (!gateway.pay(code)) throw new Problem(400, "parameter_invalid", "this code cannot be paid");
  for (const session of store.all()) {
    if (session.payments.some((/** @type {any} */ payment) => payment.code === code)) {
      await store.inTurn(session.id, () => refreshStatus(store, session));
    }
  }
  answer(response, 200, {});
}

/** @param {import("node:http").IncomingMessage} request @param {string} id */
function authorize(request, id) {
  const session = store.session(id);
  if (!session || !store.opens(session, bearer(request))) {
    throw new Problem(401, "client_secret_invalid", "the client secret does not open this session");
  }
  return session;
}

/** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
function allowOrigin({ headers }, response) {
  response.setHeader("Vary", "Origin");
  if (headers.origin !== values.origin) return;
  response.setHeader("Access-Control-Allow-Origin", values.origin ?? "");
  response.setHeader("Access-Control-Allow-Headers", ALLOWED_HEADERS);
  response.setHeader("Access-Control-Expose-Headers", "Retry-After, Request-Id");
  response.setHeader("Access-Control-Max-Age", "7200");
}

/** @param {import("node:http").IncomingMessage} request */
function keyOf({ headers }) {
  const key = headers["idempotency-key"];
  if (typeof key === "string" && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Problem(400, "idempotency_key_invalid", "Idempotency-Key must have 1 to 255 visible ASCII characters");
}

/** @param {import("node:http").IncomingMessage} request */
const bearer = ({ headers }) => /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1] ?? "";

/** Compares in constant time. @param {string} given @param {string} expected */
function isEqual(given, expected) {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** @param {import("node:http").IncomingMessage} request @returns {Promise<string>} */
async function read(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Problem(413, "body_too_large", "a body has at most 64 KiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** @param {string} text @returns {any} */
function parse(text) {
  /** @type {unknown} */
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    // Refused below.
  }
  if (body && typeof body === "object" && !Array.isArray(body)) return body;
  throw new Problem(400, "request_malformed", "the body must be a JSON object");
}

/** @param {import("node:http").ServerResponse} response @param {number} status @param {object} body */
function answer(response, status, body, type = "application/json") {
  const requestId = "request_id" in body ? String(body.request_id) : `req_${Date.now()}`;
  response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store", "Request-Id": requestId });
  response.end(JSON.stringify(body));
}
