// The prerendered selector looks and works like the live one, and actions on the first are carried over
// to the second.
import assert from "node:assert/strict";

import { attribute, holdApp, isLive, layoutShift, markup, openPreview, openPreviews, samePixels } from "./stage/preview.mjs";
import { stage } from "./stage/scenario.mjs";
import { Widget } from "./stage/widget.mjs";

const scenario = stage();

/** Takes a screenshot without hiding carets, for which Playwright would set an attribute. @param {any} page @returns {Promise<Buffer>} */
const picture = (page) => page.screenshot({ caret: "initial" });

/**
 * Lets the live selectors replace the previews; fails if anything changes or moves.
 * @param {{ widgets: Widget[], page: any, release: () => void }} opened @param {string} what
 */
async function isHandedOver({ widgets, page, release }, what) {
  await page.mouse.move(1, 1);
  const [before, drawn] = [await picture(page), await Promise.all(widgets.map(markup))];
  const shift = await layoutShift(page);
  release();
  await Promise.all(widgets.map(isLive));
  assert.deepEqual(await Promise.all(widgets.map(markup)), drawn);
  samePixels(await picture(page), before, what);
  assert.equal(await shift(), 0, "layout shift");
}

/** A window that shows eighteen widgets without scrolling. */
const TALL = { viewport: { width: 1280, height: 7_000 } };
const LAYOUTS = ["accordion", "tabs", "list"];
const DIRECTIONS = ["ltr", "rtl"];
const WALLETS = [["alipay", "wechat_pay"], ["alipay"], ["wechat_pay"]];

for (const locale of /** @type {const} */ (["en", "zh-CN"])) {
  for (const theme of ["light", "night", "flat", "auto"]) {
    scenario(`preview and live selector are equal in every layout and direction, with both wallets or one: ${locale}, ${theme}`, async (visit) => {
      const sessions = await Promise.all(WALLETS.map((wallets) => visit.servers.openSession({ payment_methods: wallets })));
      const appearance = attribute({ theme, variables: { colorPrimary: "#7a2e8e" } });
      const looks = LAYOUTS.flatMap((layout) => DIRECTIONS.flatMap((dir) => sessions.map((session) => {
        /** @type {[string, string]} */
        const around = [`<div dir="${dir}">`, "</div>"];
        return { session, attributes: { locale, layout, appearance }, around };
      })));
      const { widgets, page, release } = await openPreviews(visit, looks);
      for (const [at, widget] of widgets.entries()) {
        if (looks[at].session === sessions[0]) await widget.choose(at % 2 ? "alipay" : "wechat_pay");
      }
      await isHandedOver({ widgets, page, release }, `${locale}, ${theme}`);
      assert.ok(await widgets[0].radio("wechat_pay").isChecked());
    }, { context: TALL });
  }
}

scenario("preview and live selector are equal in a sample of the languages", async (visit) => {
  const langs = ["ar", "ja", "ru", "th", "zh-Hant-HK"];
  const session = await visit.servers.openSession({ amount: { value: 123_456_789, currency: "CNY" } });
  const looks = langs.flatMap((locale) => LAYOUTS.map((layout) => ({ session, attributes: { locale, layout } })));
  const { widgets, page, release } = await openPreviews(visit, looks);
  for (const [at, widget] of widgets.entries()) await widget.choose(at % 2 ? "alipay" : "wechat_pay");
  await isHandedOver({ widgets, page, release }, langs.join());
}, { context: TALL });

scenario("preview and live selector are equal inside apps, where the wallets' order and their hints differ", async (visit) => {
  const session = await visit.servers.openSession();
  const looks = ["wechat", "alipay", "taobao", "qq"].flatMap((environment) =>
    [["en", "accordion"], ["zh-CN", "tabs"], ["ar", "list"]].map(([locale, layout]) => ({ session, attributes: { environment, locale, layout } })));
  const { widgets, page, release } = await openPreviews(visit, looks);
  assert.equal(await widgets[0].host.locator("input").first().getAttribute("value"), "wechat_pay");
  assert.equal(await page.locator("open-cashier .name + .hint").count(), 2 * looks.length);
  for (const [at, widget] of widgets.entries()) await widget.choose(at % 2 ? "alipay" : "wechat_pay");
  await isHandedOver({ widgets, page, release }, "inside apps");
}, { context: TALL });

scenario("preview and live selector are equal before a wallet is picked, and the skeleton has the same height", async (visit) => {
  const { servers, context } = visit;
  const session = await servers.openSession();
  const release = await holdApp(context);
  let answer = () => {};
  const isAnswered = new Promise((resolve) => (answer = () => resolve(undefined)));
  await context.route(`**/v1/checkout/sessions/${session.id}`, async (/** @type {any} */ route) => {
    await isAnswered;
    await route.continue();
  });
  const page = await visit.page(
    `<open-cashier client-secret="${session.client_secret}" api-base="${servers.merchantUrl}"></open-cashier><p>Below</p>`);
  const widget = new Widget(page, { session });
  await widget.is("loading");
  const height = () => widget.host.evaluate((/** @type {Element} */ host) => host.getBoundingClientRect().height);
  const skeleton = await height();
  const shift = await layoutShift(page);
  answer();
  await widget.is("selecting");
  assert.ok(Math.abs(await height() - skeleton) <= 2, `the skeleton is ${skeleton} px high, the selector ${await height()}`);
  await widget.host.evaluate((/** @type {any} */ host) => (host.preview = host.shadowRoot.querySelector(".oc")));
  const [before, drawn] = [await picture(page), await markup(widget)];
  release();
  await isLive(widget);
  assert.equal(await markup(widget), drawn);
  samePixels(await picture(page), before, "nothing picked");
  assert.ok(await shift() < 0.005, `the page moved: ${await shift()}`);
});

scenario("the focus and the picked wallet survive the hand-over", async (visit) => {
  const { widget, page, release } = await openPreview(visit);
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  const focusAndPick = () => widget.host.evaluate((/** @type {any} */ { shadowRoot }) => {
    const { activeElement } = shadowRoot;
    return [activeElement?.value, activeElement?.matches(":focus-visible"), activeElement?.checked];
  });
  assert.deepEqual(await focusAndPick(), ["wechat_pay", true, true]);
  const before = await picture(page);
  release();
  await isLive(widget);
  assert.deepEqual(await focusAndPick(), ["wechat_pay", true, true]);
  samePixels(await picture(page), before, "the mark of the focus");
  await page.keyboard.press("Tab");
  assert.equal(await widget.host.evaluate((/** @type {any} */ { shadowRoot }) => shadowRoot.activeElement.localName), "button");
});

scenario("a press that spans the hand-over is not lost", async (visit) => {
  const { widget, page, release } = await openPreview(visit);
  await widget.listen("ready");
  const row = await widget.host.locator('label[data-method="wechat_pay"]').boundingBox();
  assert.ok(row);
  await page.mouse.move(row.x + row.width / 2, row.y + row.height / 2);
  await page.mouse.down();
  release();
  // The app is there, and waits for the end of the press.
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector("open-cashier")).events.length > 0);
  await page.mouse.up();
  await isLive(widget);
  await page.waitForFunction(() =>
    document.querySelector("open-cashier")?.shadowRoot?.querySelector("[part~=selected] input[value=wechat_pay]"));
});

for (const inPage of [false, true]) {
  scenario(`seven presses before the app is loaded start one payment, session ${inPage ? "in the page" : "fetched"}`, async (visit) => {
    /** @type {string[]} */
    const starts = [];
    visit.context.on("request", (/** @type {any} */ request) => {
      if (request.method() === "POST" && request.url().endsWith("/payments")) starts.push(request.url());
    });
    const { widget, page, release } = await openPreview(visit, { inPage });
    const events = await widget.listen("change", "submit", "ready");
    await widget.choose("alipay");
    for (let press = 0; press < 7; press += 1) await widget.button("pay").click({ force: true });
    assert.equal(await widget.button("pay").getAttribute("aria-busy"), "true");
    await page.keyboard.press("Enter");
    assert.deepEqual(starts, []);
    release();
    const code = await widget.code();
    await visit.servers.phone("approve", code, "alipay");
    await widget.isPaid();
    assert.equal(starts.length, 1);
    const names = (await events()).map((/** @type {{ name: string }} */ { name }) => name);
    assert.deepEqual(names, ["ready", "change", "submit"]);
  });
}

scenario("a press without a wallet shows the request to pick one, before and after the hand-over", async (visit) => {
  const { widget, release } = await openPreview(visit);
  await widget.button("pay").click();
  await widget.says("choose_first");
  const drawn = await markup(widget);
  release();
  await isLive(widget);
  await widget.says("choose_first");
  assert.equal(await markup(widget), drawn);
  await widget.pay("wechat_pay");
  await widget.code();
});

scenario("the page's confirm() before the app is loaded is executed once", async (visit) => {
  const { widget, release } = await openPreview(visit, { attributes: { "show-pay-button": "false" } });
  assert.equal(await widget.button("pay").count(), 0);
  await widget.choose("wechat_pay");
  const outcomes = widget.host.evaluate((/** @type {any} */ host) => Promise.all([host.confirm(), host.confirm()]));
  await widget.page.waitForTimeout(100);
  release();
  await widget.code();
  assert.deepEqual(await outcomes, [{ state: "awaiting" }, { state: "awaiting" }]);
});

scenario("confirm() in a listener of the change event has the outcome of its press", async (visit) => {
  const { widget, release } = await openPreview(visit, { attributes: { "show-pay-button": "false" } });
  await widget.host.evaluate((/** @type {any} */ host) => host.on("change", () => (host.outcome = host.confirm())));
  await widget.choose("wechat_pay");
  release();
  await widget.code();
  assert.deepEqual(await widget.host.evaluate((/** @type {any} */ host) => host.outcome), { state: "awaiting" });
});

scenario("the page's confirm() is answered where changed options take the selector away before the app is loaded", async (visit) => {
  const { widget, release } = await openPreview(visit, {});
  await widget.choose("wechat_pay");
  await widget.host.evaluate((/** @type {any} */ host) => {
    host.outcome = Promise.race([host.confirm(), new Promise((done) => setTimeout(() => done("no answer"), 10_000))]);
    host.update({ readOnly: true });
  });
  release();
  const outcome = await widget.host.evaluate((/** @type {any} */ host) => host.outcome);
  assert.deepEqual(outcome, { state: "selecting" });
});

/** Changes of a session after its page was rendered. @type {Record<string, (visit: any, session: any) => Promise<string>>} */
const TURNS = {
  async paid(visit, session) {
    const first = await visit.embed(session);
    await visit.servers.phone("approve", await first.payByCode("wechat_pay"), "wechat_pay");
    await first.isPaid();
    await first.page.close();
    return "succeeded";
  },
  async expired({ servers }, session) {
    await servers.expireSession(session.id);
    return "expired";
  },
  async canceled({ context }, session) {
    await context.route(`**/v1/checkout/sessions/${session.id}`, async (/** @type {any} */ route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), status: "canceled", revision: session.revision + 1 } });
    });
    return "canceled";
  },
  async "under way elsewhere"(visit, session) {
    const first = await visit.embed(session);
    await first.payByCode("alipay");
    await first.page.close();
    return "awaiting";
  },
};
for (const [turn, make] of Object.entries(TURNS)) {
  scenario(`a press on the preview of a session that is ${turn} acts like a press on the live selector`, async (visit) => {
    const session = await visit.servers.openSession();
    const state = await make(visit, session);
    // Another browser, without the first visit's storage.
    await visit.context.addInitScript(() => {
      if (location.protocol !== "http:") return; // Documents without an origin have no storage.
      sessionStorage.clear();
      localStorage.clear();
    });
    const { widget, release } = await openPreview(visit, { session, inPage: true });
    await widget.choose("alipay");
    await widget.button("pay").click();
    release();
    await widget.is(state);
  }, { expected: [/status of 409/] });
}

for (const [name, change] of /** @type {[string, (session: any) => void][]} */ ([
  ["with a payment", (session) => (session.payment = { id: "pay_1" })],
  ["that is complete", (session) => (session.status = "complete")],
  ["that has expired", (session) => (session.expires_at = session.server_time)],
])) {
  scenario(`a session ${name} shows the skeleton until the app is loaded`, async (visit) => {
    const { servers } = visit;
    const session = await servers.openSession();
    const release = await holdApp(visit.context);
    const shown = structuredClone(session);
    change(shown);
    const widget = await visit.embed(session, { session: attribute(shown) });
    await widget.is("loading");
    assert.equal(await widget.host.locator("form").count(), 0);
    release();
    await widget.is("selecting");
  });
}

scenario("texts of a session are shown as text", async (visit) => {
  const { servers, context } = visit;
  const session = await servers.openSession();
  const hostile = { ...session, merchant_name: '<img src=x onerror="alert(1)">${amount}', description: "${merchant} $& {amount}", hosted_url: "javascript:alert(1)" };
  const { widget } = await openPreview(visit, { session: hostile, inPage: true });
  const text = (/** @type {string} */ part) => widget.host.locator(`[part~=${part}]`).textContent();
  assert.equal(await text("merchant"), hostile.merchant_name);
  assert.equal(await text("description"), hostile.description);
  assert.equal(await widget.host.locator("img, form[action]").count(), 0);
  assert.equal(context.pages().length, 1);
});

scenario("the page's translations and changed options apply to the preview", async (visit) => {
  const { widget, page, release } = await openPreview(visit, {
    attributes: { translations: attribute({ choose: "Pick one", en: { pay: "Order for {amount}", wechat_pay: "Weixin" } }), "payment-method-order": "wechat_pay" },
  });
  const names = await widget.host.locator(".name").allTextContents();
  assert.deepEqual(names, ["Weixin", "Alipay"]);
  await widget.host.getByText("Pick one").waitFor();
  await page.getByRole("radio", { name: "Weixin" }).check();
  await page.getByRole("button", { name: "Order for CN¥128.00" }).waitFor();
  const drawn = await markup(widget);
  release();
  await isLive(widget);
  assert.equal(await markup(widget), drawn);
});

scenario("another language, layout or choice of wallets redraws the preview and keeps the picked wallet", async (visit) => {
  const { widget, page, release } = await openPreview(visit);
  await widget.choose("alipay");
  await widget.host.evaluate((/** @type {any} */ host) => host.update({ locale: "zh-CN", layout: "tabs" }));
  const chinese = new Widget(page, { lang: "zh-CN" });
  await chinese.says("choose");
  assert.ok(await chinese.radio("alipay").isChecked());
  assert.equal(await widget.host.locator("[data-layout=tabs]").count(), 1);
  release();
  await chinese.pay("alipay");
  await chinese.code();
});

scenario("options that take the pressed wallet away do not start the other one", async (visit) => {
  /** @type {string[]} */
  const starts = [];
  visit.context.on("request", (/** @type {any} */ request) => {
    if (request.method() === "POST" && request.url().endsWith("/payments")) starts.push(request.url());
  });
  const { widget, release } = await openPreview(visit);
  await widget.choose("wechat_pay");
  await widget.button("pay").click();
  await widget.host.evaluate((/** @type {any} */ host) => host.update({ paymentMethods: ["alipay"] }));
  await widget.host.locator('label[data-method="wechat_pay"]').waitFor({ state: "detached" });
  release();
  await isLive(widget);
  await widget.is("selecting");
  assert.ok(await widget.radio("alipay").isChecked());
  assert.deepEqual(starts, []);
});

scenario("the space bar held over the hand-over presses once", async (visit) => {
  const { widget, page, release } = await openPreview(visit);
  await widget.choose("alipay");
  await widget.listen("ready");
  await widget.button("pay").focus();
  await page.keyboard.down("Space");
  release();
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector("open-cashier")).events.length > 0);
  await page.keyboard.up("Space");
  await widget.code();
});
