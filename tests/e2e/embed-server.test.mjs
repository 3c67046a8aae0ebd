// The selector that the backend renders into the order page: shown with the first paint, usable without
// scripts, and replaced by the live widget without a visible change.
import assert from "node:assert/strict";

import { samePixels } from "./stage/preview.mjs";
import { decode } from "./stage/qr.mjs";
import { policy, stage } from "./stage/scenario.mjs";
import { Widget } from "./stage/widget.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Route} Route */
/** @typedef {import("./stage/servers.mjs").Servers} Servers */

const scenario = stage();

/** Orders one tea as the shop's page does; returns the order page's URL. */
async function order(/** @type {any} */ { servers }, lang = "en") {
  const response = await fetch(`${servers.shopUrl}/orders`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ items: { tea: 1 }, lang }),
  });
  assert.equal(response.status, 200);
  const { order_id, session } = await response.json();
  return { url: `${servers.shopUrl}/?order=${order_id}`, session };
}

/** Holds all files of the widget until `release` is called. */
async function holdScripts(/** @type {Page} */ page) {
  let release = () => {};
  const released = new Promise((resolve) => (release = () => resolve(null)));
  await page.route("**/opencashier/**", async (/** @type {Route} */ route) => {
    await released;
    await route.continue().catch(() => {}); // The page may be closed.
  });
  return release;
}

/** Waits until the live widget has replaced the embed. */
function takenOver(/** @type {Page} */ page) {
  return page.waitForFunction(() => {
    const root = document.querySelector("open-cashier")?.shadowRoot;
    return root?.querySelector(".oc") && !root.querySelector("[data-embed]");
  });
}

/** The Content Security Policy of a page with an embed: a nonce for its styles. */
const policyWithNonce = (/** @type {Servers} */ servers, /** @type {any} */ nonce) =>
  policy(servers).replace("style-src 'self'", `style-src 'self' 'nonce-${nonce}'`);

for (const [method, other] of [["alipay", "wechat_pay"], ["wechat_pay", "alipay"]]) {
  scenario(`without JavaScript the order page accepts ${method}`, async (visit) => {
    const { url, session } = await order(visit);
    const page = await visit.context.newPage();
    await page.goto(url);
    const widget = new Widget(page);
    await widget.is("selecting");
    await widget.radio("alipay").waitFor();
    await widget.radio("wechat_pay").waitFor();
    assert.match(await widget.amount(), /128\.00$/);
    await page.getByText("Longjing tea × 1").first().waitFor();

    await widget.pay(method);
    await page.waitForURL(`${session.hosted_url}?wallet=${method}`);
    const button = page.getByRole("button", { name: method === "alipay" ? /Alipay/ : /WeChat Pay/ });
    assert.equal(await page.locator(`button[value=${other}]`).count(), 0, "the wallet is picked already");
    await button.click();
    await page.getByRole("img").waitFor();
    await visit.servers.phone("approve", decode(await page.screenshot()), method);
    await page.locator("section.paid").waitFor();
    assert.equal((await visit.servers.readSession(session.id)).status, "complete");
  }, { context: { javaScriptEnabled: false } });
}

scenario("without JavaScript the order page shows that the order is paid", async (visit) => {
  const { url, session } = await order(visit);
  const page = await visit.context.newPage();
  await page.goto(session.hosted_url);
  await page.getByRole("button", { name: /WeChat Pay/ }).click();
  await page.getByRole("img").waitFor();
  await visit.servers.phone("approve", decode(await page.screenshot()), "wechat_pay");
  await page.locator("section.paid").waitFor();
  await page.goto(url);
  await page.getByRole("heading", { name: "Order paid" }).waitFor();
  assert.equal(await page.locator("open-cashier").count(), 0);
}, { context: { javaScriptEnabled: false } });

for (const [lang, colorScheme] of /** @type {const} */ ([["en", "light"], ["zh-CN", "dark"]])) {
  const context = { locale: lang === "en" ? "en-US" : "zh-CN", colorScheme };

  scenario(`no layout shift when the live widget replaces the embed, in ${lang} and ${colorScheme}`, async (visit) => {
    const { url } = await order(visit, lang);
    const page = await visit.context.newPage();
    const release = await holdScripts(page);
    await page.goto(url, { waitUntil: "commit" });
    const widget = new Widget(page, { lang });
    await widget.is("selecting");
    await widget.radio("alipay").waitFor();
    const before = await widget.host.screenshot();
    release();
    await takenOver(page);
    samePixels(await widget.host.screenshot(), before, "embed and live widget");
    const shift = await page.evaluate(() => new Promise((resolve) => {
      new PerformanceObserver((list) => resolve(list.getEntries().reduce((sum, entry) => sum + /** @type {any} */ (entry).value, 0)))
        .observe({ type: "layout-shift", buffered: true });
      setTimeout(() => resolve(0), 200);
    }));
    assert.equal(shift, 0);
  }, { context });

  scenario(`a wallet that was picked before any script ran stays picked, in ${lang}`, async (visit) => {
    const { url } = await order(visit, lang);
    const page = await visit.context.newPage();
    const release = await holdScripts(page);
    await page.goto(url, { waitUntil: "commit" });
    const widget = new Widget(page, { lang });
    await widget.is("selecting");
    await widget.choose("wechat_pay");
    release();
    await takenOver(page);
    assert.equal(await widget.radio("wechat_pay").isChecked(), true);
    await widget.button("pay").click();
    await visit.servers.phone("approve", await widget.code(), "wechat_pay");
    await widget.isPaid();
  }, { context });
}

scenario("each answer has its own nonce, and no style attribute", async (visit) => {
  const { url } = await order(visit);
  const nonces = new Set();
  for (let count = 0; count < 3; count += 1) {
    const response = await fetch(url);
    const html = await response.text();
    const [, nonce = ""] = /style-src 'self' 'nonce-([\w+/=]+)'/.exec(response.headers.get("content-security-policy") ?? "") ?? [];
    assert.ok(html.includes(`<style nonce="${nonce}">`), "the style sheet has the nonce of the policy");
    assert.doesNotMatch(html, / style=/);
    nonces.add(nonce);
  }
  assert.equal(nonces.size, 3);
});

scenario("a description with markup and slots is shown as text in the embed", async (visit) => {
  const { servers } = visit;
  const nonce = "dGVzdA==";
  const description = "<img src=x onerror=alert(1)> ${merchant}";
  const session = await servers.openSession({ description, embed: { locale: "en", csp_nonce: nonce } });
  const page = await visit.page(session.embed, { csp: policyWithNonce(servers, nonce) });
  const widget = new Widget(page);
  await widget.is("selecting");
  const text = () => widget.host.locator("[part~=description]").innerText();
  assert.equal(await text(), description);
  await takenOver(page);
  assert.equal(await text(), description);
  assert.equal(await widget.host.locator("img").count(), 0);
});

for (const lang of ["en", "zh-CN"]) {
  scenario(`every layout and theme, with one and two wallets, looks like the live widget, in ${lang}`, async (visit) => {
    const { servers } = visit;
    const nonce = "dGVzdA==";
    const cases = ["accordion", "tabs", "list"].flatMap((layout) =>
      ["auto", "light", "night", "flat"].flatMap((theme) =>
        [["alipay", "wechat_pay"], ["wechat_pay", "alipay"], ["wechat_pay"]].map((payment_methods) => ({ layout, theme, payment_methods }))));
    const sessions = await Promise.all(cases.map(({ layout, theme, payment_methods }) => servers.openSession({
      payment_methods,
      amount: { value: 123_456_789, currency: "CNY" },
      embed: { locale: lang, layout, csp_nonce: nonce, appearance: { theme, variables: { colorPrimary: "#8a2be2", borderRadius: "2px" } } },
    })));
    const page = await visit.context.newPage();
    const release = await holdScripts(page);
    const address = `${servers.shopUrl}/embeds`;
    await page.route(address, (route) => route.fulfill({
      contentType: "text/html; charset=utf-8",
      headers: { "Content-Security-Policy": policyWithNonce(servers, nonce) },
      body: `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>Embeds</title>
        <link rel="icon" href="/www/storefront/leaf.svg"><script type="module" src="/opencashier/opencashier.js"></script></head>
        <body>${sessions.map(({ embed }) => embed).join("")}</body></html>`,
    }));
    await page.goto(address, { waitUntil: "commit" });
    const hosts = page.locator("open-cashier");
    // Not `last()`: while the page is being parsed, another one is the last.
    await hosts.nth(cases.length - 1).locator('[data-state="selecting"]').waitFor();
    const draw = async () => {
      const drawn = [];
      for (const host of await hosts.all()) drawn.push(await host.screenshot());
      return drawn;
    };
    const before = await draw();
    release();
    await takenOver(page);
    const after = await draw();
    cases.forEach((one, index) => samePixels(after[index], before[index], JSON.stringify(one)));
  }, { timeout: 180_000 });
}
