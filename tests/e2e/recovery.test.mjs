// Failures of the backend, the gateways, the network and the clock, and recovery from them.
import assert from "node:assert/strict";

import { device } from "./environments/device.mjs";
import { stage } from "./stage/scenario.mjs";

/** @typedef {import("playwright-core").Route} Route */

const scenario = stage();
const UNREACHABLE = /ERR_(CONNECTION|INCOMPLETE|EMPTY|FAILED|INTERNET|SOCKET|NETWORK)/;

scenario("the backend crashes while a code is shown, and restarts", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed();
  const code = await widget.payByCode("wechat_pay");
  await servers.merchant?.kill();
  await widget.says("offline");
  await servers.merchant?.start();
  assert.equal(await widget.code(), code);
  await servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
}, { expected: [UNREACHABLE] });

scenario("a payment made while the backend is down is found after its restart", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed();
  const code = await widget.payByCode("alipay");
  await servers.faults({ drop_notifications: true });
  await servers.merchant?.kill();
  await servers.phone("approve", code, "alipay");
  await servers.merchant?.start();
  await widget.isPaid();
  assert.equal((await servers.readSession(widget.session.id)).status, "complete");
}, { expected: [UNREACHABLE] });

scenario("a lost notification is replaced by a query", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed();
  const code = await widget.payByCode("wechat_pay");
  await servers.faults({ drop_notifications: true });
  await servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
});

scenario("a notification with another amount does not pay", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed();
  const code = await widget.payByCode("alipay");
  await servers.faults({ notification_wrong_amount: true });
  await servers.phone("approve", code, "alipay");
  // The query, which has the true amount, does.
  await widget.isPaid();
  assert.equal((await servers.readSession(widget.session.id)).status, "complete");
});

scenario("a start is retried with the same idempotency key while the gateway is down", async (visit) => {
  const { servers } = visit;
  const before = (await servers.orders()).length;
  /** @type {any[]} */
  const keys = [];
  const widget = await visit.embed();
  widget.page.on("request", (request) => {
    if (request.method() === "POST") keys.push(request.headers()["idempotency-key"]);
  });
  await servers.faults({ down: true });
  await widget.pay("wechat_pay");
  await widget.says("starting_slow");
  await widget.link("hosted").waitFor();
  await servers.resetFaults();
  const code = await widget.code();
  await servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
  assert.ok(keys.length > 1, "the start was retried");
  assert.equal(new Set(keys).size, 1, "one intent, one key");
  assert.equal((await servers.orders()).length, before + 1, "one order");
}, { expected: [/status of 50\d/], timeout: 90_000 });

scenario("an order whose answer was lost is not created twice", async (visit) => {
  const { servers } = visit;
  const before = (await servers.orders()).length;
  const widget = await visit.embed();
  await servers.faults({ wechat_next_status: 500 });
  const code = await widget.payByCode("wechat_pay");
  await servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
  assert.equal((await servers.orders()).length, before + 1);
}, { expected: [/status of 50\d/] });

scenario("a request whose answer was lost is retried", async (visit) => {
  const { servers } = visit;
  const before = (await servers.orders()).length;
  let isLost = false;
  const widget = await visit.embed(null, {}, (context) =>
    context.route("**/payments", async (route) => {
      if (isLost || route.request().method() !== "POST") return route.continue();
      isLost = true;
      await route.fetch();
      return route.abort();
    }));
  const code = await widget.payByCode("alipay");
  await servers.phone("approve", code, "alipay");
  await widget.isPaid();
  assert.equal((await servers.orders()).length, before + 1);
}, { expected: [UNREACHABLE] });

for (const [name, change] of /** @type {[string, (secret: string) => string][]} */ ([
  ["has another random half", (/** @type {string} */ secret) => secret.replace(/.{8}$/, "AAAAAAAA")],
  ["opens no existing session", () => "cs_unknown_secret_unknown"],
])) {
  scenario(`a client secret that ${name} is reported without session data`, async (visit) => {
    const session = await visit.servers.openSession();
    const client_secret = change(session.client_secret);
    const events = await visit.record("load-error");
    /** @type {string[]} */
    const logged = [];
    visit.context.on("console", (message) => void (message.text().startsWith("open-cashier:") && logged.push(message.text())));
    const widget = await visit.embed({ ...session, client_secret });
    await widget.is("unavailable");
    await widget.says("unavailable_authentication");
    assert.equal(await widget.host.getByText("128.00").count(), 0);
    assert.equal(events[0]?.type, "authentication_error");
    assert.equal(events[0].retryable, false);
    assert.equal(logged.length, 1);
    assert.match(logged[0], /^open-cashier: client_secret_invalid: /);
  }, { expected: [/status of 401/, /^open-cashier: /] });
}

scenario("invalid answers are retried automatically, then reported, then retried by a button", async (visit) => {
  const answers = [
    (/** @type {Route} */ route) => route.fulfill({ contentType: "text/html", body: "<h1>Welcome to the hotel's Wi-Fi</h1>" }),
    async (/** @type {Route} */ route) => {
      const response = await route.fetch();
      return route.fulfill({ response, body: (await response.text()).slice(0, -40) });
    },
    (/** @type {Route} */ route) => route.fulfill({ status: 500, contentType: "text/plain", body: "oops" }),
    (/** @type {Route} */ route) => route.abort(),
  ];
  await Promise.all(answers.map(async (answer) => {
    const session = await visit.servers.openSession();
    let isBad = true;
    let reads = 0;
    const widget = await visit.embed(session, {}, (context) =>
      context.route(`**/v1/checkout/sessions/${session.id}`, (route) => {
        reads += 1;
        return isBad ? answer(route) : route.continue();
      }));
    await widget.is("unavailable");
    assert.ok(reads >= 3, `${reads} reads`);
    isBad = false;
    await widget.button("retry").click();
    await widget.is("selecting");
  }));
}, { expected: [/status of 500/, UNREACHABLE, /CORS/, /^open-cashier: (answer|connection)_/], timeout: 90_000 });

scenario("an api-base that is not the backend's address is named, with the status and the page's origin", async (visit) => {
  const { shopUrl, merchantUrl } = visit.servers;
  const session = await visit.servers.openSession();
  for (const [base, expected] of /** @type {[string, RegExp][]} */ ([
    [`${merchantUrl}/v1`, /^open-cashier: not_found: /],
    [`${shopUrl}/no-backend`, /^open-cashier: answer_failed: .*status 404/],
  ])) {
    const logged = visit.context.waitForEvent("console", (message) => message.text().startsWith("open-cashier:"));
    const widget = await visit.embed(session, { "api-base": base });
    await widget.is("unavailable");
    const text = (await logged).text();
    assert.match(text, expected);
    for (const part of [`api-base: ${base}`, `origin: ${shopUrl}`, "ERRORS.md#"]) assert.ok(text.includes(part), text);
  }
}, { expected: [/status of 404/, /^open-cashier: (not_found|answer_failed): /] });

scenario("a request that hangs is aborted and retried", async (visit) => {
  let reads = 0;
  const session = await visit.servers.openSession();
  const widget = await visit.embed(session, {}, (context) =>
    context.route(`**/v1/checkout/sessions/${session.id}`, (route) => {
      reads += 1;
      return reads === 1 ? undefined : route.continue();
    }));
  await widget.host.locator('[data-state="selecting"]').waitFor({ timeout: 30_000 });
  assert.equal(reads, 2);
});

scenario("an offline phone shows a message, and continues when it is online", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed();
  const code = await widget.payByCode("wechat_pay");
  await visit.context.setOffline(true);
  await widget.button("paid").click();
  await widget.says("offline");
  await servers.phone("approve", code, "wechat_pay");
  await visit.context.setOffline(false);
  await widget.isPaid();
}, { expected: [UNREACHABLE] });

scenario("a device clock that is years off has no effect", async (visit) => {
  const widget = await visit.embed(null, {}, (context) => context.addInitScript(() => {
    const RealDate = Date;
    const wrong = RealDate.UTC(2001, 0, 1);
    globalThis.Date = /** @type {any} */ (class extends RealDate {
      constructor(/** @type {any[]} */ ...parts) {
        super(.../** @type {[number]} */ (parts.length > 0 ? parts : [wrong]));
      }
      static now() {
        return wrong;
      }
    });
  }));
  const code = await widget.payByCode("alipay");
  const left = await widget.host.getByRole("timer").innerText();
  assert.match(left, /(30:00|29:\d\d)/);
  await visit.servers.phone("approve", code, "alipay");
  await widget.isPaid();
});

scenario("the console names what is wrong with an answer, before the retries", async (visit) => {
  for (const [change, expected] of /** @type {[(answer: any) => void, RegExp][]} */ ([
    [(answer) => delete answer.revision, /^open-cashier: answer_unreadable: .*revision/],
    [(answer) => (answer.status = "paid"), /^open-cashier: value_unknown: status /],
  ])) {
    const session = await visit.servers.openSession();
    let reads = 0;
    const logged = visit.context.waitForEvent("console", (message) => message.text().startsWith("open-cashier:"));
    const widget = await visit.embed(session, {}, (context) =>
      context.route(`**/v1/checkout/sessions/${session.id}`, async (route) => {
        const response = await route.fetch();
        const answer = await response.json();
        reads += 1;
        if (reads === 1) change(answer);
        return route.fulfill({ response, json: answer });
      }));
    assert.match((await logged).text(), expected);
    assert.equal(reads, 1);
    await widget.is("selecting");
  }
}, { expected: [/^open-cashier: (answer_unreadable|value_unknown): /] });


scenario("offline at a guide: the press is told, and starts the payment once the network is back", async (visit) => {
  const { context, servers } = visit;
  const widget = await visit.embed();
  await widget.pay("wechat_pay");
  await widget.is("guiding");
  await context.setOffline(true);
  await widget.payByGuideCode();
  await widget.says("shop_unreachable");
  await context.setOffline(false);
  await widget.pay("wechat_pay");
  await widget.payByGuideCode();
  await servers.phone("approve", await widget.code(), "wechat_pay");
  await widget.isPaid();
}, { context: device("Alipay on an iPhone"), expected: [UNREACHABLE] });

scenario("offline on the hosted page: a press leads back to it, and the next one pays", async (visit) => {
  const { context, servers } = visit;
  const session = await servers.openSession();
  const page = await context.newPage();
  await page.goto(session.hosted_url);
  await context.setOffline(true);
  await page.locator("button[value=alipay]").click();
  await page.waitForURL((url) => url.protocol === "chrome-error:" || url.pathname.includes("/pay"));
  await context.setOffline(false);
  await page.goBack();
  await page.locator("button[value=alipay]").click();
  await page.getByRole("img").first().waitFor();
  assert.equal((await servers.readSession(session.id)).payment.payment_method, "alipay");
}, { expected: [UNREACHABLE] });

scenario("a code on the hosted page stays while the backend answers 503, and is paid", async (visit) => {
  const { context, servers } = visit;
  const session = await servers.openSession();
  const page = await context.newPage();
  await page.goto(session.hosted_url);
  await page.locator("button[value=alipay]").click();
  await page.getByRole("img").first().waitFor();
  const body = "<!doctype html><main data-poll=0><h1>away</h1></main>";
  const polls = (/** @type {URL} */ url) => url.href.startsWith(session.hosted_url);
  await page.route(polls, (route) => route.fulfill({ status: 503, contentType: "text/html", body }));
  await page.locator("[data-offline]").filter({ visible: true }).waitFor();
  assert.ok(await page.locator(".qr").isVisible());
  await page.unroute(polls);
  const data = (await servers.readSession(session.id)).payment.next_action.data;
  await servers.phone("approve", data, "alipay");
  await page.getByText("Payment complete").first().waitFor();
}, { expected: [UNREACHABLE, /503/] });

scenario("a browser that saves data pays", async (visit) => {
  const widget = await visit.embed();
  await visit.servers.phone("approve", await widget.payByCode("alipay"), "alipay");
  await widget.isPaid();
}, { context: { extraHTTPHeaders: { "Save-Data": "on" } } });
