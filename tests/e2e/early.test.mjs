// What a storefront can do so that its shoppers wait less: the session in the page, files by their
// content's names, and the head that the build writes.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { ROOT } from "./stage/servers.mjs";
import { policy, stage } from "./stage/scenario.mjs";
import { Widget } from "./stage/widget.mjs";

/** @typedef {import("playwright-core").BrowserContext} BrowserContext */
/** @typedef {import("playwright-core").Route} Route */

const scenario = stage();
const attribute = (/** @type {any} */ value) => JSON.stringify(value).replace(/&/g, "&amp;").replace(/"/g, "&quot;");
const READ = /\/v1\/checkout\/sessions\/cs_\w+$/;

/** Waits in a page for its next task. */
const TURN = `const turn = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => (port1.close(), resolve());
  port2.postMessage(0);
});`;

/** Holds the widget's reads back until the scenario lets them go. */
function held(/** @type {BrowserContext} */ context) {
  let release = () => {};
  const isFree = new Promise((resolve) => (release = () => resolve(null)));
  /** @type {any[]} */
  const asked = [];
  const ready = context.route(READ, async (/** @type {Route} */ route) => {
    asked.push(route.request().url());
    await isFree;
    await route.continue().catch(() => {}); // The widget may have given it up.
  });
  return { ready, asked, release: () => release() };
}

scenario("a session in the page is a selector before its first answer, and one payment", async (visit) => {
  const { servers, context } = visit;
  const session = await servers.openSession();
  const reads = held(context);
  await reads.ready;
  const widget = await visit.embed(session, { session: attribute(session) });
  await widget.is("selecting");
  const code = await widget.payByCode("alipay");
  reads.release();
  await servers.phone("approve", code, "alipay");
  await widget.isPaid();
  assert.ok(reads.asked.length >= 1, "the session was never read");
});

scenario("a page that was kept too long tells the truth as soon as it is answered", async (visit) => {
  const { servers, context } = visit;
  const session = await servers.openSession();
  const first = await visit.embed(session);
  await servers.phone("approve", await first.payByCode("wechat_pay"), "wechat_pay");
  await first.isPaid();
  await first.page.close();
  const reads = held(context);
  await reads.ready;
  const widget = await visit.embed(session, { session: attribute(session) });
  await widget.is("selecting");
  reads.release();
  await widget.isPaid();
});

scenario("the session of another secret is reported and not used", async (visit) => {
  const { servers, context } = visit;
  const [mine, other] = [await servers.openSession(), await servers.openSession()];
  const reads = held(context);
  await reads.ready;
  const page = await visit.page('<div id="pay"></div><script type="module" src="/scene.js"></script>', {
    script: `
      import { OpenCashier } from "/opencashier/opencashier.js";
      window.heard = [];
      const checkout = OpenCashier({
        clientSecret: ${JSON.stringify(mine.client_secret)}, apiBase: ${JSON.stringify(servers.merchantUrl)},
        session: ${JSON.stringify(other)}, onError: ({ detail }) => heard.push(detail.code + ": " + detail.message),
      });
      checkout.mount("#pay");`,
  });
  const widget = new Widget(page);
  await widget.is("loading");
  reads.release();
  await widget.is("selecting");
  const heard = await page.evaluate(() => window.heard);
  assert.equal(heard.length, 1);
  assert.match(heard[0], /^option_invalid: option session \(session\) must be the session of this client secret/);
}, { expected: [/^open-cashier: option_invalid: option session/] });

scenario("there is one screen at a time, and never an empty one, whatever the start takes", async (visit) => {
  const { servers } = visit;
  const session = await servers.openSession();
  const page = await visit.page('<div id="pay"></div><script type="module" src="/scene.js"></script>', {
    script: `
      import { OpenCashier } from "/opencashier/opencashier.js";
      ${TURN}
      await OpenCashier.preload();
      const checkout = OpenCashier({
        clientSecret: ${JSON.stringify(session.client_secret)}, apiBase: ${JSON.stringify(servers.merchantUrl)},
        session: ${JSON.stringify(session)},
      }).mount("#pay");
      const seen = [];
      let isReady = false;
      checkout.on("ready", () => (isReady = true));
      while (!isReady && seen.length < 10000) {
        await turn();
        const containers = [...checkout.shadowRoot.querySelectorAll(".oc")];
        const screen = (container) => container.querySelector(".skeleton") ? "skeleton" : container.querySelector("input[type=radio]") ? "selector" : "nothing";
        seen.push(containers.map(screen).join(" and "));
      }
      window.seen = seen.filter((what, at) => what !== seen[at - 1]);`,
  });
  await page.waitForFunction(() => window.seen);
  const seen = await page.evaluate(() => window.seen);
  // Where all is loaded, the selector is the first thing to be seen.
  const shown = seen.filter((/** @type {string} */ what) => what !== "" && what !== "skeleton");
  assert.deepEqual(shown, ["selector"]);
});

scenario("a widget that is removed at any moment of its start leaves no rejection unhandled", async (visit) => {
  const { servers, context } = visit;
  const session = await servers.openSession();
  const reads = held(context);
  await reads.ready;
  const page = await visit.page('<div id="pay"></div><script type="module" src="/scene.js"></script>', {
    script: `
      import { OpenCashier } from "/opencashier/opencashier.js";
      const unheard = [];
      addEventListener("unhandledrejection", ({ reason }) => unheard.push(String(reason)));
      ${TURN}
      const options = {
        clientSecret: ${JSON.stringify(session.client_secret)}, apiBase: ${JSON.stringify(servers.merchantUrl)},
        session: ${JSON.stringify(session)},
      };
      await OpenCashier.preload();
      for (let turns = 0; turns < 16; turns += 1) {
        const checkout = OpenCashier(options).mount("#pay");
        for (let left = turns; left; left -= 1) await turn();
        checkout.unmount();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      window.unheard = unheard;`,
  });
  await page.waitForFunction(() => window.unheard);
  assert.deepEqual(await page.evaluate(() => window.unheard), []);
  assert.ok(reads.asked.length > 0, "no widget was removed while it read");
  reads.release();
});

scenario("the build's head loads each file once, and all but the Wasm and its glue at once", async (visit) => {
  const { servers, context } = visit;
  const head = await readFile(join(ROOT, "dist", "head.en.html"), "utf8");
  const names = [...head.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, name]) => name);
  assert.deepEqual(names.map((name) => name.replace(/-\w{10}\./, "-HASH.")), [
    "/opencashier/locales/en-HASH.js", "/opencashier/opencashier-HASH.js", "/opencashier/opencashier-nomodule.js",
  ]);
  const manifest = JSON.parse(await readFile(join(ROOT, "dist", "manifest.json"), "utf8"));
  const app = ["app.js", "opencashier.wasm"].map((name) => `/opencashier/${manifest[name].file}`);
  /** @type {Map<string, number>} */
  const asked = new Map();
  context.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/opencashier/")) asked.set(pathname, (asked.get(pathname) ?? 0) + 1);
  });
  /** @type {any[]} */
  const lasting = [];
  context.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith("/opencashier/")) lasting.push(response.headers()["cache-control"]);
  });
  const session = await servers.openSession();
  const page = await visit.page(
    `<open-cashier client-secret="${session.client_secret}" api-base="${servers.merchantUrl}"
       session="${attribute(session)}"></open-cashier>`,
    { head, csp: policy(servers) },
  );
  const widget = new Widget(page);
  const code = await widget.payByCode("wechat_pay");
  await servers.phone("approve", code, "wechat_pay");
  await widget.isPaid();
  // After the head's files the loader asks for the app; browsers with modules leave the fallback alone.
  assert.deepEqual([...asked.keys()].sort(), [...names.slice(0, 2), ...app].sort());
  assert.deepEqual([...new Set(asked.values())], [1], "a hint was loaded twice");
  assert.deepEqual([...new Set(lasting)], ["public, max-age=31536000, immutable"]);
});

scenario("a file that is not named by its content is not cached", async (visit) => {
  const { servers } = visit;
  const answer = await fetch(`${servers.shopUrl}/opencashier/opencashier.js`);
  assert.equal(answer.headers.get("cache-control"), "no-cache");
});
