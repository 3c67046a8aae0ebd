// `opencashier/server` with the real backend, and with one that fails.
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { Servers } from "../e2e/stage/servers.mjs";
import { packageFolder } from "./projects.mjs";

const { ConnectionError, Merchant, ProblemError, Selector, WebhookError, verifyWebhook } =
  await import(pathToFileURL(join(packageFolder, "server", "index.js")).href);
const { VARIABLES: SELECTOR_VARIABLES } = await import(pathToFileURL(join(packageFolder, "server", "embed.js")).href);
const SECRET = `whsec_${randomBytes(32).toString("base64")}`;
const ORDER = { amount: { value: 12_800, currency: "CNY" }, description: "Longjing tea, 250 g" };

/** @type {Servers} */
let servers;
/** Webhooks as they were received. @type {{ body: Buffer, headers: any }[]} */
const received = [];
const receiver = createServer((request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on("data", (chunk) => void chunks.push(chunk)).on("end", () => {
    received.push({ body: Buffer.concat(chunks), headers: request.headers });
    response.writeHead(204).end();
  });
});
before(async () => {
  await new Promise((done) => receiver.listen(0, "127.0.0.1", () => done(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (receiver.address());
  servers = await Servers.start({ hasShop: false, settings: { webhooks: { url: `http://127.0.0.1:${port}/`, secret: SECRET } } });
});
after(async () => {
  await servers?.stop();
  receiver.closeAllConnections();
  receiver.close();
});

const merchant = () => new Merchant({ apiBase: servers.merchantUrl, secretKey: servers.secretKey });

test("an order is opened, paid, read, refunded and listed, and its webhook is verified", async () => {
  const order_id = "order-1";
  const opened = await merchant().openSession({ order_id, ...ORDER, metadata: { shop: "7" } }, { idempotencyKey: order_id });
  assert.match(opened.client_secret, /^cs_\w+_secret_\w+$/);
  const again = await merchant().openSession({ order_id, ...ORDER, metadata: { shop: "7" } }, { idempotencyKey: order_id });
  assert.equal(again.client_secret, opened.client_secret);

  const { id } = opened.session;
  const started = await fetch(`${servers.merchantUrl}/v1/checkout/sessions/${id}/payments`, {
    method: "POST",
    headers: { Authorization: `Bearer ${opened.client_secret}`, "Idempotency-Key": "start-1", "Content-Type": "application/json" },
    body: JSON.stringify({ payment_method: "alipay", environment: "desktop" }),
  });
  const { payment } = await started.json();
  await servers.phone("approve", payment.next_action.data, "alipay");
  const event = await webhook("checkout.session.completed");
  assert.equal(event.data.order_id, order_id);

  const read = await merchant().readSession(id);
  assert.equal(read.session.status, "complete");
  const refund = await merchant().refund({ payment_id: read.payments[0].id, amount: { value: 800, currency: "CNY" } }, { idempotencyKey: "refund-1" });
  assert.equal((await merchant().readRefund(refund.id)).amount.value, 800);
  assert.deepEqual((await merchant().listRefunds({ limit: 1 })).data.map((/** @type {any} */ each) => each.id), [refund.id]);
  assert.equal((await merchant().listSessions({ order_id })).data[0].session.id, id);
  const order = await merchant().readOrder(order_id);
  assert.deepEqual([order.sessions[0].session.id, order.refunds.length], [id, 1]);
  const events = await merchant().listEvents({ limit: 100 });
  const completed = events.data.find((/** @type {any} */ each) => each.session_id === id && each.type === "checkout.session.completed");
  assert.equal((await merchant().resendEvent(completed.id, { endpoint: "default" })).id, completed.id);
  await assert.rejects(merchant().resendEvent("msg_none"), (/** @type {any} */ error) => error.code === "event_not_found");
  await assert.rejects(merchant().readReconciliation("2026-11-28"), (/** @type {any} */ error) => error.code === "reconciliation_not_found");
});

test("the selector is filled as the backend fills it", async () => {
  const file = JSON.parse(await readFile(join(packageFolder, "dist", "selector.json"), "utf8"));
  const selector = new Selector(file);
  const { VARIABLES } = await import(pathToFileURL(join(packageFolder, "names.js")).href);
  assert.deepEqual(SELECTOR_VARIABLES, VARIABLES);
  const cases = [
    [{ locale: "en", csp_nonce: "q83vASNFZ4k=" }, { locale: "en", nonce: "q83vASNFZ4k=" }],
    [{ locale: "zh-TW", layout: "tabs", csp_nonce: "YQ==" }, { locale: "zh-TW", layout: "tabs", nonce: "YQ==" }],
    [
      { locale: "de", layout: "list", csp_nonce: "YQ==", show_pay_button: false, payment_method_order: ["wechat_pay"],
        appearance: { theme: "night", variables: { colorPrimary: "#2f6b4a" } }, return_url: `${servers.shopUrl}/a?b='c'` },
      { locale: "de", layout: "list", nonce: "YQ==", showPayButton: false, paymentMethodOrder: ["wechat_pay"],
        theme: "night", variables: { colorPrimary: "#2f6b4a" }, returnUrl: `${servers.shopUrl}/a?b='c'` },
    ],
    [{ locale: "en" }, { locale: "en", styles: `${servers.shopUrl}/opencashier` }],
  ];
  for (const [index, [asked, options]] of cases.entries()) {
    const order_id = `embed-${index}`;
    const order = { ...ORDER, order_id, description: "龙井 ${amount} <b> & 'tea'", payment_methods: index % 2 ? ["alipay"] : undefined };
    const { session, client_secret: clientSecret, embed } = await merchant().openSession({ ...order, embed: asked }, { idempotencyKey: order_id });
    assert.equal(selector.html({ ...options, session, clientSecret, apiBase: servers.merchantUrl }), embed);
    const over = { ...session, status: "expired" };
    assert.match(selector.html({ ...options, session: over, clientSecret, apiBase: servers.merchantUrl }), /^<open-cashier [^>]+><\/open-cashier>$/);
    for (const wrong of [{ locale: "" }, { layout: "grid" }, { layout: "constructor" }, { paymentMethodOrder: "alipay" }, { nonce: '"' }, { theme: "red" }, { nonce: "YQ==", variables: { colour: "red" } },
      ...["url(x)", "URL (x)", "rgb(1", ")(", "'open", "red/*", "a\nb", " ", 5].map((colorPrimary) => ({ nonce: "YQ==", variables: { colorPrimary } })), { session: { ...session, hosted_url: "javascript:alert(1)" } }]) {
      assert.throws(() => selector.html({ ...options, session, clientSecret, apiBase: servers.merchantUrl, ...wrong }), TypeError, JSON.stringify(wrong));
    }
  }
  const strange = { ...ORDER, id: "cs_1", status: "open", merchant_name: "Tea", payment_methods: ["constructor", "alipay"],
    server_time: "2026-11-30T12:00:00.000Z", expires_at: "2026-11-30T12:15:00.000Z", hosted_url: "https://shop.example/pay" };
  assert.match(selector.html({ locale: "en", session: strange, clientSecret: "cs_1_secret_2", apiBase: servers.merchantUrl }), /Alipay/);
  assert.throws(() => new Selector({}), TypeError);
  const newer = structuredClone(file);
  newer.locales.en.layouts.list.pay_button += "${later}";
  assert.throws(() => new Selector(newer), /\$\{later\}/);
});

test("an order that is not paid ends when it is asked to", async () => {
  const { session } = await merchant().openSession({ order_id: "order-2", ...ORDER }, { idempotencyKey: "order-2" });
  assert.equal((await merchant().expireSession(session.id)).session.status, "expired");
});

test("a problem has its code, type, request id and what to do", async () => {
  const refused = await merchant().openSession({ order_id: "", ...ORDER }, { idempotencyKey: "order-3" }).catch((/** @type {unknown} */ error) => error);
  assert.ok(refused instanceof ProblemError);
  assert.deepEqual([refused.status, refused.code, refused.type, refused.retryable], [400, "parameter_invalid", "invalid_request_error", false]);
  assert.match(refused.detail, /order_id/);
  assert.match(refused.requestId, /^req_/);
  const stranger = new Merchant({ apiBase: servers.merchantUrl, secretKey: "sk_test_of_somebody_else" });
  await assert.rejects(stranger.readRefund("re_1"), (/** @type {any} */ error) => error instanceof ProblemError && error.code === "secret_key_invalid");
});

test("wrong arguments are refused before anything is sent", async () => {
  assert.throws(() => new Merchant({ apiBase: "shop.example", secretKey: "sk_1" }), /apiBase must be/);
  assert.throws(() => new Merchant({ apiBase: "https://shop.example", secretKey: "cs_1" }), /secretKey must be/);
  await assert.rejects(merchant().refund({ payment_id: "pay_1" }, { idempotencyKey: "two words" }), /idempotencyKey must be/);
  await assert.rejects(merchant().refund({ payment_id: "pay_1" }), /idempotencyKey must be/);
  assert.throws(() => new Merchant(), /apiBase must be/);
  for (const apiBase of ["https://user:word@shop.example", "https://shop.example?shop=1", "https://shop.example#a", "https://"]) {
    assert.throws(() => new Merchant({ apiBase, secretKey: "sk_1" }), /apiBase must be/, apiBase);
  }
  for (const apiBase of ["http://[::1]:8001", "https://shop.example/checkout/"]) assert.ok(new Merchant({ apiBase, secretKey: "sk_1" }));
  for (const wrong of [{ tries: Number.NaN }, { tries: 0 }, { tries: "4" }, { timeoutMs: Number.NaN }, { timeoutMs: 0 }]) {
    assert.throws(() => new Merchant({ apiBase: "https://shop.example", secretKey: "sk_1", .../** @type {any} */ (wrong) }), /must be an integer of at least 1/);
  }
  const silent = new Merchant({ apiBase: "https://shop.example", secretKey: "sk_1", fetch: () => assert.fail("nothing is sent") });
  for (const wrong of /** @type {any[]} */ (["", ".", "..", undefined, null, 7])) {
    await assert.rejects(silent.readSession(wrong), /id must be a text/);
    await assert.rejects(silent.resendEvent(wrong), /id must be a text/);
    await assert.rejects(silent.readOrder(wrong), /orderId must be a text/);
  }
});

test("a call is repeated with the same key until it is answered, and waits as long as it is told", async () => {
  /** @type {(Response | Error)[]} */
  const answers = [
    new Error("reset"),
    new Response("<h1>Bad gateway</h1>", { status: 502 }),
    Response.json({ type: "urn:opencashier:problem:rate_limit_error", code: "rate_limited", detail: "slow", retryable: true, request_id: "req_1" }, { status: 429, headers: { "Retry-After": "0" } }),
    Response.json({ id: "re_1" }, { status: 201 }),
  ];
  /** @type {string[]} */
  const keys = [];
  const send = async (/** @type {string} */ _address, /** @type {any} */ { headers }) => {
    keys.push(headers["Idempotency-Key"]);
    const answer = answers.shift();
    if (!(answer instanceof Response)) throw answer;
    return answer;
  };
  const failing = new Merchant({ apiBase: "https://shop.example", secretKey: "sk_1", fetch: send });
  assert.deepEqual(await failing.refund({ payment_id: "pay_1" }, { idempotencyKey: "k" }), { id: "re_1" });
  assert.deepEqual(keys, ["k", "k", "k", "k"]);

  const never = new Merchant({ apiBase: "https://shop.example", secretKey: "sk_1", tries: 1, fetch: () => Promise.reject(new Error("reset")) });
  await assert.rejects(never.readRefund("re_1"), ConnectionError);
});

test("a wait that is told as a time is kept", async () => {
  const until = new Date(Math.ceil(Date.now() / 1000 + 1) * 1000);
  const answers = [new Response("", { status: 503, headers: { "Retry-After": until.toUTCString() } }), Response.json({ id: "re_1" })];
  const waiting = new Merchant({ apiBase: "https://shop.example", secretKey: "sk_1", fetch: async () => /** @type {Response} */ (answers.shift()) });
  await waiting.readRefund("re_1");
  assert.ok(Date.now() >= until.getTime(), "asked again too early");
});

test("a failed call says why, and a redirect where it leads", async (context) => {
  const server = createServer((_request, response) => response.writeHead(301, { Location: "https://shop.example/v1" }).end());
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  context.after(() => server.closeAllConnections());
  context.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const moved = new Merchant({ apiBase: `http://127.0.0.1:${port}`, secretKey: "sk_1" });
  await assert.rejects(moved.readRefund("re_1"), (/** @type {any} */ error) => error instanceof ProblemError && error.status === 301
    && !error.retryable && /redirect to https:\/\/shop\.example\/v1.*apiBase/.test(error.message));
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await assert.rejects(new Merchant({ apiBase: `http://127.0.0.1:${port}`, secretKey: "sk_1", tries: 1 }).readRefund("re_1"), /ECONNREFUSED/);
});

test("a refund that a proxy answered for the backend may have been made, and one that was refused was not", async () => {
  const problem = (/** @type {number} */ status, /** @type {string} */ code, /** @type {boolean} */ retryable) =>
    Response.json({ type: "urn:opencashier:problem:api_error", code, detail: "d", retryable, request_id: "req_1" }, { status });
  for (const [answer, isOutcomeUnknown] of /** @type {[() => Response, boolean][]} */ ([
    [() => new Response("<h1>Bad gateway</h1>", { status: 502 }), true],
    [() => new Response("<h1>Forbidden</h1>", { status: 403 }), true],
    [() => Response.json({ message: "no" }, { status: 400 }), true],
    [() => problem(503, "request_timed_out", true), true],
    [() => problem(500, "internal", false), true],
    [() => problem(409, "idempotency_in_progress", true), true],
    [() => problem(409, "refund_refused", false), false],
    [() => problem(429, "rate_limited", true), false],
    [() => problem(400, "parameter_invalid", false), false],
  ])) {
    const { status } = answer();
    const failing = new Merchant({ apiBase: "https://shop.example", secretKey: "sk_1", tries: 1, fetch: async () => answer() });
    const refund = failing.refund({ payment_id: "pay_1" }, { idempotencyKey: "k" });
    await assert.rejects(refund, (/** @type {any} */ error) => error instanceof ProblemError && error.status === status
      && error.isOutcomeUnknown === isOutcomeUnknown, `${status} ${await answer().text()}`);
  }
  const cut = new Merchant({ apiBase: "https://shop.example", secretKey: "sk_1", tries: 1, fetch: () => Promise.reject(new Error("reset")) });
  await assert.rejects(cut.refund({ payment_id: "pay_1" }, { idempotencyKey: "k" }), (/** @type {any} */ error) => error.isOutcomeUnknown === true);
});

test("a webhook is refused when body, time, secret or headers are not those that were signed", async () => {
  const body = '{"type":"payment.failed"}';
  const now = new Date("2026-11-30T12:00:00Z");
  const timestamp = String(now.getTime() / 1000);
  const mac = createHmac("sha256", Buffer.from(SECRET.slice(6), "base64")).update(`msg_1.${timestamp}.${body}`).digest("base64");
  const headers = { "webhook-id": "msg_1", "Webhook-Timestamp": timestamp, "webhook-signature": `v1a,x v1,AAAA v1,${mac}` };
  const verify = (/** @type {object} */ change) => verifyWebhook({ body, headers, secret: SECRET, now, ...change });
  const other = `whsec_${randomBytes(32).toString("base64")}`;

  assert.deepEqual(await verify({}), { id: "msg_1", event: { type: "payment.failed" } });
  assert.equal((await verify({ secret: [other, SECRET], headers: new Headers(headers), body: Buffer.from(body) })).id, "msg_1");
  // The `Headers` of a polyfill or of another realm.
  const polyfill = { get: (/** @type {string} */ name) => new Headers(headers).get(name) };
  assert.equal((await verify({ headers: polyfill })).id, "msg_1");
  for (const [change, code] of /** @type {[object, string][]} */ ([
    [{ body: `${body} ` }, "signature_invalid"],
    [{ secret: other }, "signature_invalid"],
    [{ headers: { ...headers, "webhook-id": "msg_2" } }, "signature_invalid"],
    [{ headers: { ...headers, "webhook-signature": "v1,%%%" } }, "signature_invalid"],
    [{ headers: { ...headers, "webhook-signature": mac } }, "headers_missing"],
    [{ headers: {} }, "headers_missing"],
    [{ headers: undefined }, "headers_missing"],
    [{ now: new Date(now.getTime() + 301_000) }, "timestamp_refused"],
    [{ now: new Date(now.getTime() - 301_000) }, "timestamp_refused"],
    [{ headers: { ...headers, "Webhook-Timestamp": "now" } }, "timestamp_refused"],
    [{ body: { type: "payment.failed" } }, "body_parsed"],
    [{ secret: undefined }, "secret_invalid"],
    [{ secret: "abc" }, "secret_invalid"],
    [{ secret: [] }, "secret_invalid"],
    [{ secret: ["whsec_%"] }, "secret_invalid"],
  ])) {
    await assert.rejects(verify(change), (/** @type {any} */ error) => error instanceof WebhookError && error.code === code, JSON.stringify(change));
  }
});

/** Waits for an event, verified. @param {string} type @returns {Promise<any>} */
async function webhook(type) {
  for (;;) {
    for (const { body, headers } of received) {
      const { event } = await verifyWebhook({ body, headers, secret: SECRET });
      if (event.type === type) return event;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}
