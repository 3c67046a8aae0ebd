// Chromium 72: both wallets from the selector to "paid", and the hosted page without Wasm.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { after, before, test } from "node:test";

import { Chromium72 } from "./stage/chromium72.mjs";
import { decode } from "./stage/qr.mjs";
import { OUT, ROOT, Servers } from "./stage/servers.mjs";

const TYPES = /** @type {Record<string, string>} */ ({
  ".js": "text/javascript", ".wasm": "application/wasm", ".css": "text/css", ".json": "application/json",
});
const PICTURES = join(OUT, "chromium72");

/** @type {Servers} */
let servers;
/** @type {Chromium72} */
let browser;
/** @type {import("node:http").Server} */
let shop;

before(async () => {
  await mkdir(PICTURES, { recursive: true });
  [servers, browser] = await Promise.all([Servers.start({ hasShop: false }), Chromium72.launch()]);
  shop = createServer(serve);
  const { hostname, port } = new URL(servers.shopUrl);
  await new Promise((resolve) => shop.listen(Number(port), hostname, () => resolve(null)));
});

after(async () => {
  shop?.close();
  await Promise.all([browser?.close(), servers?.stop()]);
});

for (const [wallet, lang, width] of /** @type {const} */ ([["alipay", "en", 1280], ["wechat_pay", "zh-CN", 360]])) {
  test(`${wallet} is paid in ${lang}, ${width} px wide`, { timeout: 90_000 }, async () => {
    const session = await servers.openSession();
    const page = await browser.open(pageUrl({ secret: session.client_secret, lang }), { width });
    const picture = async (/** @type {string} */ screen) => {
      const png = await page.screenshot();
      await writeFile(join(PICTURES, `${screen}.${wallet}.${lang}.png`), png);
      return png;
    };

    await page.isIn("selecting");
    await fits(page);
    await page.press(`input[value="${wallet}"]`);
    await page.has("input:checked");
    await picture("selector");
    await page.press("button[type=submit]");
    await page.isIn("awaiting");
    await page.has("[part~=qr-code] svg path");
    await fits(page);
    const code = decode(await picture("code"));
    await servers.phone("approve", code, wallet);
    await page.isIn("succeeded");
    await fits(page);
    await picture("paid");

    const { status, payment } = await servers.readSession(session.id);
    assert.equal(status, "complete");
    assert.equal(payment.payment_method, wallet);
    assert.deepEqual(page.problems, []);
  });
}

test("without Wasm, the selector's form leads to the hosted page with the wallet chosen", { timeout: 60_000 }, async () => {
  const session = await servers.openSession();
  const page = await browser.open(pageUrl({ secret: session.client_secret, lang: "en", policy: "no-wasm" }));
  await page.isIn("selecting");
  await page.press('input[value="wechat_pay"]');
  await page.press("button[type=submit]");
  const { hosted_url } = await servers.readSession(session.id);
  const target = await page.waitFor((merchant) => location.href.startsWith(merchant) && location.href, servers.merchantUrl);
  assert.equal(new URL(String(target)).pathname, new URL(hosted_url).pathname);
  await page.waitFor(() => document.body && document.body.innerText.includes("WeChat"));
});

/** Fails if content overflows horizontally. @param {import("./stage/chromium72.mjs").OldPage} page */
async function fits(page) {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(content <= window, `${content} px of content on a page of ${window} px`);
}

/** @param {{ secret: string, lang: string, policy?: string }} of */
function pageUrl({ secret, lang, policy = "" }) {
  return `${servers.shopUrl}/?${new URLSearchParams({ secret, lang, policy })}`;
}

/** Serves a shop's page and the built widget. @type {import("node:http").RequestListener} */
async function serve(request, response) {
  const { pathname, searchParams } = new URL(request.url ?? "/", servers.shopUrl);
  if (pathname === "/") {
    const policy = `script-src 'self'${searchParams.get("policy") === "no-wasm" ? "" : " 'unsafe-eval'"}`;
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy });
    response.end(shopPage(searchParams.get("secret") ?? "", searchParams.get("lang") ?? ""));
    return;
  }
  try {
    const file = join(ROOT, "dist", normalize(pathname.replace(/^\/opencashier\//, "/")));
    const body = await readFile(file);
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

/** @param {string} secret @param {string} lang */
function shopPage(secret, lang) {
  return `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><title>Pay</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script type="module" src="/opencashier/opencashier.js"></script>
<script nomodule src="/opencashier/opencashier-nomodule.js"></script></head>
<body><h1>Pay for your order</h1>
<open-cashier client-secret="${secret}" api-base="${servers.merchantUrl}"></open-cashier>
</body></html>`;
}
