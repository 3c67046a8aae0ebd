// The shops in PHP and Python, with the real backend: the selector in the page, paid in a browser under
// the strict policy of the shop, and the webhook received.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { chromium } from "../e2e/stage/packages.mjs";
import { BROWSER_ARGUMENTS } from "../e2e/stage/scenario.mjs";
import { Servers } from "../e2e/stage/servers.mjs";
import { Widget } from "../e2e/stage/widget.mjs";
import { packageFolder } from "./projects.mjs";

const SECRET = `whsec_${randomBytes(32).toString("base64")}`;
const START_TIMEOUT_MS = 20_000;

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await chromium.launch({ executablePath: process.env.OPENCASHIER_CHROMIUM ?? "/usr/bin/chromium", args: BROWSER_ARGUMENTS });
});
after(() => browser?.close());

/** The command of each shop. @type {Record<string, (port: string) => string[]>} */
const SHOPS = {
  php: (port) => ["php", "-S", `127.0.0.1:${port}`, "server.php"],
  python: () => ["python3", "server.py"],
};

for (const [language, command] of Object.entries(SHOPS)) {
  test(`a shop in ${language} is paid, and knows it by its webhook`, async () => {
    const servers = await Servers.start({ hasShop: false, settings: { webhooks: { url: "@SHOP_URL@/webhooks", secret: SECRET } } });
    const folder = await mkdtemp(join(tmpdir(), "opencashier-shop-"));
    const { port } = new URL(servers.shopUrl);
    const [program = "", ...args] = command(port);
    let log = "";
    const shop = spawn(program, args, {
      cwd: fileURLToPath(new URL(`../../npm/examples/backend-${language}`, import.meta.url)),
      env: {
        ...process.env, PORT: port, API_BASE: servers.merchantUrl, SECRET_KEY: servers.secretKey, WEBHOOK_SECRET: SECRET,
        DIST: join(packageFolder, "dist"), PAID_ORDERS: join(folder, "paid"), PHP_CLI_SERVER_WORKERS: "4", PYTHONDONTWRITEBYTECODE: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
      // PHP's workers end with their group.
      detached: true,
    });
    for (const stream of [shop.stdout, shop.stderr]) stream.setEncoding("utf8").on("data", (chunk) => (log += chunk));
    try {
      await answers(servers.shopUrl);
      await embedsOneSession(servers.shopUrl);
      await pays(servers);
      await refusesForgedWebhooks(servers.shopUrl);
    } catch (error) {
      throw new Error(`${language}: ${error}\n${log}`, { cause: error });
    } finally {
      if (shop.pid) process.kill(-shop.pid);
      await servers.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Waits until the shop accepts connections. @param {string} url */
async function answers(url) {
  for (const startedAt = Date.now(); ; await sleep(50)) {
    const answer = await fetch(`${url}/nothing`).catch(() => null);
    if (answer) return assert.equal(answer.status, 404);
    if (Date.now() - startedAt > START_TIMEOUT_MS) throw new Error("the shop does not listen");
  }
}

/** Two loads of an order page have one session, each with its own nonce; texts are escaped. @param {string} url */
async function embedsOneSession(url) {
  const pages = await Promise.all([1, 2].map(async () => (await fetch(`${url}/orders/1002`)).text()));
  const secrets = pages.map((page) => /client-secret="(cs_\w+_secret_\w+)"/.exec(page)?.[1]);
  const nonces = pages.map((page) => /<style nonce="([^"]+)">/.exec(page)?.[1]);
  assert.ok(secrets[0]);
  assert.equal(secrets[0], secrets[1]);
  assert.ok(nonces[0] && nonces[0] !== nonces[1]);
  for (const page of pages) {
    assert.match(page, /<template shadowrootmode="open"/);
    assert.match(page, /A &lt;b&gt; &amp; &quot;cup&quot;/);
    assert.doesNotMatch(page, /\$\{|<b>/);
  }
  assert.equal((await fetch(`${url}/orders/7`)).status, 404);
  // Nothing beside the widget's files is sent; `fetch` would shorten such a path.
  for (const path of ["/opencashier/../package.json", "/opencashier/..%2fpackage.json", "/opencashier/locales/../../package.json"]) {
    const { hostname, port } = new URL(url);
    const [answer] = await once(request({ hostname, port, path }).end(), "response");
    answer.resume();
    assert.equal(answer.statusCode, 404, path);
  }
}

/** @param {Servers} servers */
async function pays(servers) {
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 1280, height: 900 } });
  const still = await browser.newContext({ locale: "en-US", javaScriptEnabled: false });
  /** @type {string[]} */
  const errors = [];
  for (const each of [context, still]) {
    each.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
    each.on("weberror", (error) => void errors.push(String(error.error())));
  }
  try {
    // The selector is there before any script.
    const page = await still.newPage();
    await page.goto(`${servers.shopUrl}/orders/1001`);
    await new Widget(page).radio("alipay").waitFor();
    assert.match(await new Widget(page).amount(), /128\.00$/);

    const live = await context.newPage();
    await live.goto(`${servers.shopUrl}/orders/1001`);
    const widget = new Widget(live);
    await widget.is("selecting");
    const code = await widget.payByCode("wechat_pay");
    await servers.phone("approve", code, "wechat_pay");
    await widget.isPaid();
    for (const startedAt = Date.now(); !(await (await fetch(`${servers.shopUrl}/orders/1001`)).text()).includes("<h1>Thank you</h1>"); await sleep(50)) {
      if (Date.now() - startedAt > START_TIMEOUT_MS) throw new Error("the shop got no webhook that it believes");
    }
    await live.reload();
    await live.getByRole("heading", { name: "Thank you" }).waitFor();
    await widget.isPaid();
  } finally {
    await Promise.all([context.close(), still.close()]);
    assert.deepEqual(errors, []);
  }
}

/** @param {string} url */
async function refusesForgedWebhooks(url) {
  const body = '{"type":"payment.failed","timestamp":"2026-11-23T08:00:00.000Z","data":{}}';
  const now = Math.floor(Date.now() / 1000);
  const signed = (/** @type {string} */ secret, /** @type {number} */ at) =>
    `v1,${createHmac("sha256", Buffer.from(secret.slice(6), "base64")).update(`msg_1.${at}.${body}`).digest("base64")}`;
  const other = `whsec_${randomBytes(32).toString("base64")}`;
  for (const [signature, at, status, sent = body] of /** @type {[string, number, number, string?][]} */ ([
    [signed(SECRET, now), now, 204],
    [`${signed(other, now)} ${signed(SECRET, now)}`, now, 204],
    [signed(other, now), now, 400],
    [signed(SECRET, now), now, 400, `${body} `],
    [signed(SECRET, now - 310), now - 310, 400],
    // Far enough, so that the clock may go on meanwhile.
    [signed(SECRET, now + 600), now + 600, 400],
    ["", now, 400],
    ["v1,", now, 400],
  ])) {
    const answer = await fetch(`${url}/webhooks`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "webhook-id": "msg_1", "webhook-timestamp": String(at), "webhook-signature": signature },
      body: sent,
    });
    assert.equal(answer.status, status, `${signature} at ${at - now} s: ${sent}`);
  }
}
