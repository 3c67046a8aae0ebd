// Styles of the page and members of Object.prototype do not change the widget.
import assert from "node:assert/strict";

import { PNG } from "./stage/packages.mjs";
import { attribute, openPreview, samePixels } from "./stage/preview.mjs";
import { policy, stage } from "./stage/scenario.mjs";
import { Widget } from "./stage/widget.mjs";

const scenario = stage();

/** Page styles for all inherited properties, on every element. */
const HOSTILE = `
  *, open-cashier {
    accent-color: red; border-collapse: collapse; border-spacing: 10px; caret-color: red; color: red; cursor: wait;
    direction: rtl; unicode-bidi: bidi-override; empty-cells: hide; fill: red; fill-opacity: .2; fill-rule: evenodd;
    font: italic 30px/3 serif; font-variant: small-caps; font-kerning: none; hyphens: auto; image-rendering: pixelated;
    letter-spacing: 5px; line-break: anywhere; list-style: square; orphans: 9; overflow-wrap: normal; paint-order: stroke;
    pointer-events: none; quotes: none; shape-rendering: crispEdges; stroke: red; stroke-dasharray: 1; stroke-linecap: butt;
    stroke-width: 5; tab-size: 30; text-align: right; text-align-last: right; text-anchor: end; text-decoration: underline red;
    text-emphasis: dot; text-indent: 40px; text-rendering: geometricPrecision; text-shadow: 2px 2px red;
    text-size-adjust: 50%; text-transform: uppercase; text-wrap: balance; visibility: hidden; white-space: pre;
    word-break: break-all; word-spacing: 20px; -webkit-text-fill-color: red; -webkit-text-stroke: 1px lime;
  }
  input, button, label, fieldset, legend, p, span, svg { margin: 30px !important; display: flex !important; }`;
/** The element at the same position in both pages. */
const FRAME = "main > h1 { display: none } #frame { display: block; position: absolute; top: 0; left: 0; width: 640px; visibility: visible }";

/** Members that a bug of the page may add to Object.prototype: data, no functions. */
const POLLUTION = {
  payment: { id: "pay_x", payment_method: "wechat_pay", flow: "qr_code", status: "requires_action",
    created_at: "2026-11-29T00:00:00Z", next_action: { type: "display_qr_code", data: "wxp://f2f0-EVIL" } },
  next_action: { type: "redirect_to_url", url: "https://evil.example" }, apiBase: "https://evil.example", returnUrl: "https://evil.example",
  session: "{}", clientSecret: "cs_9_secret_9", texts: { choose: "EVIL" }, translations: { choose: "EVIL" }, choose: "EVIL", locale: "zh-CN",
  lang: "zh-CN", layout: "tabs", theme: "night", variables: { colorPrimary: "red" }, appearance: { theme: "night" }, rules: {}, readOnly: true,
  loader: "never", selected: "alipay", refund: "pending", hosted_url: "https://evil.example", url: "https://evil.example", data: "wxp://f2f0-EVIL",
  fields: [], flow: "jsapi", method: "POST", body: "x", headers: { "X-Evil": "1" }, cancelable: true, bubbles: false,
  once: true, passive: true, currencyDisplay: "name", status: "complete", payment_method_options: [{ payment_method: "alipay", flows: [] }],
};

scenario("a page whose monitoring wraps fetch and adds headers does not change the payment", async (visit) => {
  await visit.context.addInitScript(() => {
    const { fetch } = globalThis;
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    globalThis.fetch = (input, init) => {
      if (input instanceof Request) {
        const request = new Request(input);
        request.headers.set("traceparent", traceparent);
        return fetch(request, init);
      }
      const headers = new Headers(init?.headers);
      headers.set("traceparent", traceparent);
      return fetch(input, { ...init, headers: { ...Object.fromEntries(headers) } });
    };
  });
  const traced = visit.context.waitForEvent("request", {
    predicate: (request) => request.url().endsWith("/payments") && request.headers().traceparent?.startsWith("00-"),
  });
  const widget = await visit.embed();
  await visit.servers.phone("approve", await widget.payByCode("alipay"), "alipay");
  await traced;
  await widget.isPaid();
});

for (const layout of ["accordion", "tabs"]) {
  scenario(`no style of the page changes a pixel of the ${layout}`, async (visit) => {
    const csp = policy(visit.servers).replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");
    const session = await visit.servers.openSession();
    /** @type {Buffer[]} */
    const pictures = [];
    for (const style of ["", HOSTILE]) {
      const { widget, page } = await openPreview(visit, {
        session,
        inPage: true,
        attributes: { locale: "en", layout },
        page: { csp, head: `<script type="module" src="/opencashier/opencashier.js"></script><style>${style}${FRAME}</style>` },
        around: ['<u><div id="frame">', "</div></u>"],
      });
      await widget.host.evaluate((/** @type {any} */ host) => host.shadowRoot.querySelector("input").click());
      pictures.push(await widget.host.locator(".root").screenshot());
      await page.close();
    }
    samePixels(pictures[0], pictures[1], layout);
  });
}

scenario("members of Object.prototype are not read as options, payments or links", async (visit) => {
  const { servers, context } = visit;
  await context.addInitScript((/** @type {object} */ pollution) => Object.assign(Object.prototype, pollution), POLLUTION);
  const session = await servers.openSession();
  const page = await visit.page(
    `<open-cashier client-secret="${session.client_secret}" api-base="${servers.merchantUrl}" locale="en"></open-cashier>`);
  const widget = new Widget(page, { session });
  await widget.is("selecting");
  assert.equal(await widget.amount(), "CN¥128.00");
  await widget.says("choose");
  assert.equal(await widget.host.locator("input:checked").count(), 0);
  const code = await widget.payByCode("wechat_pay");
  assert.ok(!code.includes("EVIL"), code);
  await servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
});

for (const [name, scheme, head, isDark] of /** @type {[string, string, string, boolean][]} */ ([
  ["a light page under a dark system", "dark", "", false],
  ["a page of both schemes under a dark system", "dark", '<meta name="color-scheme" content="light dark">', true],
  ["a page of both schemes under a light system", "light", '<meta name="color-scheme" content="light dark">', false],
  ["a dark page under a light system", "light", '<meta name="color-scheme" content="dark">', true],
])) {
  for (const hasLightDark of [true, false]) {
    scenario(`theme "auto" is ${isDark ? "dark" : "light"} in ${name}${hasLightDark ? "" : ", in an older browser"}`, async (visit) => {
      if (!hasLightDark) {
        await visit.context.addInitScript(() => {
          const supports = CSS.supports.bind(CSS);
          CSS.supports = (/** @type {string[]} */ ...condition) => !condition.join().includes("light-dark") && supports(.../** @type {[string]} */ (condition));
        });
      }
      const { widget } = await openPreview(visit, { page: { head: `${head}<script type="module" src="/opencashier/opencashier.js"></script>` } });
      const color = await widget.host.locator(".root").evaluate((/** @type {Element} */ root) => getComputedStyle(root).backgroundColor);
      assert.equal(color, isDark ? "rgb(23, 27, 33)" : "rgb(255, 255, 255)");
    }, { context: { colorScheme: scheme } });
  }
}

scenario("the QR code is black on white in a forced dark mode", async (visit) => {
  const { servers, context } = visit;
  const widget = await visit.embed(null, { appearance: attribute({ theme: "light" }) });
  const client = await context.newCDPSession(widget.page);
  await client.send("Emulation.setAutoDarkModeOverride", { enabled: true });
  const code = await widget.payByCode("wechat_pay");
  const picture = PNG.sync.read(await widget.host.locator(".qr").screenshot());
  const corner = 4 * (8 * picture.width + 8); // In the quiet zone.
  assert.deepEqual([...picture.data.subarray(corner, corner + 3)], [255, 255, 255]);
  await servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
});

scenario("B42: a page whose old library changes Array, String and Function is paid", async (visit) => {
  const { servers, context } = visit;
  await context.addInitScript(() => {
    // As Prototype.js 1.6 does.
    const changed = /** @type {any[]} */ ([Array.prototype, String.prototype, Function.prototype, Object.prototype]);
    changed[0].toJSON = function () { return `[${this.join(", ")}]`; };
    changed[1].toJSON = function () { return `"${this}"`; };
    changed[2].bind = function (/** @type {any} */ that) { return (/** @type {any[]} */ ...given) => this.apply(that, given); };
    changed[3].isOldLibrary = true;
  });
  const session = await servers.openSession();
  const page = await visit.page(
    `<open-cashier client-secret="${session.client_secret}" api-base="${servers.merchantUrl}" locale="en"></open-cashier>`);
  const widget = new Widget(page, { session });
  await servers.phone("approve", await widget.payByCode("wechat_pay"), "wechat_pay");
  await widget.isPaid();
});
