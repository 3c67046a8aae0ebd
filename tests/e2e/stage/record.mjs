// Records what today's backend answers and what today's widget asks, as files that later versions
// are tested with.
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { chromium } from "./packages.mjs";
import { BROWSER_ARGUMENTS, Visit } from "./scenario.mjs";
import { Servers } from "./servers.mjs";

const WEBHOOK_SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
/** Paid, expired, refunded; nothing fails by itself in the sandbox. */
const WEBHOOK_TYPES = 3;
const WAIT_MS = 20_000;

/** @param {URL} folder */
export async function record(folder) {
  /** @type {any[]} */
  const webhooks = [];
  const receiver = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    webhooks.push(JSON.parse(body));
    response.writeHead(204).end();
  });
  await new Promise((done) => receiver.listen(0, "127.0.0.1", () => done(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (receiver.address());
  const servers = await Servers.start({ settings: { webhooks: { url: `http://127.0.0.1:${port}/`, secret: WEBHOOK_SECRET } } });
  const browser = await chromium.launch({ executablePath: process.env.OPENCASHIER_CHROMIUM ?? "/usr/bin/chromium", args: BROWSER_ARGUMENTS });
  try {
    const backend = new Recorder(servers);
    const files = {
      "sessions.json": await backend.sessions(),
      "problems.json": await backend.problems(),
      "stream.txt": await backend.stream(),
      "requests.json": await requests(servers, browser),
      "webhooks.json": await first(webhooks),
    };
    await mkdir(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      await writeFile(new URL(name, folder), typeof content === "string" ? content : `${JSON.stringify(content, null, 1)}\n`);
    }
  } finally {
    await Promise.all([browser.close(), servers.stop()]);
    receiver.close();
  }
}

/** The first webhook of each type. @param {any[]} webhooks */
async function first(webhooks) {
  const types = () => new Set(webhooks.map(({ type }) => type));
  for (const end = Date.now() + WAIT_MS; types().size < WEBHOOK_TYPES && Date.now() < end; ) await sleep(100);
  return [...types()].sort().map((type) => webhooks.find((each) => each.type === type));
}

/** Calls the backend as a widget does. */
class Recorder {
  /** @param {Servers} servers */
  constructor(servers) {
    this.servers = servers;
    this.keys = 0;
  }

  /** @param {any} session @param {string} [rest] @param {object} [body] @param {Record<string, string>} [headers] */
  async call(session, rest = "", body, headers = {}) {
    const response = await fetch(`${this.servers.merchantUrl}/v1/checkout/sessions/${session.id}${rest}`, {
      method: rest ? "POST" : "GET",
      headers: { Authorization: `Bearer ${session.client_secret}`, ...(body && { "Content-Type": "application/json" }), ...headers },
      body: body && JSON.stringify(body),
    });
    return response.json();
  }

  /** @param {any} session @param {string} payment_method @param {string} [environment] */
  start(session, payment_method, environment = "desktop") {
    const body = { payment_method, environment, return_url: `${this.servers.shopUrl}/` };
    return this.call(session, "/payments", body, { "Idempotency-Key": `record-${++this.keys}` });
  }

  /** The session, once it is as asked for. @param {any} session @param {(answer: any) => boolean} isSo */
  async until(session, isSo) {
    for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(100)) {
      const answer = await this.call(session);
      if (isSo(answer)) return answer;
    }
    throw new Error(`the session is ${JSON.stringify(await this.call(session))}`);
  }

  /** A session of each kind, by the state that a widget shows. */
  async sessions() {
    const { servers } = this;
    const open = () => servers.openSession();
    /** @type {{ state: string, environment: string, session: any }[]} */
    const all = [];
    const add = (/** @type {string} */ state, /** @type {any} */ session, environment = "desktop") => all.push({ state, environment, session });
    add("selecting", await this.call(await open()));
    for (const wallet of ["alipay", "wechat_pay"]) {
      for (const environment of ["desktop", "mobile_browser", wallet === "alipay" ? "alipay" : "wechat"]) {
        const answer = await this.start(await open(), wallet, environment);
        // A page that loads a payment on the gateway's page has come back from there, and asks for the outcome.
        if (answer.payment) add(environment === "desktop" ? "awaiting" : "confirming", answer, environment);
      }
    }
    const paid = await open();
    const code = (await this.start(paid, "wechat_pay")).payment.next_action.data;
    await servers.phone("approve", code, "wechat_pay");
    const complete = await this.until(paid, ({ status }) => status === "complete");
    add("succeeded", complete);
    await this.refund(complete.payment.id);
    const canceled = await open();
    const { payment } = await this.start(canceled, "alipay");
    // A widget that loads a payment that has ended offers the wallets again.
    add("selecting", await this.call(canceled, `/payments/${payment.id}/cancel`));
    const expired = await open();
    await servers.expireSession(expired.id);
    add("expired", await this.call(expired));
    const order = { order_id: `replaced-${Date.now()}` };
    const replaced = await servers.openSession(order);
    await fetch(`${servers.merchantUrl}/v1/checkout/sessions`, {
      method: "POST",
      headers: { Authorization: `Bearer ${servers.secretKey}`, "Content-Type": "application/json", "Idempotency-Key": "record-replacing" },
      body: JSON.stringify({ ...order, amount: { value: 100, currency: "CNY" }, description: "Tea" }),
    });
    add("canceled", await this.call(replaced));
    return all;
  }

  /** @param {string} payment_id */
  async refund(payment_id) {
    await fetch(`${this.servers.merchantUrl}/v1/refunds`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.servers.secretKey}`, "Content-Type": "application/json", "Idempotency-Key": "record-refund" },
      body: JSON.stringify({ payment_id }),
    });
  }

  async problems() {
    const session = await this.servers.openSession();
    const body = { payment_method: "alipay", environment: "desktop" };
    const key = { "Idempotency-Key": "record-problem" };
    await this.call(session, "/payments", body, key);
    return [
      await this.call({ ...session, client_secret: `${session.id}_secret_wrong` }),
      await this.call(session, "/nothing", {}),
      await this.call(session, "/payments", { wallet: "alipay" }, key),
      await this.call(session, "/payments", body),
      await this.call(session, "/payments", { ...body, payment_method: "wechat_pay" }, key),
      await this.call(session, "/payments", { ...body, environment: "wechat", flow: "jsapi" }, { "Idempotency-Key": "record-flow" }),
      await this.call(session, "/payments/pay_none/check", {}),
    ];
  }

  /** The text of a stream from the start of a payment to "paid". */
  async stream() {
    const session = await this.servers.openSession();
    const response = await fetch(`${this.servers.merchantUrl}/v1/checkout/sessions/${session.id}/events`, { headers: { Authorization: `Bearer ${session.client_secret}` } });
    const text = response.text();
    const { payment } = await this.start(session, "wechat_pay");
    await this.servers.phone("approve", payment.next_action.data, "wechat_pay");
    return text;
  }
}

/** The requests of the widget for a payment with each wallet. @param {Servers} servers @param {import("playwright-core").Browser} browser */
async function requests(servers, browser) {
  const visit = await Visit.begin(browser, servers, {});
  const session = await servers.openSession();
  /** @type {Promise<any>[]} */
  const sent = [];
  visit.context.on("response", (response) => {
    const request = response.request();
    if (request.method() !== "OPTIONS" && request.url().startsWith(`${servers.merchantUrl}/v1/`)) sent.push(describe(response, servers, session));
  });
  const widget = await visit.embed(session);
  await widget.payByCode("alipay");
  await widget.button("paid").click();
  await widget.says("not_paid_yet");
  await widget.button("switch").click();
  await widget.payByCode("wechat_pay");
  await widget.button("cancel").click();
  await widget.is("canceled");
  await sleep(500);
  await visit.end();
  return Promise.all(sent);
}

/** @param {import("playwright-core").Response} response @param {Servers} servers @param {any} session */
async function describe(response, servers, session) {
  const request = response.request();
  const all = await request.allHeaders();
  const hide = (/** @type {string} */ text) => text
    .replaceAll(session.client_secret, "{secret}").replaceAll(session.id, "{id}").replace(/pay_\w{6,}/g, "{payment_id}")
    .replace(new RegExp(`${servers.shopUrl}/[^"]*`, "g"), "{return_url}");
  const names = ["authorization", "accept", "content-type", "idempotency-key", "last-event-id"].filter((name) => all[name]);
  const body = request.postData();
  return {
    method: request.method(),
    path: hide(new URL(request.url()).pathname),
    headers: Object.fromEntries(names.map((name) => [name, hide(all[name] ?? "")])),
    ...(body && { body: JSON.parse(hide(body)) }),
    status: response.status(),
  };
}
