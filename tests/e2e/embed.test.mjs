// Mounting, updating and unmounting the widget on a page.
import assert from "node:assert/strict";

import { decode } from "./stage/qr.mjs";
import { stage } from "./stage/scenario.mjs";
import { attribute, isLive, openPreview } from "./stage/preview.mjs";
import { serveWithTrap } from "./stage/trap.mjs";
import { Widget } from "./stage/widget.mjs";

/** @typedef {import("playwright-core").Page} Page */

const scenario = stage();

scenario("a classic script tag mounts the widget at its position", async (visit) => {
  const { servers } = visit;
  const session = await servers.openSession();
  const page = await visit.page(
    `<p id="before">before</p>
     <script src="/opencashier/opencashier-classic.js" async
       data-client-secret="${session.client_secret}" data-api-base="${servers.merchantUrl}"></script>
     <p id="after">after</p>`,
    { head: "" },
  );
  const widget = new Widget(page);
  const code = await widget.payByCode("wechat_pay");
  const order = await page.locator("main > p, main > open-cashier").evaluateAll((all) => all.map((one) => one.localName));
  assert.deepEqual(order, ["p", "open-cashier", "p"]);
  await servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
});

scenario("JavaScript mounts, listens, updates, confirms and destroys", async (visit) => {
  const { servers } = visit;
  const session = await servers.openSession();
  const page = await visit.page('<div id="pay"></div><script type="module" src="/scene.js"></script>', {
    head: "",
    script: `
      import { OpenCashier } from "/opencashier/opencashier.js";
      window.events = [];
      events.push("preloaded " + await OpenCashier.preload(), "returned " + OpenCashier.hasReturned());
      window.checkout = OpenCashier({
        clientSecret: ${JSON.stringify(session.client_secret)},
        apiBase: ${JSON.stringify(servers.merchantUrl)},
        locale: "zh-CN",
        appearance: { theme: "night", variables: { colorPrimary: "#8a2be2" } },
        onChange: (event) => events.push("change " + event.detail.paymentMethod),
      });
      for (const name of ["ready", "submit", "payment-completed"]) checkout.on(name, () => events.push(name));
      checkout.once("state-change", (event) => events.push(event.detail.to));
      checkout.mount("#pay");`,
  });
  const chinese = new Widget(page, { lang: "zh-CN" });
  await chinese.is("selecting");
  await page.evaluate(() => void window.checkout.update({ locale: "en" }));
  const widget = new Widget(page);
  await widget.choose("alipay");
  await page.evaluate(() => window.checkout.confirm());
  await servers.phone("approve", await widget.code(), "alipay");
  await widget.isPaid();
  assert.deepEqual(await page.evaluate(() => window.events), [
    "preloaded true", "returned false", "selecting", "ready", "change alipay", "submit", "payment-completed",
  ]);
  await page.evaluate(() => window.checkout.destroy());
  assert.equal(await page.locator("open-cashier").count(), 0);
});

scenario("two checkouts on a page do not affect each other", async (visit) => {
  const { servers } = visit;
  const sessions = [await servers.openSession(), await servers.openSession({ amount: { value: 1, currency: "CNY" } })];
  const page = await visit.page(sessions.map((session, index) =>
    `<open-cashier id="pay-${index}" client-secret="${session.client_secret}" api-base="${servers.merchantUrl}"></open-cashier>`).join(""));
  const [first, second] = sessions.map((session, index) =>
    new Widget(page, { host: page.locator(`#pay-${index}`), session }));
  assert.equal(await (await first.is("selecting"), first.amount()), "CN¥128.00");
  assert.equal(await (await second.is("selecting"), second.amount()), "CN¥0.01");
  const codes = [await first.payByCode("wechat_pay"), await second.payByCode("alipay")];
  await servers.phone("approve", codes[1], "alipay");
  await second.isPaid();
  await first.is("awaiting");
  await servers.phone("approve", codes[0], "wechat_pay");
  await first.isPaid();
});

scenario("an unmounted widget leaves no timers or listeners, and continues when mounted again", async (visit) => {
  const widget = await visit.embed(null, {}, (context) => context.addInitScript(count));
  const code = await widget.payByCode("wechat_pay");
  const { page } = widget;
  assert.ok(await page.evaluate(() => window.counted.listeners.size > 0), "the counting works");
  const isQuiet = requestsEnd(page, visit.servers.merchantUrl);
  await page.evaluate(() => {
    window.element = document.querySelector("open-cashier");
    window.element.unmount();
  });
  await page.waitForFunction(() => window.counted.timers.size + window.counted.listeners.size === 0);
  await isQuiet();
  assert.equal(await page.evaluate(() => window.element.shadowRoot.querySelectorAll("svg").length), 0);

  await page.evaluate(() => document.querySelector("main")?.append(window.element));
  assert.equal(await widget.code(), code);
  await visit.servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
});

scenario("a widget that is moved in the page does not restart", async (visit) => {
  const widget = await visit.embed();
  const code = await widget.payByCode("alipay");
  let requests = 0;
  widget.page.on("request", () => (requests += 1));
  await widget.page.evaluate(() => {
    const section = document.createElement("section");
    document.querySelector("main")?.prepend(section);
    section.append(document.querySelector("open-cashier") ?? "");
  });
  assert.equal(await widget.code(), code);
  assert.equal(requests, 0);
});

scenario("language, theme and layout follow their attributes while the widget runs", async (visit) => {
  const widget = await visit.embed(null, { layout: "tabs", appearance: "{&quot;theme&quot;:&quot;night&quot;}" });
  await widget.is("selecting");
  await widget.host.evaluate((host) => host.setAttribute("locale", "zh-CN"));
  const chinese = new Widget(widget.page, { lang: "zh-CN" });
  const code = await chinese.payByCode("wechat_pay");
  assert.match(code, /^weixin:/);
});

scenario("mistakes of the page's author are reported to the author", async (visit) => {
  const events = await visit.record("load-error");
  const page = await visit.page(`<open-cashier api-base="${visit.servers.merchantUrl}"></open-cashier>`);
  await new Widget(page).is("unavailable");
  assert.equal(events[0]?.type, "integration_error");
  assert.match(events[0].message, /client-secret/);
  const told = await page.locator("open-cashier").evaluate((/** @type {any} */ element) => {
    /** @type {string[]} */
    const messages = [];
    element.addEventListener("cashier-error", (/** @type {CustomEvent} */ { detail }) => messages.push(detail.message));
    element.on("payment_completed", () => {}).on("payment-completed", () => {});
    return messages;
  });
  assert.deepEqual(told, ["there is no event payment_completed"]);
}, { expected: [/^open-cashier: option_invalid: /] });

scenario("names that are almost right are told, and the shopper can pay", async (visit) => {
  const events = await visit.record("error");
  const widget = await visit.embed(undefined, { showpaybutton: "false", translations: attribute({ payNow: "Buy" }) });
  await widget.payByCode("wechat_pay");
  assert.deepEqual(events.map(({ message }) => message), [
    "there is no attribute showpaybutton; write show-pay-button",
    "there is no text payNow",
  ]);
}, { expected: [/^open-cashier: option_invalid: /] });

for (const method of ["wechat_pay", "alipay"]) {
  scenario(`the hosted page accepts ${method} without JavaScript`, async (visit) => {
    const { servers } = visit;
    const session = await servers.openSession();
    const page = await visit.context.newPage();
    await page.goto(session.hosted_url);
    await page.getByRole("button", { name: method === "alipay" ? /Alipay/ : /WeChat Pay/ }).click();
    await page.getByRole("img").waitFor();
    await servers.phone("approve", decode(await page.screenshot()), method);
    // The page reloads automatically every few seconds.
    await page.locator("section.paid").waitFor();
    assert.equal((await servers.readSession(session.id)).status, "complete");
  }, { context: { javaScriptEnabled: false } });
}

scenario("B41: the Wasm may come as application/octet-stream", async (visit) => {
  const { servers, context } = visit;
  await context.route(/\.wasm$/, async (/** @type {any} */ route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-type": "application/octet-stream" } });
  });
  const widget = await visit.embed();
  await servers.phone("approve", await widget.payByCode("wechat_pay"), "wechat_pay");
  await widget.isPaid();
});

scenario("the hosted page updates itself without moving the keyboard's focus, and says what it shows once", async (visit) => {
  const { servers } = visit;
  const session = await servers.openSession();
  const page = await visit.context.newPage();
  let loads = 0;
  page.on("domcontentloaded", () => (loads += 1));
  await page.goto(session.hosted_url);
  await page.locator("button[value=wechat_pay]").click();
  await page.getByRole("img").waitFor();
  const before = loads;
  const button = page.getByRole("button", { name: "I’ve paid" });
  await button.focus();
  await page.waitForResponse((response) => response.url() === session.hosted_url && response.request().resourceType() === "xhr");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "I’ve paid");
  // A form that stays on the page keeps the focus as well, and what is unfolded.
  await page.locator("summary").click();
  await button.focus();
  await page.keyboard.press("Enter");
  await page.waitForResponse((response) => response.url() === session.hosted_url && response.request().resourceType() === "xhr");
  await page.locator("main:not(:has([aria-busy]))").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "I’ve paid");
  await page.locator("details[open]").waitFor();
  const { payment } = await servers.readSession(session.id);
  await servers.phone("approve", payment.next_action.data);
  await page.getByRole("heading", { name: "Payment complete" }).waitFor();
  assert.equal(await page.getByRole("status").textContent(), "Payment complete");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Payment complete", "the control is gone");
  assert.equal(loads, before, "the page was not loaded again");
});

scenario("the hosted page says that the connection is lost, and goes on when it is back", async (visit) => {
  const { servers, context } = visit;
  const session = await servers.openSession();
  const page = await context.newPage();
  await page.goto(session.hosted_url);
  await page.locator("button[value=wechat_pay]").click();
  await page.getByRole("img").waitFor();
  await context.setOffline(true);
  await page.getByText("No connection. Reconnecting…").filter({ visible: true }).first().waitFor();
  await context.setOffline(false);
  await page.locator("[data-offline]").waitFor({ state: "hidden" });
  const { payment } = await servers.readSession(session.id);
  await servers.phone("approve", payment.next_action.data);
  await page.getByRole("heading", { name: "Payment complete" }).waitFor();
}, { expected: [/ERR_INTERNET_DISCONNECTED/] });

scenario("the hosted page copies its link, and says so where the app forbids it", async (visit) => {
  const session = await visit.servers.openSession();
  await visit.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await visit.context.newPage();
  await page.goto(session.hosted_url);
  await page.locator("button[value=wechat_pay]").click();
  await page.locator("summary").click();
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByRole("button", { name: "✓ Link copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), session.hosted_url);
  assert.equal(await page.getByRole("status").textContent(), "Link copied");
  await page.evaluate(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
    document.execCommand = () => false;
  });
  await page.getByRole("button", { name: "Copy link" }).click();
  const text = "Select and copy the link yourself.";
  await page.locator("[data-by-hand]").filter({ hasText: text, visible: true }).waitFor();
  assert.equal(await page.getByRole("status").textContent(), text);
  const selected = await page.locator("input:focus").evaluate((/** @type {HTMLInputElement} */ field) => field.value.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0));
  assert.equal(selected, session.hosted_url);
});

scenario("a button of the hosted page works again after a policy has stopped its form", async (visit) => {
  const session = await visit.servers.openSession();
  const page = await visit.context.newPage();
  await page.goto(session.hosted_url);
  // The form is stopped, and the page's state is the same.
  await page.route("**/pay", (route) => route.abort("aborted"));
  await page.locator("button[value=wechat_pay]").click();
  await page.locator("[aria-busy]").waitFor();
  await page.evaluate(() => document.dispatchEvent(new Event("securitypolicyviolation")));
  assert.equal(await page.locator("[aria-busy], [part~=busy]").count(), 0);
  await page.unrouteAll();
  await page.locator("button[value=wechat_pay]").click();
  await page.getByRole("img").waitFor();
});

/** Resolves when no request of the page to `origin` is pending. */
function requestsEnd(/** @type {Page} */ page, /** @type {any} */ origin) {
  const open = new Set();
  let changed = () => {};
  const isOurs = (/** @type {any} */ request) => request.url().startsWith(origin);
  page.on("request", (/** @type {any} */ request) => isOurs(request) && open.add(request));
  for (const end of ["requestfinished", "requestfailed"]) {
    page.on(/** @type {"requestfinished"} */ (end), (/** @type {any} */ request) => {
      open.delete(request);
      changed();
    });
  }
  return () => new Promise((resolve) => {
    changed = () => open.size === 0 && resolve(null);
    changed();
  });
}

/** Runs in the page: counts the widget's timers and its listeners on window and document. */
function count() {
  const counted = (window.counted = { timers: new Set(), listeners: new Set() });
  // Playwright's own timers and listeners are not counted.
  const isOurs = () => (new Error().stack ?? "").includes("/opencashier/");
  const { setTimeout: set, clearTimeout: clear } = window;
  /** @type {any} */ (window).setTimeout = (/** @type {any} */ action, /** @type {any} */ delay, /** @type {any[]} */ ...rest) => {
    const id = set(() => {
      counted.timers.delete(id);
      action(...rest);
    }, delay);
    if (isOurs()) counted.timers.add(id);
    return id;
  };
  window.clearTimeout = (id) => {
    counted.timers.delete(id);
    clear(id);
  };
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, listener, ...rest) {
    if ((this === window || this === document) && isOurs()) counted.listeners.add(listener);
    return add.call(this, type, listener, ...rest);
  };
  EventTarget.prototype.removeEventListener = function (type, listener, ...rest) {
    counted.listeners.delete(listener);
    return remove.call(this, type, listener, ...rest);
  };
}

scenario("a panic shows a message and a reload button in every checkout of the page", async (visit) => {
  const { widget, release } = await openPreview(visit);
  release();
  await isLive(widget);
  const events = await widget.listen("error");
  // The error that the browser reports to the window when the Wasm traps in a callback.
  await widget.page.evaluate(() => {
    const foreign = new WebAssembly.RuntimeError("unreachable");
    window.dispatchEvent(new ErrorEvent("error", { error: foreign }));
  });
  await widget.is("selecting");
  await widget.page.evaluate(() => {
    const trap = new WebAssembly.RuntimeError("unreachable");
    trap.stack = "RuntimeError: unreachable\n at wasm-function[7]\n at /opencashier/opencashier-0123456789.wasm:1:2";
    window.dispatchEvent(new ErrorEvent("error", { error: trap }));
  });
  await widget.is("unavailable");
  const [event] = await events();
  assert.equal(event.detail.code, "internal");
  assert.equal(event.detail.type, "api_error");
  await widget.page.getByRole("button", { name: "Reload page" }).click();
  await widget.is("selecting");
}, { expected: [/^open-cashier: internal: /] });

scenario("a trap of the Wasm shows a message, and the Wasm is not called again", async (visit) => {
  const widget = await visit.embed(null, {}, (context) => serveWithTrap(context, "handle_cancel"));
  await widget.is("selecting");
  const events = await widget.listen("error");
  await widget.host.evaluate((/** @type {any} */ host) => host.cancel().catch(() => {}));
  await widget.is("unavailable");
  assert.equal((await events())[0].detail.code, "internal");
  await widget.page.getByRole("button", { name: "Reload page" }).waitFor();
}, { expected: [/^open-cashier: internal: /] });

scenario("confirm() says what it led to, or why it starts nothing", async (visit) => {
  const widget = await visit.embed(null, { "show-pay-button": "false" });
  const confirm = () => widget.host.evaluate((/** @type {any} */ host) =>
    host.confirm().then((/** @type {any} */ { state, error }) => [state, error && error.code], (/** @type {any} */ { code }) => code));
  assert.equal(await confirm(), "nothing_selected");
  await widget.says("choose_first");
  await widget.choose("wechat_pay");
  await widget.host.evaluate((host) => host.addEventListener("cashier-submit", (event) => event.preventDefault(), { once: true }));
  assert.deepEqual(await confirm(), ["selecting", "submit_prevented"]);
  await widget.host.evaluate((/** @type {any} */ host) => host.update({ readOnly: true }));
  assert.equal(await confirm(), "read_only");
  await widget.host.evaluate((/** @type {any} */ host) => host.update({ readOnly: false }));
  assert.deepEqual(await confirm(), ["awaiting", undefined]);
  assert.equal(await confirm(), "nothing_to_pay");
  await visit.servers.phone("approve", await widget.code(), "wechat_pay");
  await widget.isPaid();
});

scenario("confirm() says why it starts nothing also before the checkout is there and within its events", async (visit) => {
  const widget = await visit.embed();
  await widget.is("selecting");
  const outcomes = await widget.host.evaluate(async (/** @type {any} */ host) => {
    const answer = (/** @type {Promise<any>} */ promise) => promise.then(({ state }) => state, ({ code }) => code);
    const within = (/** @type {any} */ element, /** @type {string} */ name) =>
      new Promise((done) => element.once(name, () => answer(element.confirm()).then(done)));
    const next = () => {
      const element = document.createElement("open-cashier");
      for (const { name, value } of host.attributes) if (/^(client-secret|api-base)$/.test(name)) element.setAttribute(name, value);
      host.after(element);
      return /** @type {any} */ (element);
    };
    const [readOnly, early, ready] = [next(), next(), next()];
    readOnly.update({ readOnly: true });
    return Promise.all([answer(readOnly.confirm()), within(readOnly, "state-change"), answer(early.update({ loader: "never" }).confirm()), within(ready, "ready")]);
  });
  assert.deepEqual(outcomes, ["read_only", "read_only", "nothing_selected", "nothing_selected"]);
});

scenario("confirm() of a payment that is refused resolves with the reason, and one that is taken off rejects", async (visit) => {
  const widget = await visit.embed();
  await widget.choose("alipay");
  await widget.page.route("**/payments", (route) => route.fulfill({
    status: 400,
    contentType: "application/problem+json",
    headers: { "Access-Control-Allow-Origin": "*" },
    body: JSON.stringify({ type: "urn:opencashier:problem:invalid_request_error", title: "t", status: 400, detail: "no", code: "flow_unavailable", retryable: false, request_id: "req_1" }),
  }));
  const outcome = await widget.host.evaluate((/** @type {any} */ host) => host.confirm());
  assert.equal(outcome.error.code, "flow_unavailable");
  await widget.page.unrouteAll();
  await widget.page.route("**/payments", () => {});
  const code = await widget.host.evaluate((/** @type {any} */ host) => {
    const press = host.confirm();
    setTimeout(() => host.remove(), 200);
    return press.catch((/** @type {any} */ reason) => reason.code);
  });
  assert.equal(code, "destroyed");
}, { expected: [/status of 400/] });

scenario("B28: a web view that opens wallets by itself is told by the option, and pays; a wrong name is reported", async (visit) => {
  const session = await visit.servers.openSession();
  const attributes = `client-secret="${session.client_secret}" api-base="${visit.servers.merchantUrl}"`;
  const page = await visit.page(`<open-cashier environment="mobile_browser" ${attributes}></open-cashier>`);
  const widget = new Widget(page, { session });
  await widget.is("selecting");
  const requests = page.waitForRequest("**/payments");
  await widget.pay("alipay");
  assert.equal((await requests).postDataJSON().environment, "mobile_browser");
  await page.getByRole("button", { name: /Pay now/ }).click();
  await page.waitForURL(`${visit.servers.shopUrl}/**`);
  await page.goto(page.url()); // Playwright answers no redirect.
  await widget.isPaid();

  const wrong = await visit.embed();
  await wrong.is("selecting");
  const events = await wrong.listen("error");
  await wrong.host.evaluate((/** @type {any} */ host) => host.update({ environment: "my_app" }));
  await wrong.page.waitForFunction(() => /** @type {any} */ (document.querySelector("open-cashier")).events.length);
  const [{ detail }] = await events();
  assert.equal(detail.code, "option_invalid");
  assert.match(detail.message, /environment.*mobile_browser/);
}, { context: { userAgent: "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36 ShopApp/1.0" }, expected: [/option environment/, /status of 404/] });
