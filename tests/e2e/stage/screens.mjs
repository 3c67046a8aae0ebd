// All screens of the widget and the hosted page, each with the shortest way to it.
import { device } from "../environments/device.mjs";
import { rewriteSession } from "./routes.mjs";
import { policy } from "./scenario.mjs";
import { Widget } from "./widget.mjs";

/** @typedef {import("./scenario.mjs").Visit} Visit */
/** @typedef {import("./shop.mjs").Lang} Lang */
/** @typedef {import("playwright-core").Route} Route */

/** Leaves a request without an answer. */
const NEVER = () => {};

/**
 * Each resolves when the screen is drawn.
 * @type {Record<string, (visit: Visit, lang: Lang) => Promise<{ page: import("playwright-core").Page }>>}
 */
export const SCREENS = {
  "shop-cart": (visit, lang) => visit.shop(lang),

  "shop-order": async (visit, lang) => {
    const shop = await visit.shop(lang);
    await shop.checkOut();
    return shop;
  },

  "shop-code": async (visit, lang) => {
    const shop = await visit.shop(lang);
    await shop.checkOut();
    await shop.widget.payByCode("wechat_pay");
    return shop;
  },

  "shop-paid": async (visit, lang) => {
    const shop = await visit.shop(lang);
    await shop.checkOut();
    await visit.servers.phone("approve", await shop.widget.payByCode("alipay"));
    await shop.isPaid();
    return shop;
  },

  loading: async (visit, lang) => {
    const widget = await open(visit, lang, {}, { "": NEVER });
    await widget.is("loading");
    return widget;
  },

  selector: async (visit, lang) => {
    const widget = await open(visit, lang);
    await widget.isLiveSelector();
    return widget;
  },

  "selector-picked": async (visit, lang) => {
    const widget = await open(visit, lang);
    await widget.isLiveSelector();
    await widget.choose("alipay");
    return widget;
  },

  "selector-tabs": async (visit, lang) => {
    const widget = await open(visit, lang, { layout: "tabs" });
    await widget.isLiveSelector();
    await widget.choose("wechat_pay");
    return widget;
  },

  "selector-list": async (visit, lang) => {
    const widget = await open(visit, lang, { layout: "list" });
    await widget.isLiveSelector();
    await widget.choose("wechat_pay");
    return widget;
  },

  "selector-read-only": async (visit, lang) => {
    const widget = await open(visit, lang, { "read-only": "" });
    await widget.isLiveSelector();
    return widget;
  },

  "selector-hint": async (visit, lang) => {
    const widget = await open(visit, lang);
    await widget.button("pay").click();
    await widget.says("choose_first");
    return widget;
  },

  "guide-browser": (visit, lang) => guided(visit, lang, "WeChat on an iPhone", "alipay"),

  "guide-phone": (visit, lang) => guided(visit, lang, "Alipay on an iPhone", "wechat_pay"),

  "guide-mini-program": (visit, lang) => guided(visit, lang, "web view of a mini program on an iPhone", "wechat_pay"),

  "guide-code": async (visit, lang) => {
    const widget = await guided(visit, lang, "Alipay on an iPhone", "wechat_pay");
    await widget.payByGuideCode();
    await widget.says("no_long_press");
    return widget;
  },

  "code-that-opens-the-app": async (visit, lang) => {
    const link = (/** @type {any} */ session) => {
      if (session.payment) session.payment.next_action.url = "alipays://platformapi/startapp?saId=10000007&qrcode=x";
    };
    await pretend(visit, "Chrome on Android");
    const widget = await open(visit, lang, { "mobile-flow": "qr_code" }, {
      "": rewriteSession(link),
      "/payments": rewriteSession(link),
      "/events": (route) => route.abort(),
    });
    await widget.pay("alipay");
    await widget.button("continue").click();
    await widget.says("app_not_opened");
    return widget;
  },

  "code-in-a-frame": async (visit, lang) => {
    const url = `${visit.servers.sandboxUrl}/frame?biz_content=%7B%22qr_pay_mode%22%3A%224%22%7D`;
    const frame = (/** @type {any} */ session) => {
      if (session.payment) session.payment.next_action = { type: "display_frame", url };
    };
    await visit.context.route(url, (route) => route.fulfill({
      contentType: "text/html; charset=utf-8",
      body: `<!doctype html><html lang="en"><title>Alipay</title><body><h1>Alipay’s own page</h1>`,
    }));
    const widget = await open(visit, lang, {}, {
      "": rewriteSession(frame),
      "/payments": rewriteSession(frame),
      "/events": (route) => route.abort(),
    });
    await widget.pay("alipay");
    await widget.host.locator("iframe").contentFrame().getByRole("heading").waitFor();
    return widget;
  },

  "returned-unpaid": async (visit, lang) => {
    const elsewhere = (/** @type {any} */ session) => {
      const url = `${visit.servers.sandboxUrl}/alipay/cashier/none`;
      if (session.payment) session.payment.next_action = { type: "redirect_to_url", url };
    };
    const session = await visit.servers.openSession();
    const before = await open(visit, lang, {}, {}, session);
    await before.payByCode("alipay");
    await before.page.close();
    const widget = await open(visit, lang, {}, {
      "": rewriteSession(elsewhere),
      "/payments/*/check": rewriteSession(elsewhere),
      "/events": (route) => route.abort(),
    }, session);
    await widget.says("not_paid_yet");
    return widget;
  },

  starting: async (visit, lang) => {
    const widget = await open(visit, lang, {}, { "/payments": NEVER });
    await widget.pay("wechat_pay");
    // Until the text over the button has appeared, it is fainter.
    await widget.host.locator(".cover").evaluate((cover) => Promise.all(cover.getAnimations().map(({ finished }) => finished)).then(() => true));
    return widget;
  },

  "code-wechat-pay": async (visit, lang) => {
    const widget = await open(visit, lang);
    await widget.payByCode("wechat_pay");
    return widget;
  },

  "code-alipay": async (visit, lang) => {
    const widget = await open(visit, lang);
    await widget.payByCode("alipay");
    return widget;
  },

  "code-not-paid-yet": async (visit, lang) => {
    const widget = await open(visit, lang);
    await widget.payByCode("wechat_pay");
    await widget.button("paid").click();
    await widget.says("not_paid_yet");
    return widget;
  },

  "code-stale": async (visit, lang) => {
    const over = (/** @type {any} */ session) => {
      const action = session.payment?.next_action;
      if (action) action.expires_at = session.server_time;
    };
    const widget = await open(visit, lang, {}, {
      "": rewriteSession(over),
      "/payments": rewriteSession(over),
      "/events": (route) => route.abort(),
      "/payments/*/refresh": (route) => route.abort(),
    });
    await widget.pay("alipay");
    await widget.says("code_stale");
    return widget;
  },

  "code-offline": async (visit, lang) => {
    let isOffline = false;
    const cut = (/** @type {Route} */ route) => (isOffline ? route.abort() : route.continue());
    const widget = await open(visit, lang, {}, { "": cut, "/payments/*/check": cut, "/events": (route) => route.abort() });
    await widget.payByCode("wechat_pay");
    isOffline = true;
    await widget.says("offline");
    return widget;
  },

  redirect: async (visit, lang) => {
    const elsewhere = (/** @type {any} */ session) => {
      const url = `${visit.servers.sandboxUrl}/alipay/cashier/none`;
      session.payment.flow = "redirect";
      session.payment.next_action = { type: "redirect_to_url", url };
    };
    const widget = await open(visit, lang, {}, {
      "/payments": rewriteSession(elsewhere),
      "/events": (route) => route.abort(),
    });
    await widget.host.evaluate((host) =>
      host.addEventListener("cashier-before-redirect", (event) => event.preventDefault()));
    await widget.pay("alipay");
    await widget.button("continue").waitFor();
    return widget;
  },

  confirming: async (visit, lang) => {
    const widget = await open(visit, lang, {}, { "/payments/*/check": NEVER });
    await widget.payByCode("alipay");
    await widget.button("paid").click();
    await widget.is("confirming");
    return widget;
  },

  closing: async (visit, lang) => {
    const widget = await open(visit, lang, {}, { "/payments/*/cancel": NEVER });
    await widget.payByCode("alipay");
    await widget.button("cancel").click();
    await widget.is("closing");
    return widget;
  },

  succeeded: async (visit, lang) => {
    const widget = await open(visit, lang);
    await visit.servers.phone("approve", await widget.payByCode("wechat_pay"));
    await widget.isPaid();
    return widget;
  },

  "starting-slow": async (visit, lang) => {
    const widget = await open(visit, lang, {}, { "/payments": NEVER });
    await widget.pay("wechat_pay");
    await widget.button("switch").waitFor();
    return widget;
  },

  "paid-refund-pending": (visit, lang) => paidTwice(visit, lang, "pending"),

  "paid-refund-succeeded": (visit, lang) => paidTwice(visit, lang, "succeeded"),

  "expired-refund-succeeded": (visit, lang) => paidLate(visit, lang),

  "expired-refund-failed": (visit, lang) => paidLate(visit, lang, (session) => void (session.refund = "failed")),

  failed: async (visit, lang) => {
    const refuse = (/** @type {any} */ session) => {
      session.payment.status = "failed";
      session.payment.failure_code = "gateway_rejected";
      delete session.payment.next_action;
    };
    const widget = await open(visit, lang, {}, { "/payments": rewriteSession(refuse) });
    await widget.pay("alipay");
    await widget.is("failed");
    return widget;
  },

  expired: async (visit, lang) => {
    const session = await visit.servers.openSession();
    await visit.servers.expireSession(session.id);
    const widget = await open(visit, lang, {}, {}, session);
    await widget.is("expired");
    return widget;
  },

  canceled: async (visit, lang) => {
    const widget = await open(visit, lang);
    await widget.payByCode("alipay");
    await widget.button("cancel").click();
    await widget.is("canceled");
    return widget;
  },

  unavailable: async (visit, lang) => {
    const session = { client_secret: "cs_unknown_secret_unknown" };
    const widget = await open(visit, lang, {}, {}, session);
    await widget.is("unavailable");
    return widget;
  },

  unreachable: async (visit, lang) => {
    const widget = await open(visit, lang, {}, {
      "": (route) => route.fulfill({ status: 500, body: "" }),
    });
    await widget.button("try_again").waitFor();
    return widget;
  },

  "wasm-forbidden": async (visit, lang) => {
    // A selector would stay usable; a payment under way needs the Wasm.
    const session = await visit.servers.openSession();
    const before = await open(visit, lang, {}, {}, session);
    await before.payByCode("alipay");
    await before.page.close();
    const page = await visit.page(
      `<open-cashier client-secret="${session.client_secret}" api-base="${visit.servers.merchantUrl}"
         locale="${lang}"></open-cashier>`,
      { csp: policy(visit.servers, { wasm: false }) },
    );
    const widget = new Widget(page, { lang, session });
    await widget.host.getByRole("link").waitFor();
    return widget;
  },

  "hosted-choice": (visit) => hosted(visit),

  "hosted-code": async (visit) => {
    const opened = await hosted(visit);
    await opened.page.locator("button[value=wechat_pay]").click();
    await opened.page.getByRole("img").waitFor();
    return opened;
  },

  "hosted-guide": async (visit) => {
    const { userAgent } = device("WeChat on an iPhone");
    await visit.context.setExtraHTTPHeaders({ "User-Agent": userAgent });
    const session = await visit.servers.openSession();
    const page = await visit.context.newPage();
    await page.goto(`${session.hosted_url}?wallet=alipay`);
    return { page };
  },

  "hosted-choice-wechat": async (visit) => {
    await visit.context.setExtraHTTPHeaders({ "User-Agent": device("WeChat on an iPhone").userAgent });
    return hosted(visit);
  },

  "hosted-return": async (visit) => {
    await visit.context.setExtraHTTPHeaders({ "User-Agent": device("Safari on an iPhone").userAgent });
    const opened = await hosted(visit);
    await opened.page.locator("button[value=alipay]").click();
    await opened.page.waitForURL(`${visit.servers.sandboxUrl}/**`);
    await opened.page.goBack();
    await opened.page.getByRole("link", { name: /Continue|继续/ }).or(opened.page.getByRole("link", { name: /Alipay|支付宝/ })).first().waitFor();
    return opened;
  },

  "hosted-paid": async (visit) => {
    const session = await visit.servers.openSession();
    const widget = await visit.embed(session);
    await visit.servers.phone("approve", await widget.payByCode("wechat_pay"));
    await widget.isPaid();
    await widget.page.close();
    return hosted(visit, session);
  },
};

/** Rules of axe that a screen may break. @type {Record<string, string[]>} */
export const EXEMPT = {};

/** Console errors that belong to a screen. */
export const EXPECTED = [/status of (401|500)/, /ERR_FAILED/, /WebAssembly|wasm/i, /registered handler/, /^open-cashier: /];

/**
 * A page with one widget for a session of which some calls are answered otherwise.
 * @param {Visit} visit @param {Lang} lang @param {Record<string, string>} [attributes]
 * @param {Record<string, (route: Route) => unknown>} [routes] by the path under the session's
 * @param {any} [session]
 */
async function open(visit, lang, attributes = {}, routes = {}, session = null) {
  session ??= await visit.servers.openSession({
    description: lang === "en" ? "Longjing tea × 1" : "明前龙井 × 1",
  });
  const address = `${visit.servers.merchantUrl}/v1/checkout/sessions/${session.id}`;
  return visit.embed(session, { locale: lang, ...attributes }, async (context) => {
    for (const [path, answer] of Object.entries(routes)) await context.route(`${address}${path}`, answer);
  });
}

/**
 * An order that was paid with both wallets, whose second payment is refunded.
 * @param {Visit} visit @param {Lang} lang @param {"pending" | "succeeded"} refund
 */
export async function paidTwice(visit, lang, refund) {
  const { servers } = visit;
  if (refund === "pending") await servers.faults({ alipay_refund_delay_ms: 3_600_000 });
  const widget = await open(visit, lang);
  // Alipay knows no order before its code is scanned, so there is nothing to close.
  const first = await widget.payByCode("alipay");
  await widget.button("switch").click();
  await servers.phone("approve", await widget.payByCode("wechat_pay"), "wechat_pay");
  await widget.isPaid();
  await servers.phone("approve", first, "alipay");
  await servers.refundIs(widget.session.id, refund);
  await widget.page.reload();
  await widget.isPaid();
  await widget.says(`refund_${refund}`);
  return widget;
}

/**
 * An order whose code was paid after its time was up.
 * @param {Visit} visit @param {Lang} lang @param {(session: any) => void} [change]
 */
export async function paidLate(visit, lang, change = () => {}) {
  const { servers } = visit;
  const widget = await open(visit, lang, {}, { "": rewriteSession((session) => session.refund && change(session)) });
  const code = await widget.payByCode("alipay");
  await servers.expireSession(widget.session.id);
  await widget.is("expired");
  await servers.phone("approve", code, "alipay");
  await servers.refundIs(widget.session.id, "succeeded");
  await widget.page.reload();
  await widget.is("expired");
  await widget.host.getByText(widget.text("refund_succeeded")).or(widget.host.getByText(widget.text("refund_failed"))).waitFor();
  return widget;
}

/** Sets the user agent that the page sees. @param {Visit} visit @param {string} label */
async function pretend(visit, label) {
  const { userAgent } = device(label);
  await visit.context.addInitScript((agent) => {
    Object.defineProperty(navigator, "userAgent", { value: agent });
  }, userAgent);
}

/** The guide after a wallet was picked that does not open there. @param {Visit} visit @param {Lang} lang @param {string} label @param {string} method */
async function guided(visit, lang, label, method) {
  await pretend(visit, label);
  const widget = await open(visit, lang);
  await widget.pay(method);
  await widget.is("guiding");
  return widget;
}

/** @param {Visit} visit @param {any} [session] */
async function hosted(visit, session) {
  session ??= await visit.servers.openSession();
  const page = await visit.context.newPage();
  await page.goto(session.hosted_url);
  return { page };
}
