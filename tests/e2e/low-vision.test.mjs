// Large zoom, the browser's own text size, wide text spacing and forced colours.
import assert from "node:assert/strict";

import { device } from "./environments/device.mjs";
import { cutTexts, faintParts, spreadText } from "./stage/looks.mjs";
import { axeSource } from "./stage/packages.mjs";
import { decode } from "./stage/qr.mjs";
import { stage } from "./stage/scenario.mjs";

const scenario = stage();

// 1280 × 1024 pixels at 400 %.
scenario("at 400 % zoom the code is in view when the focus has moved to its screen", async (visit) => {
  const widget = await visit.embed();
  await widget.choose("wechat_pay");
  await widget.button("pay").focus();
  await widget.page.keyboard.press("Enter");
  await widget.host.getByRole("img", { name: widget.text("qr_label") }).waitFor();
  await widget.host.getByRole("heading", { name: widget.text("scan") }).and(widget.page.locator(":focus")).waitFor();
  assert.match(decode(await widget.page.screenshot()), /^weixin:/);
}, { context: { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 } });

scenario("at 400 % zoom the code of the hosted page is in view when it comes", async (visit) => {
  const session = await visit.servers.openSession();
  const page = await visit.context.newPage();
  await page.goto(session.hosted_url);
  await page.locator("button[value=wechat_pay]").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("img").waitFor();
  await page.waitForFunction(() => scrollY > 0);
  assert.match(decode(await page.screenshot()), /^weixin:/);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
}, { context: { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 } });

scenario("the texts of every screen of the hosted page have the contrast of level AAA, light and dark", async (visit) => {
  const { servers, context } = visit;
  const page = await context.newPage();
  const opened = async (/** @type {string} */ query = "", label = "") => {
    if (label) await page.setExtraHTTPHeaders({ "User-Agent": device(label).userAgent });
    const session = await servers.openSession();
    await page.goto(`${session.hosted_url}${query}`);
    return session;
  };
  /** @type {Record<string, () => Promise<unknown>>} */
  const screens = {
    choice: () => opened(),
    "chosen wallet": async () => {
      // Its script would continue.
      await page.route("**/hosted.js", (route) => route.abort());
      await opened("?wallet=alipay");
      await page.unrouteAll();
    },
    code: async () => {
      await opened();
      await page.locator("button[value=wechat_pay]").click();
      await page.locator("summary").click();
    },
    "too many tries": async () => {
      for (const _ of [1, 2]) await page.locator('form[action$="/check"] button:not([aria-busy])').click();
      await page.getByRole("alert").waitFor();
    },
    paid: async () => {
      const session = await opened();
      await page.locator("button[value=alipay]").click();
      await servers.phone("approve", decode(await page.getByRole("img").screenshot()), "alipay");
      await page.locator("section.paid").waitFor();
      return session;
    },
    expired: async () => {
      const session = await opened();
      await servers.expireSession(session.id);
      await page.reload();
    },
    "no payment": async () => {
      const session = await opened();
      await page.goto(`${session.hosted_url}0`);
    },
    "choice in WeChat": () => opened("", "WeChat on an iPhone"),
    "guide to the browser": () => opened("?wallet=alipay", "WeChat on an iPhone"),
    "guide to another phone": () => opened("?wallet=wechat_pay", "Alipay on an iPhone"),
  };
  for (const [name, reach] of Object.entries(screens)) {
    await reach();
    if (name === "choice") assert.ok(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight), "a short page does not scroll");
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      await page.emulateMedia({ colorScheme });
      await isLegible(page, `${name}, ${colorScheme}`);
    }
  }
}, { expected: [/status of 404/, /ERR_FAILED/], timeout: 120_000 });

scenario("the text has the size that is set in the browser, whatever the page's root has", async (visit) => {
  const widget = await visit.embed();
  await widget.isLiveSelector();
  await widget.page.evaluate(() => (document.documentElement.style.fontSize = "10px"));
  const size = () => widget.host.locator(".name").first().evaluate((name) => getComputedStyle(name).fontSize);
  assert.equal(await size(), "16px");
  const browser = await visit.context.newCDPSession(widget.page);
  await browser.send("Page.setFontSizes", { fontSizes: { standard: 26 } });
  await widget.page.reload(); // Chromium takes the setting for the next document.
  await widget.isLiveSelector();
  assert.equal(await size(), "26px");
  assert.deepEqual(await cutTexts(widget.page), []);
}, { context: { viewport: { width: 640, height: 900 } } });

scenario("nothing is cut with the text spacing of WCAG 1.4.12", async (visit) => {
  const widget = await visit.embed();
  await widget.isLiveSelector();
  await spreadText(widget.page);
  await widget.choose("alipay");
  assert.deepEqual(await cutTexts(widget.page), []);
  const code = await widget.payByCode("alipay");
  await widget.host.locator("summary").click();
  assert.deepEqual(await cutTexts(widget.page), []);
  await visit.servers.phone("approve", code, "alipay");
  await widget.isPaid();
  assert.deepEqual(await cutTexts(widget.page), []);
}, { context: { viewport: { width: 320, height: 900 } } });

scenario("forced colours leave buttons legible under the pointer, and the code black on white", async (visit) => {
  const widget = await visit.embed();
  await widget.isLiveSelector();
  await widget.choose("wechat_pay");
  await widget.button("pay").hover();
  assert.deepEqual(await faintParts(widget.page), []);
  await widget.button("pay").click();
  await widget.button("switch").hover();
  assert.deepEqual(await faintParts(widget.page), []);
  assert.match(await widget.code(), /^weixin:/);
}, { context: { forcedColors: "active", colorScheme: "dark" } });

/** Fails if a text of the page has less contrast than level AAA asks for. @param {import("playwright-core").Page} page @param {string} where */
async function isLegible(page, where) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axeSource);
  const { violations, passes } = await page.evaluate(async () => {
    const only = { runOnly: ["color-contrast-enhanced"], rules: { "color-contrast-enhanced": { enabled: true } } };
    return /** @type {any} */ (window).axe.run(document, only);
  });
  const found = violations.flatMap((/** @type {any} */ { nodes }) => nodes.map((/** @type {any} */ { target, failureSummary }) => `${target}: ${failureSummary}`));
  assert.deepEqual(found, [], where);
  assert.ok(passes.length > 0, `${where}: nothing was looked at`);
}
