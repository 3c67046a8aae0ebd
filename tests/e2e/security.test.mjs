// Attacks by a hostile backend, a hostile text or a hostile page in a shopper's browser.
import assert from "node:assert/strict";

import { rewriteSession } from "./stage/routes.mjs";
import { policy, stage } from "./stage/scenario.mjs";
import { Widget } from "./stage/widget.mjs";

/** @typedef {import("playwright-core").Route} Route */

// Alipay is a redirect here, so that every kind of page is covered.
const scenario = stage({ desktopFlow: "page" });

/** URLs that resemble a gateway's and are not. */
const ADDRESSES = {
  "a script": ["javascript:window.pwned=1", "JAVASCRIPT:window.pwned=1", "javascript://openapi.alipay.com/%0awindow.pwned=1",
    "java\tscript:window.pwned=1", "\u0001javascript:window.pwned=1", " javascript:window.pwned=1"],
  "another scheme": ["data:text/html,<script>opener.pwned=1</script>", "vbscript:msgbox(1)", "blob:https://openapi.alipay.com/1",
    "file:///etc/passwd", "filesystem:https://openapi.alipay.com/x", "ftp://openapi.alipay.com/", "intent://openapi.alipay.com/#Intent;end",
    "alipays://platformapi/startapp", "weixin://wxpay/bizpayurl?pr=1", "about:blank", "chrome://settings", "view-source:https://openapi.alipay.com/",
    "http://openapi.alipay.com/", "ws://openapi.alipay.com/"],
  "a look-alike host": ["https://openapi.alipay.com.evil.example/", "https://openapi-alipay.com/", "https://openapi.alipay.com-evil.example/",
    "https://alipay.com/", "https://evil.alipay.com/", "https://openapi.alipay.co/", "https://openapi.a1ipay.com/", "https://evilopenapi.alipay.com/",
    "https://xn--openapi-lipay-7fg.com/", "https://openаpi.alipay.com/", "https://openapi.alipay。com/", "https://openapi.alipay.com./",
    "https://OPENAPI.ALIPAY.COM/", "https://wx.tenpay.com.evil.example/", "https://wx.tenpay.com%2eevil.example/", "https://evil.example/openapi.alipay.com"],
  "another port of a gateway's host": ["https://openapi.alipay.com:8443/", "https://openapi.alipay.com:80/", "https://wx.tenpay.com:4430/x",
    "https://mclient.alipay.com:44", "https://openapi.alipay.com:0443/"],
  "a host in disguise": ["https://openapi.alipay.com@evil.example/", "https://openapi.alipay.com:443@evil.example/", "https://user:pass@openapi.alipay.com/",
    "https://evil.example\\@openapi.alipay.com/", "https://evil.example\\.openapi.alipay.com/", "https://evil.example#@openapi.alipay.com/",
    "https://evil.example?@openapi.alipay.com/", "https:\\\\openapi.alipay.com\\", "https:/openapi.alipay.com/", "https:openapi.alipay.com/",
    "//openapi.alipay.com/", "/\\openapi.alipay.com/", "///evil.example/", "https://openapi.alipay.com\t/", "https://openapi\n.alipay.com/",
    "https://openapi.alipay.com\u0000.evil.example/", "https://openapi.alipay.com:x/", "https://openapi.alipay.com:/", "https://openapi.alipay.com:99999999/",
    "https://[openapi.alipay.com]/", "https://%6fpenapi.alipay.com/", "https://openapi.alipay.com%00.evil.example/", "\u202ehttps://openapi.alipay.com/",
    "https://openapi.alipay.com\u3000/"],
  "almost this machine": ["http://127.0.0.1.evil.example/", "http://localhost.evil.example/", "http://127.0.0.1@evil.example/", "http://127.1/",
    "http://2130706433/", "http://0x7f.1/", "http://0.0.0.0/", "http://[::ffff:127.0.0.1]/", "http://localhost./", "http://LOCALHOST/", "http://127.0.0.2/"],
  "nothing": ["", " ", "/", "?", "#", ".", "undefined", "null", "[object Object]"],
};

for (const [kind, addresses] of Object.entries(ADDRESSES)) {
  for (const type of ["redirect_to_url", "submit_form"]) {
    scenario(`a next action ${type} to ${kind} is refused, and another action is offered`, async (visit) => {
      // All on one page, each with its own session.
      const sessions = await Promise.all(addresses.map(() => visit.servers.openSession()));
      for (const [index, url] of addresses.entries()) {
        await answerWith(visit, sessions[index], {
          type, url, fields: [{ name: "biz_content", value: "{}" }],
        });
      }
      const page = await visit.page(sessions.map(({ client_secret }, index) =>
        `<open-cashier id="pay-${index}" client-secret="${client_secret}" api-base="${visit.servers.merchantUrl}"></open-cashier>`).join(""));
      const address = page.url();
      await page.evaluate(recordEvents);
      for (const [index, url] of addresses.entries()) {
        const widget = new Widget(page, { host: page.locator(`#pay-${index}`) });
        await widget.pay("alipay");
        await widget.is("unavailable").catch((error) => {
          throw new Error(`${JSON.stringify(url)} was not refused: ${error.message}`);
        });
        await widget.says("unavailable_setup");
        await widget.button("retry").waitFor();
        const hosted = await widget.link("hosted").getAttribute("href");
        assert.equal(hosted, sessions[index].hosted_url, url);
        const events = await page.evaluate((id) => window.events[id], `pay-${index}`);
        const errors = events.filter((/** @type {any} */ { name }) => name === "cashier-error");
        assert.deepEqual(errors.map((/** @type {any} */ { detail }) => [detail.type, detail.code, detail.retryable]),
          [["integration_error", "next_action_refused", false]], url);
        assert.ok(!events.some((/** @type {any} */ { name }) => name === "cashier-before-redirect"), url);
        // A refused URL is not passed to the page either.
        if (url.length > 12) assert.ok(!JSON.stringify(errors).includes(url), url);
      }
      assert.equal(page.url(), address, "nothing navigates");
      assert.equal(visit.context.pages().length, 1, "nothing opens");
      assert.equal(await page.evaluate(() => window.pwned), undefined);
      assert.equal(await page.locator("form").count(), 0);
    }, { expected: [/^open-cashier: next_action_refused: /], timeout: 120_000 });
  }
}

scenario("a next action of an earlier payment is refused as well", async (visit) => {
  // It arrives with the first read, as after a reload.
  for (const url of ["javascript:window.pwned=1", "https://openapi.alipay.com.evil.example/"]) {
    const session = await visit.servers.openSession();
    await answerWith(visit, session, { type: "redirect_to_url", url }, { alsoReads: true });
    const widget = await visit.embed(session);
    await widget.is("unavailable");
    assert.equal(await widget.page.evaluate(() => window.pwned), undefined);
  }
}, { expected: [/^open-cashier: next_action_refused: /] });

scenario("the content of a QR code is drawn, never navigated to", async (visit) => {
  const session = await visit.servers.openSession();
  const data = "javascript:window.pwned=1";
  await answerWith(visit, session, { type: "display_qr_code", data });
  const widget = await visit.embed(session);
  assert.equal(await widget.payByCode("wechat_pay"), data);
  const links = await widget.host.evaluate((host) =>
    [...(host.shadowRoot?.querySelectorAll("[href], [src], [action]") ?? [])].map((one) => one.outerHTML));
  assert.ok(links.every((html) => !html.includes("pwned")), links.join());
});

scenario("a hosted page's URL that is not http or https is not linked", async (visit) => {
  for (const hosted_url of ["javascript:window.pwned=1", "data:text/html,x", " javascript:window.pwned=1", "//evil.example/", "https://a@evil.example/", "vbscript:x"]) {
    const session = await visit.servers.openSession();
    await visit.context.route(`**/v1/checkout/sessions/${session.id}`, rewriteSession((/** @type {any} */ answer) => {
      answer.hosted_url = hosted_url;
      answer.status = "expired";
    }));
    const widget = await visit.embed(session);
    await widget.is("expired");
    const links = await widget.host.evaluate((host) =>
      [...(host.shadowRoot?.querySelectorAll("a") ?? [])].map((link) => link.getAttribute("href")));
    assert.ok(!links.includes(hosted_url), `${hosted_url}: ${links}`);
    await widget.page.close();
  }
});

scenario("hostile texts are shown as text", async (visit) => {
  const bad = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>${pwned}\u202e';
  const session = await visit.servers.openSession({ description: bad });
  await visit.context.route(`**/v1/checkout/sessions/${session.id}`, rewriteSession((/** @type {any} */ answer) => {
    answer.merchant_name = bad;
  }));
  const widget = await visit.embed(session);
  await widget.is("selecting");
  const shown = await widget.host.evaluate((host) => host.shadowRoot?.textContent ?? "");
  assert.ok(shown.includes("<img src=x onerror="), shown);
  const tags = await widget.host.evaluate((host) => host.shadowRoot?.querySelectorAll("img[onerror], script").length);
  assert.equal(tags, 0);

  // The error's reference is the backend's text.
  const failing = await visit.servers.openSession();
  await visit.context.route(`**/v1/checkout/sessions/${failing.id}`, (route) =>
    route.request().method() === "OPTIONS" ? route.continue() : route.fulfill({
      status: 400,
      headers: { "Access-Control-Allow-Origin": visit.servers.shopUrl, "Content-Type": "application/problem+json" },
      body: JSON.stringify({
        type: `urn:opencashier:problem:${bad}`, title: bad, status: 400, detail: bad, code: bad, retryable: false, request_id: bad,
      }),
    }));
  const refused = await visit.embed(failing);
  await refused.is("unavailable");
  await refused.host.getByText("<img src=x onerror=", { exact: false }).first().waitFor();
  for (const page of [widget.page, refused.page]) {
    assert.equal(await page.evaluate(() => window.pwned), undefined);
  }
}, { expected: [/status of 400/, /^open-cashier: <img/] });

scenario("the client secret is in no address, referrer, cookie, storage or event", async (visit) => {
  const session = await visit.servers.openSession();
  const tail = session.client_secret.split("_secret_")[1];
  const sent = [];
  visit.context.on("request", (request) => {
    sent.push(request.url(), request.headers().referer ?? "", request.headers().cookie ?? "", request.postData() ?? "");
  });
  visit.context.on("console", (message) => sent.push(message.text()));
  const widget = await visit.embed(session);
  await widget.page.evaluate(recordEvents);
  const code = await widget.payByCode("wechat_pay");
  await widget.button("paid").click();
  await widget.says("not_paid_yet");
  await visit.servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
  sent.push(await widget.page.evaluate(async () => JSON.stringify([
    { ...localStorage }, { ...sessionStorage }, document.cookie, location.href, document.title, window.events,
    (await indexedDB.databases()).map(({ name }) => name), await caches.keys(),
    performance.getEntries().map(({ name }) => name),
  ])));
  const inside = await widget.host.evaluate((host) => host.shadowRoot?.innerHTML ?? "");
  sent.push(inside);
  for (const text of sent) assert.ok(!text.includes(tail), text);
  assert.ok(sent.length > 20);
});

scenario("a complete checkout in the shop violates no policy", async (visit) => {
  const documents = await watch(visit);
  const shop = await visit.shop();
  await shop.checkOut();
  const phone = await visit.phone();
  const code = await shop.widget.payByCode("wechat_pay");
  await phone.scan("wechat_pay", code);
  await phone.approve();
  await shop.isPaid();
  // By the redirect to Alipay's page.
  const other = await visit.shop();
  await other.checkOut();
  await other.widget.pay("alipay");
  await other.page.waitForURL(`${visit.servers.sandboxUrl}/**`);
  await other.payAtGateway(visit.servers);
  await other.isPaid();
  const origins = new Set((await documents()).map(({ origin }) => origin));
  assert.deepEqual([...origins].sort(), [visit.servers.shopUrl, visit.servers.sandboxUrl].sort());
});

scenario("every state of the hosted page violates no policy", async (visit) => {
  const { servers } = visit;
  const documents = await watch(visit);
  const page = await visit.context.newPage();
  const open = async (body = {}) => {
    const session = await servers.openSession({ return_url: undefined, ...body });
    await page.goto(session.hosted_url);
    return session;
  };
  const button = (/** @type {any} */ value) => page.locator(`button[value=${value}]`);
  // A code that is checked too often and canceled; then paid on Alipay's page.
  await open();
  await button("wechat_pay").click();
  await page.getByRole("img").waitFor();
  for (const _ of [1, 2]) await page.locator('form[action$="/check"] button:not([aria-busy])').first().click();
  await page.getByRole("alert").waitFor();
  await page.locator('form[action$="/cancel"] button').first().click();
  // Straight to the wallet's page, which the policy allows to forms.
  await button("alipay").first().click();
  await page.waitForURL(`${servers.sandboxUrl}/**`);
  await page.getByRole("button", { name: /Pay now/ }).click();
  await page.locator("section.paid").waitFor();
  // An expired session, and an unknown page.
  const expired = await open();
  await servers.expireSession(expired.id);
  await page.reload();
  await page.goto(`${expired.hosted_url}0`);
  await page.goto(`${expired.hosted_url}?notice=%3Cscript%3Ewindow.pwned=1%3C/script%3E`);
  await page.goto(`${servers.merchantUrl}/v1/returns/alipay?out_trade_no=1&sign=x`);
  const isStyled = await page.evaluate(() => {
    try {
      return document.styleSheets[0].cssRules.length > 0;
    } catch {
      return false;
    }
  });
  assert.ok(isStyled, "also this page has its style");
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  const seen = await documents();
  assert.ok(seen.filter(({ origin }) => origin === servers.merchantUrl).length >= 8, `${seen.length} pages`);
}, { expected: [/status of 404/] });

scenario("every page of the sandbox violates no policy", async (visit) => {
  const { servers } = visit;
  const documents = await watch(visit);
  await visit.phone();
  const page = await visit.context.newPage();
  const session = await servers.openSession();
  await page.goto(session.hosted_url);
  await page.locator("button[value=alipay]").click();
  await page.waitForURL(`${servers.sandboxUrl}/**`);
  await page.goto(session.hosted_url);
  const cashier = await page.getByRole("link", { name: /Continue to Alipay/ }).getAttribute("href");
  for (const name of [/^Cancel/, /^Leave/]) {
    await page.goto(cashier ?? "");
    await page.getByRole("button", { name }).click();
    await page.getByRole("link", { name: /Back to the cashier/ }).waitFor();
  }
  await page.goto(`${servers.sandboxUrl}/alipay/cashier/none`);
  const seen = (await documents()).filter(({ origin }) => origin === servers.sandboxUrl);
  assert.ok(seen.length >= 6, `${seen.length} pages`);
}, { expected: [/status of 404/] });

scenario("every way to embed the widget works under the strictest policy that allows Wasm", async (visit) => {
  const documents = await watch(visit);
  const { servers } = visit;
  for (const layout of ["accordion", "tabs", "list"]) {
    for (const theme of ["light", "night", "flat"]) {
      const widget = await visit.embed(null, { layout, theme, locale: "zh-CN" });
      await widget.choose("wechat_pay");
      await widget.page.close();
    }
  }
  const session = await servers.openSession();
  const page = await visit.page(
    `<script src="/opencashier/opencashier-classic.js" async data-client-secret="${session.client_secret}"
       data-api-base="${servers.merchantUrl}"></script>`, { head: "" });
  const widget = new Widget(page);
  await widget.payByCode("wechat_pay");
  await widget.button("cancel").click();
  await widget.is("canceled");
  await documents();
});

scenario("error answers are not pages that can run scripts", async (visit) => {
  const { merchantUrl, shopUrl, sandboxUrl } = visit.servers;
  const marker = "%3Cscript%3Ewindow.pwned=1%3C/script%3E";
  for (const url of [
    `${merchantUrl}/${marker}`, `${merchantUrl}/v1/checkout/sessions/${marker}`, `${merchantUrl}/v1/refunds/${marker}`,
    `${merchantUrl}/v1/checkout/hosted/%ff`, `${merchantUrl}/v1/notifications/alipay`, `${merchantUrl}/healthz`,
    `${merchantUrl}/v1/checkout/hosted.css`, `${merchantUrl}/v1/checkout/hosted.js`, `${shopUrl}/${marker}`, `${shopUrl}/orders/${marker}`, `${shopUrl}/../../etc/passwd`,
    `${shopUrl}/%2e%2e/%2e%2e/Cargo.toml`, `${sandboxUrl}/${marker}`, `${sandboxUrl}/alipay/cashier/${marker}`,
  ]) {
    const response = await fetch(url, { redirect: "manual" });
    const text = await response.text();
    const kind = response.headers.get("content-type") ?? "";
    assert.ok(!text.includes("<script>window"), `${url}: ${text}`);
    assert.ok(!text.includes("[workspace") && !text.includes("root:x:"), url);
    if (kind.startsWith("text/html")) strict(url, response.headers.get("content-security-policy") ?? "");
    else if (url.startsWith(merchantUrl)) assert.equal(response.headers.get("x-content-type-options"), "nosniff", url);
  }
});

scenario("payment pages cannot be framed by another page", async (visit) => {
  const session = await visit.servers.openSession();
  for (const address of [session.hosted_url, `${visit.servers.shopUrl}/`, `${visit.servers.sandboxUrl}/phone`]) {
    const page = await visit.page(`<iframe src="${address}"></iframe>`, {
      csp: "default-src 'none'; frame-src *; base-uri 'none'; frame-ancestors 'none'", head: "",
    });
    const [frame] = page.frames().slice(1);
    await page.waitForFunction(() => performance.getEntriesByType("resource").length >= 0);
    await frame.waitForLoadState().catch(() => {});
    assert.match(frame.url(), /^(chrome-error:|about:blank)/, address);
    await page.close();
  }
}, { expected: [/frame|Refused to (frame|display)|ancestor|X-Frame/i, /ERR_BLOCKED_BY_RESPONSE/, /favicon|img-src/] });

scenario("these tests detect violations", async (visit) => {
  const documents = await watch(visit);
  const page = await visit.page("<p>A page</p>", { head: "" });
  assert.equal(await page.evaluate(() => {
    try {
      document.body.innerHTML = "<b>injected</b>";
      return "taken";
    } catch (error) {
      return /** @type {Error} */ (error).name;
    }
  }), "TypeError", "Trusted Types are on");
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.setAttribute("src", "https://evil.example/x.js");
  }).catch(() => {});
  await assert.rejects(documents, /securitypolicyviolation/);
  assert.throws(() => strict("x", "default-src 'none'; script-src 'self' 'unsafe-inline'"));
  assert.throws(() => strict("x", "default-src *"));
  assert.throws(() => strict("x", policy(visit.servers).replace("require-trusted-types-for 'script'; ", "")));
  strict("x", policy(visit.servers));
}, { expected: [/Trusted|TrustedHTML|TrustedScriptURL/] });

/** Replaces the next action in answers to a session's starts (and reads). */
async function answerWith(/** @type {any} */ { context, servers }, /** @type {any} */ session, /** @type {any} */ next_action, { alsoReads = false } = {}) {
  const address = `${servers.merchantUrl}/v1/checkout/sessions/${session.id}`;
  const change = (/** @type {any} */ answer) => {
    answer.payment ??= { id: "pay_hostile", payment_method: "alipay", created_at: answer.server_time };
    Object.assign(answer.payment, {
      flow: next_action.type === "display_qr_code" ? "qr_code" : "redirect", status: "requires_action", next_action,
    });
  };
  await context.route(`${address}/payments`, rewriteSession(change));
  await context.route(`${address}/events`, (/** @type {Route} */ route) => route.fulfill({
    status: 200,
    headers: { "Access-Control-Allow-Origin": servers.shopUrl, "Content-Type": "text/event-stream" },
    body: ": nothing new\n\n",
  }));
  if (alsoReads) await context.route(address, rewriteSession(change));
}

/** Runs in the page: records every event of every widget by the widget's id. */
function recordEvents() {
  window.events = {};
  const names = ["ready", "load-error", "submit", "action-handled", "before-redirect", "state-change", "expired",
    "payment-completed", "payment-failed", "cancel", "error"];
  for (const name of names) {
    addEventListener(`cashier-${name}`, (/** @type {any} */ event) =>
      (window.events[event.target.id] ??= []).push({ name: event.type, detail: event.detail }));
  }
}

/** Records every opened page and every violation; the returned function fails on any. */
async function watch(/** @type {any} */ { context }) {
  /** @type {any[]} */
  const seen = [];
  /** @type {any[]} */
  const violations = [];
  await context.exposeFunction("reportViolation", (/** @type {string} */ text) => violations.push(text));
  await context.addInitScript(() => addEventListener("securitypolicyviolation", (event) =>
    window.reportViolation(`${event.effectiveDirective} ${event.blockedURI} ${event.sample} (${event.documentURI})`)));
  context.on("response", (/** @type {any} */ response) => {
    const request = response.request();
    if (!request.isNavigationRequest()) return;
    const headers = response.headers();
    if ((headers["content-type"] ?? "").startsWith("text/html")) {
      seen.push({ url: response.url(), origin: new URL(response.url()).origin, policy: headers["content-security-policy"] ?? "" });
    }
  });
  return async () => {
    assert.deepEqual(violations, [], "securitypolicyviolation");
    assert.ok(seen.length > 0, "no page was seen");
    for (const { url, policy } of seen) strict(url, policy);
    return seen;
  };
}

/** Fails unless a policy allows only what the page needs. */
function strict(/** @type {string} */ url, /** @type {string} */ text) {
  const rules = new Map(text.split(";").map((/** @type {any} */ rule) => rule.trim().split(/\s+/)).map((/** @type {any} */ [name, ...values]) => [name, values]));
  const of = (/** @type {string} */ name) => rules.get(name)?.join(" ");
  assert.equal(of("default-src"), "'none'", `${url}: ${text}`);
  assert.equal(of("base-uri"), "'none'", `${url}: ${text}`);
  assert.equal(of("frame-ancestors"), "'none'", `${url}: ${text}`);
  assert.ok(rules.has("form-action"), `${url}: forms may go anywhere: ${text}`);
  for (const [name, values] of rules) {
    for (const value of values) {
      const isLoose = ["'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "'strict-dynamic'", "*", "data:", "blob:", "http:", "https:"].includes(value);
      assert.ok(!isLoose, `${url}: ${name} ${value}`);
    }
  }
  // Without scripts, Trusted Types are not needed.
  if (rules.has("script-src")) assert.equal(of("require-trusted-types-for"), "'script'", `${url}: ${text}`);
}
