// Every cell of gateways.md C1: each environment with each wallet. docs/environments.md names the
// scenario of each cell. Supported combinations are paid; the others are explained before an order is
// created.
import assert from "node:assert/strict";

import { stage } from "./stage/scenario.mjs";
import { Shop } from "./stage/shop.mjs";
import { Widget } from "./stage/widget.mjs";
import { device, inApp, lastOrder, nothingOrdered } from "./environments/device.mjs";

const scenario = stage();

for (const [wallet, product] of [["alipay", "precreate"], ["wechat_pay", "native"]]) {
  scenario(`desktop × ${wallet}: a code`, async (visit) => {
    const widget = await visit.embed();
    const code = await widget.payByCode(wallet);
    assert.equal((await lastOrder(visit.servers)).product, product);
    await visit.servers.phone("approve", code, wallet);
    await widget.isPaid();
  }, { context: device("Chrome on Windows") });

  scenario(`WeChat for a desktop × ${wallet}: a code`, async (visit) => {
    const widget = await visit.embed();
    const code = await widget.payByCode(wallet);
    await visit.servers.phone("approve", code, wallet);
    await widget.isPaid();
  }, { context: device("WeChat 4 on Windows") });
}

scenario("mobile browser × alipay: Alipay's page and the return", async (visit) => {
  const shop = await visit.shop();
  await shop.checkOut();
  await shop.widget.pay("alipay");
  await shop.page.waitForURL(`${visit.servers.sandboxUrl}/**`);
  assert.equal((await lastOrder(visit.servers)).product, "wap");
  await shop.payAtGateway(visit.servers);
  await shop.isPaid();
}, { context: device("Safari on an iPhone") });

scenario("mobile browser × alipay: unpaid return by the back button, then continued", async (visit) => {
  const shop = await visit.shop();
  await shop.checkOut();
  await shop.widget.pay("alipay");
  await shop.page.waitForURL(`${visit.servers.sandboxUrl}/**`);
  await shop.page.goBack();
  // The widget checks at once.
  await shop.widget.is("awaiting");
  await shop.widget.button("continue").click();
  await shop.page.waitForURL(`${visit.servers.sandboxUrl}/**`);
  await shop.payAtGateway(visit.servers);
  await shop.isPaid();
}, { context: device("Chrome on Android") });

scenario("mobile browser × wechat_pay: H5, paid in the app", async (visit) => {
  const shop = await visit.shop();
  await shop.checkOut();
  await shop.widget.pay("wechat_pay");
  await shop.page.waitForURL(`${visit.servers.sandboxUrl}/cgi-bin/mmpayweb-bin/**`);
  assert.equal((await lastOrder(visit.servers)).product, "h5");
  await shop.payAtGateway(visit.servers);
  await shop.isPaid();
}, { context: device("MIUI Browser") });

scenario("mobile browser × wechat_pay: H5 returns unpaid after five seconds, then continued", async (visit) => {
  const shop = await visit.shop();
  await shop.checkOut();
  await shop.widget.pay("wechat_pay");
  await shop.page.waitForURL(`${visit.servers.sandboxUrl}/cgi-bin/mmpayweb-bin/**`);
  // The page returns automatically.
  await shop.page.waitForURL(`${visit.servers.shopUrl}/**`);
  await shop.widget.is("awaiting");
  await shop.widget.says("not_paid_yet");
  await shop.widget.button("paid").click();
  await shop.widget.says("not_paid_yet");
  await shop.widget.button("continue").click();
  await shop.page.waitForURL(`${visit.servers.sandboxUrl}/cgi-bin/mmpayweb-bin/**`);
  await shop.payAtGateway(visit.servers);
  await shop.isPaid();
  // Two checks within a second may exceed the backend's rate limit; the widget retries.
}, { context: device("Huawei Browser on HarmonyOS NEXT"), expected: [/status of 429/] });

scenario("mobile browser × wechat_pay: H5 works on a page that sends no referrer", async (visit) => {
  const session = await visit.servers.openSession();
  const page = await visit.page(
    `<open-cashier client-secret="${session.client_secret}" api-base="${visit.servers.merchantUrl}"></open-cashier>`,
    { head: `<meta name="referrer" content="no-referrer">${HEAD}` },
  );
  const widget = new Widget(page, { session });
  await widget.pay("wechat_pay");
  await page.waitForURL(`${visit.servers.sandboxUrl}/cgi-bin/mmpayweb-bin/**`);
  await page.getByRole("button", { name: /Pay now/ }).waitFor();
}, { context: device("Chrome on Android") });

scenario("WeChat × alipay: explained, and paid in a browser that has only the link", async (visit) => {
  const session = await visit.servers.openSession();
  const widget = await visit.embed(session);
  await nothingOrdered(visit.servers, async () => {
    await widget.pay("alipay");
    await widget.is("guiding");
    await widget.host.getByRole("heading", { name: widget.text("guide") }).waitFor();
    await widget.says("guide_browser");
  });
  const there = widget.link("guide_there");
  const address = (await there.getAttribute("href")) ?? "";
  // The link contains neither a gateway's URL nor a redirect target, and names the wallet.
  assert.equal(address, `${session.hosted_url}?wallet=alipay`);
  assert.equal(new URL(address).origin, visit.servers.merchantUrl);
  await there.click();
  await widget.page.waitForURL(address);
  // The page opens at the hint: it asks for no wallet again.
  await widget.page.getByRole("heading", { name: "Open this page in your browser" }).waitFor();
  assert.equal(await widget.page.getByText("Choose how to pay").count(), 0);

  // "Open in browser": another browser, without WeChat's cookies and storage.
  const other = await visit.browser.newContext(device("Safari on an iPhone"));
  try {
    const browser = await other.newPage();
    await browser.goto(address, { waitUntil: "commit" });
    // No other press: the wallet was chosen in WeChat.
    await browser.waitForURL(`${visit.servers.sandboxUrl}/**`);
    await browser.goBack();
    // "Back" shows the payment and the way on, and does not go on by itself again.
    await browser.locator(`a[href^="${visit.servers.sandboxUrl}"]`).click();
    await browser.getByRole("button", { name: /Pay now/ }).click();
    await browser.waitForURL((url) => url.origin !== visit.servers.sandboxUrl);
  } finally {
    await other.close();
  }
  assert.equal((await lastOrder(visit.servers)).product, "wap");
  const again = await visit.embed(session);
  await again.isPaid();
}, { context: device("WeChat on an iPhone") });

scenario("WeChat × alipay: the link can be copied, the other wallet chosen, a code scanned by another phone", async (visit) => {
  const session = await visit.servers.openSession();
  await visit.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: visit.servers.shopUrl });
  const widget = await visit.embed(session);
  await widget.pay("alipay");
  await widget.is("guiding");
  await widget.button("copy").click();
  await widget.says("copied");
  assert.equal(await widget.page.evaluate(() => navigator.clipboard.readText()), `${session.hosted_url}?wallet=alipay`);

  await widget.button("switch").click();
  await widget.is("selecting");
  await widget.pay("alipay");
  await widget.payByGuideCode();
  await widget.says("scan_other");
  await visit.servers.phone("approve", await widget.code(), "alipay");
  await widget.isPaid();
}, { context: device("WeChat on Android") });

scenario("WeChat × alipay: without clipboard access the link is selected for manual copying", async (visit) => {
  const widget = await visit.embed(null, {}, (context) => context.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
    document.execCommand = () => false;
  }));
  await widget.pay("alipay");
  await widget.button("copy").click();
  const field = widget.host.getByRole("textbox", { name: widget.text("guide_link") });
  const [selected, all] = await field.evaluate((/** @type {any} */ input) =>
    [input.value.slice(input.selectionStart, input.selectionEnd), input.value]);
  assert.equal(selected, all);
  assert.ok(all.startsWith(visit.servers.merchantUrl));
}, { context: device("WeChat on an iPhone") });

scenario("WeChat × wechat_pay: silent sign-in, payment sheet, paid", async (visit) => {
  await inApp(visit);
  const shop = await visit.shop();
  await shop.checkOut();
  await shop.widget.pay("wechat_pay");
  // A redirect to WeChat's page and back without a prompt; then the bridge is called automatically.
  await shop.isPaid();
  assert.equal((await lastOrder(visit.servers)).product, "jsapi");
}, { context: device("WeChat on an iPhone") });

scenario("WeChat × wechat_pay: late bridge, payment sheet dismissed, paid by the button", async (visit) => {
  await inApp(visit, { decision: "cancel", readyMs: 1_500 });
  const shop = await visit.shop();
  await shop.checkOut();
  await shop.widget.pay("wechat_pay");
  await shop.widget.is("awaiting");
  await visit.servers.faults({ jsapi_answer: "ok" });
  await shop.widget.button("continue").click();
  await shop.isPaid();
}, { context: device("WeChat on HarmonyOS NEXT") });

scenario("WeChat × wechat_pay: a bridge's success without a payment does not complete the session", async (visit) => {
  await inApp(visit, { decision: "ok_unpaid" });
  const shop = await visit.shop();
  await shop.checkOut();
  await shop.widget.pay("wechat_pay");
  await shop.widget.says("not_paid_yet");
  await shop.widget.is("awaiting");
}, { context: device("WeChat on Android") });

scenario("WeChat × wechat_pay: a missing bridge is reported, and the other wallet can be chosen", async (visit) => {
  const shop = await visit.shop();
  await shop.checkOut();
  await shop.widget.pay("wechat_pay");
  await shop.widget.says("wallet_unavailable");
  await shop.widget.button("switch").click();
  await shop.widget.is("selecting");
}, { context: device("WeChat on Android") });

scenario("WeChat × wechat_pay: started there and opened in another browser, it is started again by that browser's flow", async (visit) => {
  await inApp(visit, { decision: "cancel" });
  const inside = await visit.shop();
  await inside.checkOut();
  const address = inside.page.url();
  await inside.widget.pay("wechat_pay");
  await inside.widget.is("awaiting");
  await inside.widget.button("continue").waitFor();
  const first = await lastOrder(visit.servers);
  assert.equal(first.product, "jsapi");

  // Another browser, without WeChat's cookies and storage.
  const other = await visit.browser.newContext(device("Chrome on Windows"));
  try {
    const { widget } = new Shop(await other.newPage(), "en");
    await widget.page.goto(address);
    // Without waiting for a bridge or calling one.
    await widget.says("started_elsewhere");
    await widget.button("pay").click();
    const code = await widget.code();
    assert.equal((await lastOrder(visit.servers)).product, "native");
    const old = (await visit.servers.orders()).find(({ out_trade_no }) => out_trade_no === first.out_trade_no);
    assert.equal(old.state, "CLOSED", "one order can be paid");
    await visit.servers.phone("approve", code, "wechat_pay");
    await new Shop(widget.page, "en").isPaid();
  } finally {
    await other.close();
  }
  await inside.isPaid();
}, { context: device("WeChat on an iPhone") });

scenario("WeChat × wechat_pay: the link of another app, opened in WeChat, pays on the hosted page without another press", async (visit) => {
  await inApp(visit);
  const session = await visit.servers.openSession();
  const page = await visit.context.newPage();
  await page.goto(`${session.hosted_url}?wallet=wechat_pay`, { waitUntil: "commit" });
  // The sign-in and back, then the payment sheet by the bridge.
  await page.getByRole("heading", { name: "Payment complete" }).waitFor();
  assert.equal((await lastOrder(visit.servers)).product, "jsapi");
  assert.equal(new URL(page.url()).pathname, new URL(session.hosted_url).pathname);
}, { context: device("WeChat on an iPhone") });

scenario("WeChat × wechat_pay: a dismissed payment sheet of the hosted page is shown again by its button only", async (visit) => {
  await inApp(visit, { decision: "cancel" });
  const session = await visit.servers.openSession();
  const page = await visit.context.newPage();
  await page.goto(session.hosted_url);
  assert.deepEqual(await page.locator("button[name=method]").evaluateAll((buttons) => buttons.map((button) => button.getAttribute("value"))), ["wechat_pay"], "first, and the only one that opens here");
  await page.getByText("Opens right here.").waitFor();
  await page.getByText("Continues in your browser.").waitFor();
  await page.locator("button[value=wechat_pay]").click();
  const again = page.getByRole("button", { name: "Continue to WeChat Pay" });
  await again.waitFor();
  await page.reload();
  await again.waitFor();
  await visit.servers.faults({ jsapi_answer: "ok" });
  await again.click();
  await page.getByRole("heading", { name: "Payment complete" }).waitFor();
}, { context: device("WeChat on Android") });

scenario("row 7: in WeChat the wallet that opens there is first and says so; the other says what it takes before the press", async (visit) => {
  const widget = await visit.embed(null, { "payment-method-order": "alipay wechat_pay" });
  await widget.isLiveSelector();
  const rows = await widget.host.locator("label").evaluateAll((labels) => labels.map((label) => /** @type {HTMLElement} */ (label).innerText));
  assert.equal(rows.length, 2);
  for (const [at, key] of [[0, "wechat_pay"], [0, "opens_here"], [1, "alipay"], [1, "opens_in_browser"]]) {
    const lines = rows[/** @type {number} */ (at)].split("\n");
    assert.ok(lines.some((/** @type {string} */ line) => widget.text(/** @type {string} */ (key)).test(line)), `${key}: ${lines}`);
  }
}, { context: device("WeChat on an iPhone") });

scenario("Alipay × alipay: sign-in, payment sheet, paid", async (visit) => {
  await inApp(visit);
  const shop = await visit.shop();
  await shop.checkOut();
  await shop.widget.pay("alipay");
  await shop.isPaid();
  assert.equal((await lastOrder(visit.servers)).product, "create");
}, { context: device("Alipay on an iPhone") });

scenario("Alipay × alipay: the bridge reports an unknown result, the backend's query finds the payment", async (visit) => {
  await inApp(visit, { decision: "unknown_paid" });
  const shop = await visit.shop();
  await shop.checkOut();
  await shop.widget.pay("alipay");
  await shop.isPaid();
}, { context: device("Alipay on Android") });

scenario("Alipay × wechat_pay: explained, and paid by another phone", async (visit) => {
  const widget = await visit.embed();
  await nothingOrdered(visit.servers, async () => {
    await widget.pay("wechat_pay");
    await widget.is("guiding");
    await widget.says("guide_phone");
  });
  await widget.payByGuideCode();
  const code = await widget.code();
  await widget.says("no_long_press");
  assert.equal((await lastOrder(visit.servers)).product, "native");
  await visit.servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
}, { context: device("Alipay on HarmonyOS NEXT") });

for (const [app, label] of [
  ["WeChat mini program", "web view of a mini program on Android"],
  ["WeChat mini program", "web view of a mini program on an iPhone"],
  ["Alipay mini program", "mini program in Alipay on an iPhone"],
]) {
  for (const wallet of ["alipay", "wechat_pay"]) {
    scenario(`${app} × ${wallet}: explained (${label})`, async (visit) => {
      await inApp(visit);
      const widget = await visit.embed();
      await nothingOrdered(visit.servers, async () => {
        await widget.pay(wallet);
        await widget.is("guiding");
        await widget.says("guide_mini");
        await widget.button("copy").waitFor();
      });
      await widget.button("switch").click();
      await widget.is("selecting");
    }, { context: device(label) });
  }
}

for (const [app, label] of [
  ["Taobao", "Taobao on an iPhone"],
  ["Tmall", "Tmall on an iPhone"],
  ["DingTalk", "DingTalk on an iPhone"],
]) {
  scenario(`other apps × alipay: ${app} contains Alipay's cashier`, async (visit) => {
    const shop = await visit.shop();
    await shop.checkOut();
    await shop.widget.pay("alipay");
    await shop.page.waitForURL(`${visit.servers.sandboxUrl}/**`);
    await shop.payAtGateway(visit.servers);
    await shop.isPaid();
  }, { context: device(label) });
}

for (const [app, wallet, label] of [
  ["Taobao", "wechat_pay", "Taobao on Android"],
  ["Tmall", "wechat_pay", "Tmall on an iPhone"],
  ["DingTalk", "wechat_pay", "DingTalk on Android"],
  ["JD", "alipay", "JD on an iPhone"],
  ["JD", "wechat_pay", "JD on Android"],
  ["QQ", "alipay", "QQ on Android"],
  ["QQ", "wechat_pay", "QQ on an iPhone"],
  ["Weibo", "alipay", "Weibo on an iPhone"],
  ["Weibo", "wechat_pay", "Weibo on an iPhone"],
  ["Douyin", "alipay", "Douyin on Android"],
  ["Douyin", "wechat_pay", "Douyin on an iPhone"],
  ["Xiaohongshu", "alipay", "Xiaohongshu on an iPhone"],
  ["Xiaohongshu", "wechat_pay", "Xiaohongshu on Android"],
  ["WeCom", "alipay", "WeCom on an iPhone"],
  ["WeCom", "wechat_pay", "WeCom on iOS 18"],
  ["a shop's own app", "alipay", "a shop's own app on an iPhone"],
  ["a shop's own app", "wechat_pay", "a shop's own app on HarmonyOS NEXT"],
]) {
  scenario(`other apps × ${wallet}: ${app} leads to a browser`, async (visit) => {
    const widget = await visit.embed();
    await nothingOrdered(visit.servers, async () => {
      await widget.pay(wallet);
      await widget.is("guiding");
      await widget.says("guide_browser");
    });
    await widget.payByGuideCode();
    await visit.servers.phone("approve", await widget.code(), wallet);
    await widget.isPaid();
  }, { context: device(label) });
}

const HEAD = `<link rel="stylesheet" href="/www/storefront.css">
  <script type="module" src="/opencashier/opencashier.js"></script>`;
