// Chromium 72, 86 and 103: both wallets from the selector to "paid", the demo shop, and the hosted page without Wasm.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { OLD_ENGINES } from "./stage/engines/engines.mjs";
import { isMarked, tabTo } from "./stage/engines/focus.mjs";
import { inEngines } from "./stage/engines/scenario.mjs";
import { payOnHostedPage } from "./stage/hosted.mjs";
import { OUT } from "./stage/servers.mjs";
import { Widget } from "./stage/widget.mjs";

/** @typedef {import("./stage/engines/page.mjs").EnginePage} EnginePage */
/** @typedef {import("./stage/engines/scenario.mjs").EngineVisit} EngineVisit */

const PICTURES = join(OUT, "old-engines");
const WAYS = /** @type {const} */ ([["alipay", "en", 1280], ["wechat_pay", "zh-CN", 360]]);
const HEAD = `<script type="module" src="/opencashier/opencashier.js"></script>
  <script nomodule src="/opencashier/opencashier-nomodule.js"></script>`;

/** Console errors of a page whose policy forbids Wasm. */
const BLOCKED = [/^open-cashier: wasm_blocked/, /Content[ -]Security[ -]Policy/];

/** What these engines sometimes write about an event stream that the widget ends. */
const ENDED = [/ERR_FAILED.*\/events\)/];

await mkdir(PICTURES, { recursive: true });

inEngines(OLD_ENGINES, (scenario, engine) => {
  // 97 was the first to know `'wasm-unsafe-eval'`; before, only `'unsafe-eval'` allows Wasm.
  const isNewer = engine === "chromium-103";
  const word = isNewer ? "'wasm-unsafe-eval'" : "'unsafe-eval'";

  for (const [wallet, lang, width] of WAYS) {
    scenario(`${wallet} is paid in ${lang}, ${width} px wide`, async (visit) => {
      const { servers } = visit;
      const { page, widget, session } = await open(visit, { lang, width, word });
      const picture = (/** @type {string} */ screen) => page.screenshot({ path: join(PICTURES, `${screen}.${engine}.${wallet}.${lang}.png`) });

      await widget.is("selecting");
      await fits(page);
      await tabTo(page, "input");
      await isMarked(page, "the wallet");
      await widget.choose(wallet);
      await picture("selector");
      await widget.button("pay").click();
      const code = await widget.code();
      await fits(page);
      await picture("code");
      await servers.phone("approve", code, wallet);
      await widget.isPaid();
      await fits(page);
      await picture("paid");

      const { status, payment } = await servers.readSession(session.id);
      assert.equal(status, "complete");
      assert.equal(payment.payment_method, wallet);
    }, { expected: ENDED, timeout: 90_000 });
  }

  scenario("without Wasm, the selector's form leads to the hosted page with the wallet chosen", async (visit) => {
    // To an engine before 97 the policy of the documentation means that, too.
    const { page, widget, session } = await open(visit, { lang: "en", width: 1280, word: isNewer ? "" : "'wasm-unsafe-eval'" });
    await widget.is("selecting");
    await widget.choose("wechat_pay");
    await widget.button("pay").click();
    await page.waitForURL(`${session.hosted_url}?wallet=wechat_pay`);
    await page.getByText(/WeChat/).first().waitFor();
  }, { expected: BLOCKED });

  // The shop's policy has `'wasm-unsafe-eval'` only.
  scenario(`the demo shop's cart is paid ${isNewer ? "in the widget" : "on the hosted page"}`, async (visit) => {
    const { servers } = visit;
    const shop = await visit.shop();
    const orderId = await shop.checkOut();
    if (isNewer) {
      await servers.phone("approve", await shop.widget.payByCode("wechat_pay"), "wechat_pay");
      await shop.isPaid();
    } else {
      const page = /** @type {EnginePage} */ (/** @type {unknown} */ (shop.page));
      await shop.widget.pay("wechat_pay");
      await page.waitForURL(servers.merchantUrl);
      await payOnHostedPage(page, servers, "wechat_pay");
      await page.goto(`${servers.shopUrl}/?order=${orderId}`);
      await shop.isPaid();
    }
    assert.equal((await shop.readOrder(orderId)).status, "complete");
  }, { expected: [...BLOCKED, ...ENDED], timeout: 90_000 });
});

/** Opens a shop's page whose policy allows scripts by `word`. @param {EngineVisit} visit @param {{ lang: string, width: number, word: string }} how */
async function open(visit, { lang, width, word }) {
  const session = await visit.servers.openSession();
  const html = `<open-cashier client-secret="${session.client_secret}" api-base="${visit.servers.merchantUrl}" locale="${lang}"></open-cashier>`;
  const page = await visit.page(html, { csp: `script-src 'self' ${word}`, head: HEAD });
  await page.setViewportSize({ width, height: 900 });
  return { page, session, widget: new Widget(/** @type {any} */ (page), { lang, session }) };
}

/** Fails if content overflows horizontally. @param {EnginePage} page */
async function fits(page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= window, `${content} px of content on a page of ${window} px`);
}
