// Without Wasm, the selector leads to the hosted page with the wallet chosen.
import assert from "node:assert/strict";

import { openPreview, attribute } from "./stage/preview.mjs";
import { policy, stage } from "./stage/scenario.mjs";
import { serveWithTrap } from "./stage/trap.mjs";
import { Widget } from "./stage/widget.mjs";

const scenario = stage();
const TOLD = /^open-cashier: |status of 404|Failed to load resource|integrity|WebAssembly|wasm/i;
const WASM = "**/opencashier-*.wasm*";

/** Causes that prevent the app from running, with the error event's code and the setup. */
/** @type {[string, string, (visit: any) => Promise<object | void>][]} */
const REASONS = [
  ["its files are missing", "load_failed", ({ context }) =>
    context.route(WASM, (/** @type {any} */ route) => route.fulfill({ status: 404, body: "" }))],
  ["its script is missing", "load_failed", ({ context }) =>
    context.route("**/opencashier/app-*.js*", (/** @type {any} */ route) => route.fulfill({ status: 404, body: "" }))],
  ["the server answers with an HTML page", "load_failed", ({ context }) =>
    context.route(WASM, (/** @type {any} */ route) => route.fulfill({ contentType: "text/html", body: "<h1>Not here</h1>" }))],
  ["somebody changed the Wasm", "load_failed", ({ context }) => context.route(WASM, changed)],
  ["somebody changed its script", "load_failed", ({ context }) => context.route("**/opencashier/app-*.js*", changed)],
  ["the page's policy forbids it", "wasm_blocked", async ({ servers }) => ({ csp: policy(servers, { wasm: false }) })],
  ["there is no WebAssembly", "browser_too_old", ({ context }) =>
    context.addInitScript(() => void delete (/** @type {any} */ (globalThis).WebAssembly))],
  ["the engine refuses to compile it", "browser_too_old", ({ context }) =>
    context.addInitScript(() => {
      const refuse = () => Promise.reject(new WebAssembly.CompileError("invalid value type"));
      Object.assign(WebAssembly, { instantiate: refuse, instantiateStreaming: refuse });
    })],
  ["it traps before the first screen", "internal", ({ context }) => serveWithTrap(context, "mount")],
];

/** Serves a file with one more byte, which changes nothing but its hash. @param {any} route */
async function changed(route) {
  const answer = await route.fetch();
  const isScript = route.request().url().includes(".js");
  // An empty custom section of a Wasm module, or a blank of a script.
  const added = isScript ? Buffer.from(" ") : Buffer.from([0, 1, 0]);
  await route.fulfill({ response: answer, body: Buffer.concat([await answer.body(), added]) });
}

for (const [reason, code, prepare] of REASONS) {
  scenario(`the selector leads to the hosted page when ${reason}`, async (visit) => {
    const { servers, context } = visit;
    const session = await servers.openSession();
    await context.addInitScript(recordEvents);
    const parts = (await prepare(visit)) ?? {};
    const page = await visit.page(
      `<open-cashier client-secret="${session.client_secret}" api-base="${servers.merchantUrl}"></open-cashier>`, parts);
    const widget = new Widget(page, { session });
    await widget.is("selecting");
    await page.waitForFunction(() => /** @type {any} */ (globalThis).events.length > 0);
    const events = await page.evaluate(() => /** @type {any} */ (globalThis).events);
    assert.deepEqual(events, [`cashier-error ${code}`]);
    await widget.choose("wechat_pay");
    await Promise.all([page.waitForURL(`${session.hosted_url}?wallet=wechat_pay`, { waitUntil: "commit" }), widget.button("pay").click()]);
    // One way to pay: the page goes on to the code by itself.
    await page.getByRole("heading", { name: "Scan with WeChat" }).waitFor();
  }, { expected: [TOLD] });
}

for (const [what, file] of [["the texts", "**/opencashier/locales/*"], ["the app", "**/opencashier/app-*.js*"]]) {
  scenario(`${what} that never arrive end the wait in words, and are requested again`, async (visit) => {
    const { servers, context } = visit;
    const first = await visit.embed();
    await first.payByCode("alipay");
    await first.page.close();
    await context.addInitScript(() => {
      const { setTimeout } = globalThis;
      // The limit of the wait passes in two seconds.
      Object.assign(globalThis, {
        setTimeout: (/** @type {() => void} */ then, /** @type {number} */ ms) => setTimeout(then, ms === 30_000 ? 2_000 : ms),
      });
    });
    let isHanging = true;
    await context.route(file, (/** @type {any} */ route) => {
      if (!isHanging) return route.continue();
    });
    const page = await visit.page(
      `<open-cashier client-secret="${first.session.client_secret}" api-base="${servers.merchantUrl}"></open-cashier>`);
    const widget = new Widget(page, { session: first.session });
    await widget.is("unavailable");
    await widget.says("load_failed");
    await widget.link("hosted").waitFor();
    isHanging = false;
    await widget.button("try_again").click();
    await widget.code();
  }, { expected: [TOLD] });
}

/** Presses "pay" on a selector whose Wasm is still on its way; `fail` answers it with a 404. @param {any} visit */
async function pressedBeforeFailure(visit) {
  let fail = () => {};
  const isFailed = new Promise((resolve) => (fail = () => resolve(undefined)));
  const { widget, page, session } = await openPreview(visit);
  await visit.context.unrouteAll();
  await page.route(WASM, async (/** @type {any} */ route) => {
    await isFailed;
    await route.fulfill({ status: 404, body: "" });
  });
  await page.reload();
  await widget.is("selecting");
  await widget.choose("alipay");
  await widget.button("pay").click();
  return { widget, page, session, fail: () => fail() };
}

scenario("a press before the app fails to load leads to the hosted page automatically", async (visit) => {
  const { widget, page, session, fail } = await pressedBeforeFailure(visit);
  fail();
  await page.waitForURL(`${session.hosted_url}?wallet=alipay`, { waitUntil: "commit" });
}, { expected: [TOLD] });

scenario("a page that prevents the submit event prevents the redirect", async (visit) => {
  const { servers, context } = visit;
  const session = await servers.openSession();
  await context.route(WASM, (/** @type {any} */ route) => route.fulfill({ status: 404, body: "" }));
  await context.addInitScript(recordEvents);
  const widget = await visit.embed(session);
  await widget.is("selecting");
  await widget.page.waitForFunction(() => /** @type {any} */ (globalThis).events.length > 0);
  await widget.host.evaluate((/** @type {Element} */ host) =>
    host.addEventListener("cashier-submit", (event) => event.preventDefault()));
  await widget.pay("alipay");
  await widget.is("selecting");
  assert.ok(!widget.page.url().includes("hosted"));
}, { expected: [TOLD], timeout: 30_000 });

scenario("a session without a selector shows a message and a link to the hosted page", async (visit) => {
  const { servers, context } = visit;
  const session = await servers.openSession();
  const first = await visit.embed(session);
  await first.payByCode("alipay");
  await first.page.close();
  await context.route(WASM, (/** @type {any} */ route) => route.fulfill({ status: 404, body: "" }));
  const widget = await visit.embed(session, { session: attribute({ ...session, payment: { id: "pay_1" } }) });
  await widget.is("unavailable");
  await widget.says("load_failed");
  await widget.link("hosted").waitFor();
  assert.equal(await widget.link("hosted").getAttribute("href"), session.hosted_url);
  assert.match(await widget.link("hosted").getAttribute("part") ?? "", /primary/);
  await context.unrouteAll();
  await widget.button("try_again").click();
  await widget.is("awaiting");
}, { expected: [TOLD] });

for (const lang of ["en", "zh-CN"]) {
  scenario(`a browser without modules shows a message and a link to the hosted page, in ${lang}`, async (visit) => {
    const { servers } = visit;
    const session = await servers.openSession();
    const elements = [`session="${attribute(session)}"`, `client-secret="${session.client_secret}" api-base="${servers.merchantUrl}/"`, ""];
    const page = await visit.page(elements.map((text) => `<open-cashier ${text}></open-cashier>`).join(""), {
      head: '<script src="/scene.js"></script><script defer src="/opencashier/opencashier-nomodule.js"></script>',
      script: `document.documentElement.lang = ${JSON.stringify(lang)}`,
    });
    const name = lang === "en" ? "Pay on the shop’s payment page" : "前往商家付款页面";
    await page.getByRole("link", { name }).nth(1).waitFor();
    const links = await page.locator("open-cashier a").evaluateAll((/** @type {HTMLAnchorElement[]} */ all) => all.map(({ href }) => href));
    assert.deepEqual(links, [session.hosted_url, session.hosted_url]);
    for (const text of await page.locator("open-cashier").allTextContents()) assert.match(text, lang === "en" ? /too old/ : /版本过低/);
  }, { context: { locale: lang } });
}

scenario("the fallback does nothing in a browser that supports the element", async (visit) => {
  const session = await visit.servers.openSession();
  const page = await visit.page(
    `<open-cashier client-secret="${session.client_secret}" api-base="${visit.servers.merchantUrl}"></open-cashier>`, {
      head: '<script type="module" src="/opencashier/opencashier.js"></script><script defer src="/opencashier/opencashier-nomodule.js"></script>',
    });
  const widget = new Widget(page, { session });
  await widget.is("selecting");
  assert.equal(await widget.host.evaluate((/** @type {Element} */ host) => host.childElementCount), 0);
});

/** Runs in the page: records the loader's error events. */
function recordEvents() {
  const page = /** @type {any} */ (globalThis);
  page.events = [];
  for (const name of ["cashier-error", "cashier-load-error"]) {
    addEventListener(name, (event) => page.events.push(`${name} ${/** @type {CustomEvent} */ (event).detail.code}`));
  }
}

scenario("without WebAssembly and with a slow session the selector still comes and leads to the hosted page", async (visit) => {
  const { servers, context } = visit;
  const session = await servers.openSession();
  await context.addInitScript(() => void delete (/** @type {any} */ (globalThis).WebAssembly));
  await context.route(`**/v1/checkout/sessions/${session.id}`, async (/** @type {any} */ route) => {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await route.continue();
  });
  const page = await visit.page(
    `<open-cashier client-secret="${session.client_secret}" api-base="${servers.merchantUrl}"></open-cashier>`);
  const widget = new Widget(page, { session });
  await widget.is("selecting");
  await widget.choose("alipay");
  await Promise.all([page.waitForURL(`${session.hosted_url}?wallet=alipay`, { waitUntil: "commit" }), widget.button("pay").click()]);
}, { expected: [TOLD] });

scenario("a listener of the error that destroys the checkout is not followed by a redirect", async (visit) => {
  const { widget, page, fail } = await pressedBeforeFailure(visit);
  const url = page.url();
  await widget.host.evaluate((/** @type {any} */ host) => {
    host.addEventListener("cashier-error", () => host.destroy());
  });
  fail();
  await page.waitForFunction(() => !document.querySelector("open-cashier"));
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(page.url(), url);
}, { expected: [TOLD] });

scenario("confirm() rejects after a failure and after destroy()", async (visit) => {
  const page = await visit.page('<open-cashier client-secret="nonsense" api-base="http://localhost:1"></open-cashier>');
  const codes = await page.evaluate(async () => {
    const host = /** @type {any} */ (document.querySelector("open-cashier"));
    if (host.getAttribute("data-state") !== "unavailable") {
      await new Promise((resolve) => host.addEventListener("cashier-load-error", resolve, { once: true }));
    }
    const code = () => host.confirm().catch((/** @type {any} */ reason) => reason.code);
    const failed = await code();
    host.destroy();
    return [failed, await code()];
  });
  assert.deepEqual(codes, ["option_invalid", "destroyed"]);
}, { expected: [TOLD] });
