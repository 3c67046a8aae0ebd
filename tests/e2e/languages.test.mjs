// Every language: fits from 280 px on, is paid, falls back, and has its direction in every part. With
// OPENCASHIER_SCREENS set, screenshots are stored in that folder.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { device } from "./environments/device.mjs";
import { attribute, isLive, markup, openPreview } from "./stage/preview.mjs";
import { stage } from "./stage/scenario.mjs";
import { LANGS, textPattern } from "./stage/texts.mjs";
import { Widget } from "./stage/widget.mjs";

const PICTURES = process.env.OPENCASHIER_SCREENS;
/** The narrowest column that the widget must fit into, and its widest. */
const WIDTHS = [280, 640];
const WALLETS = ["wechat_pay", "alipay"];

const scenario = stage();
if (PICTURES) await mkdir(PICTURES, { recursive: true });

for (const lang of LANGS) {
  scenario(`selector, code and hosted page fit in ${lang}`, async (visit) => {
    const { servers } = visit;
    const sessions = await Promise.all(WIDTHS.map(() => servers.openSession({ amount: { value: 123_456_789, currency: "CNY" } })));
    const elements = sessions.map((session, at) => `<div style="width: ${WIDTHS[at]}px; margin: 8px">
      <open-cashier client-secret="${session.client_secret}" api-base="${servers.merchantUrl}" locale="${lang}"></open-cashier></div>`);
    const page = await visit.page(elements.join(""), { csp: "" });
    const widgets = sessions.map((session, at) => new Widget(page, { host: page.locator("open-cashier").nth(at), session, lang }));
    const root = widgets[0].host.locator("[part=root]");
    await widgets[1].is("selecting");
    assert.equal(await root.getAttribute("lang"), lang);
    assert.equal(await root.getAttribute("dir"), lang === "ar" ? "rtl" : "ltr");
    for (const [at, widget] of widgets.entries()) await widget.choose(WALLETS[at]);
    for (const widget of widgets) await isInside(widget);
    await picture(page, `language-selector.${lang}`);
    for (const widget of widgets) await widget.button("pay").click();
    for (const widget of widgets) await widget.host.getByRole("img", { name: widget.text("qr_label") }).waitFor();
    for (const widget of widgets) await isInside(widget);
    await picture(page, `language-code.${lang}`);

    await page.setViewportSize({ width: 320, height: 900 });
    await page.goto(sessions[0].hosted_url);
    await page.getByText(textPattern(lang, "waiting")).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), lang);
    assert.equal(await page.locator("html").getAttribute("dir"), lang === "ar" ? "rtl" : "ltr");
    assert.equal(await page.locator("main").evaluate((main) => getComputedStyle(main).direction), lang === "ar" ? "rtl" : "ltr");
    await page.locator("summary").click();
    await pageFits(page, lang);
    await picture(page, `language-hosted.${lang}`);
  }, { context: { locale: lang } }); // The hosted page follows Accept-Language.

  scenario(`choice, guides and end of the hosted page fit in ${lang}`, async (visit) => {
    const session = await visit.servers.openSession({ amount: { value: 123_456_789, currency: "CNY" } });
    const page = await visit.context.newPage();
    for (const [name, label, query] of [
      ["choice", "WeChat on an iPhone", ""],
      ["guide-browser", "WeChat on an iPhone", "?wallet=alipay"],
      ["guide-phone", "Alipay on an iPhone", "?wallet=wechat_pay"],
    ]) {
      await page.setExtraHTTPHeaders({ "User-Agent": device(label).userAgent });
      await page.goto(`${session.hosted_url}${query}`);
      await pageFits(page, `${name} in ${lang}`);
      await picture(page, `language-hosted-${name}.${lang}`);
    }
    await visit.servers.expireSession(session.id);
    await page.goto(session.hosted_url);
    await pageFits(page, `expired in ${lang}`);
  }, { context: { locale: lang, viewport: { width: 320, height: 900 } } });
}

scenario("in Arabic the spinner of a pressed wallet is at the end of its row, not over its mark", async (visit) => {
  const session = await visit.servers.openSession();
  const page = await visit.context.newPage();
  await page.goto(session.hosted_url);
  await page.route("**/pay", (route) => route.abort("aborted"));
  const row = page.locator("button[value=alipay]");
  await row.click();
  await page.locator("[aria-busy]").waitFor();
  const [left, mark] = await row.evaluate((row) => [
    getComputedStyle(row, "::after").left,
    /** @type {Element} */ (row.querySelector("svg")).getBoundingClientRect().left - row.getBoundingClientRect().left,
  ]);
  assert.equal(left, "16px");
  assert.ok(/** @type {number} */ (mark) > 100, `the mark is at ${mark} px`);
}, { context: { locale: "ar" } });

for (const [lang, wallet] of [["ar", "wechat_pay"], ["ja", "alipay"], ["zh-Hant-HK", "wechat_pay"]]) {
  scenario(`a code is scanned and paid in ${lang}`, async (visit) => {
    const widget = await visit.embed(null, { locale: lang });
    await visit.servers.phone("approve", await widget.payByCode(wallet), wallet);
    await widget.isPaid();
    await widget.says("succeeded_how");
    await isInside(widget);
    await picture(widget.page, `language-paid.${lang}`);
  });
}

for (const [lang, expected] of [["ar", "\u200f1,234.50\u00a0\u200eCN¥\u200e"], ["ja", "元\u00a01,234.50"], ["zh-TW", "CN¥1,234.50"], ["zh-CN", "¥1,234.50"], ["fr", "1\u202f234,50\u00a0CNY"]]) {
  scenario(`an amount is the same in preview, live widget and hosted page in ${lang}`, async (visit) => {
    const session = await visit.servers.openSession({ amount: { value: 123_450, currency: "CNY" } });
    const { widget, page, release } = await openPreview(visit, { session, attributes: { locale: lang } });
    const amount = () => widget.host.locator("[part~=amount]").textContent();
    assert.equal(await amount(), expected, "preview");
    release();
    await isLive(widget);
    assert.equal(await amount(), expected, "live");
    await page.goto(session.hosted_url);
    assert.equal(await page.locator("h1").textContent(), expected, "hosted page");
  }, { context: { locale: lang } });
}

scenario("the page's own language has its tag, its direction and its amounts", async (visit) => {
  const hebrew = { choose: "איך לשלם?", pay: "לשלם {amount}" };
  const { widget, release } = await openPreview(visit, { attributes: { locale: "he", translations: attribute({ he: hebrew }) } });
  const root = () => widget.host.locator("[part=root]");
  const check = async () => {
    assert.equal(await root().getAttribute("lang"), "he");
    assert.equal(await root().getAttribute("dir"), "rtl");
    assert.match(await root().locator("legend").innerText(), /איך לשלם/);
    assert.match(await root().locator("[part~=amount]").innerText(), /128\.00.*CN¥/);
  };
  await check();
  const drawn = await markup(widget);
  release();
  await isLive(widget);
  await check();
  assert.equal(await markup(widget), drawn);
});

scenario("a locale that cannot be loaded is replaced by the nearest, and last by English", async (visit) => {
  const { context } = visit;
  await context.route(/locales\/zh-Hant-HK-/, (/** @type {any} */ route) => route.fulfill({ status: 404, body: "" }));
  const widget = await visit.embed(null, { locale: "zh-HK" });
  await widget.is("selecting");
  const near = new Widget(widget.page, { lang: "zh-Hant-TW" });
  await near.says("choose");
  assert.equal(await widget.host.locator("[part=root]").getAttribute("lang"), "zh-Hant-TW");
  await context.route(/locales\/zh-Hant-TW-/, (/** @type {any} */ route) => route.fulfill({ status: 404, body: "" }));
  const last = await visit.embed(null, { locale: "zh-HK" });
  await new Widget(last.page).says("choose");
}, { expected: [/Failed to load resource.*404/, /integrity|digest/] });

/** Fails if an element of the widget reaches over its edge, or its text over its own. @param {Widget} widget */
async function isInside({ host, lang }) {
  const outside = await host.evaluate((/** @type {HTMLElement} */ host) => {
    const box = host.getBoundingClientRect();
    const all = [...(host.shadowRoot?.querySelectorAll(".root, .root :not(.live, svg *)") ?? [])];
    return all.flatMap((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      const isCut = element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline" && !element.matches("input, svg, .live");
      const isOut = width > 0 && (left < box.left - 0.5 || right > box.right + 0.5);
      return isOut || isCut ? [`${element.localName}.${element.className} ${element.textContent?.slice(0, 40)} ${left}–${right}, ${element.scrollWidth} of ${element.clientWidth}`] : [];
    });
  });
  assert.deepEqual(outside, [], lang);
}

/** Fails if the page scrolls horizontally, or a text reaches over its edge or the window's. @param {import("playwright-core").Page} page @param {string} where */
async function pageFits(page, where) {
  const outside = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const cut = [...document.querySelectorAll("main :is(p, li, h1, h2, a, button, summary, span, b)")].filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      const isCut = element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline";
      return isCut || left < -0.5 || right > clientWidth + 0.5;
    });
    return [
      ...(scrollWidth > clientWidth ? [`${scrollWidth} px in ${clientWidth}`] : []),
      ...cut.map((element) => `${element.localName}.${element.getAttribute("class")} ${element.textContent?.slice(0, 40)} ${element.scrollWidth} of ${element.clientWidth}`),
    ];
  });
  assert.deepEqual(outside, [], where);
}

/** @param {import("playwright-core").Page} page @param {string} name */
async function picture(page, name) {
  if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}
