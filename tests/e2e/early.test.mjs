// Faster starts for storefronts: the session in the page, files with content hashes in their names, and
// the head that the build writes.
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

/** Script for a page: waits for the next task. */
const TURN = `const turn = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => (port1.close(), resolve());
  port2.postMessage(0);
});`;

/** Holds the widget's reads until `release` is called. */
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

scenario("a session in the page shows the selector before the first answer, and starts one payment", async (visit) => {
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

scenario("a page with an outdated session shows the real status after the first answer", async (visit) => {
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
      window.events = [];
      const checkout = OpenCashier({
        clientSecret: ${JSON.stringify(mine.client_secret)}, apiBase: ${JSON.stringify(servers.merchantUrl)},
        session: ${JSON.stringify(other)}, onError: ({ detail }) => events.push(detail.code + ": " + detail.message),
      });
      checkout.mount("#pay");`,
  });
  const widget = new Widget(page);
  await widget.is("loading");
  reads.release();
  await widget.is("selecting");
  const events = await page.evaluate(() => window.events);
  assert.equal(events.length, 1);
  assert.match(events[0], /^option_invalid: option session \(session\) must be the session of this client secret/);
}, { expected: [/^open-cashier: option_invalid: option session/] });

scenario("exactly one screen is shown at any time of a slow start", async (visit) => {
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
  // With all files cached, the selector is the first screen.
  const shown = seen.filter((/** @type {string} */ what) => what !== "" && what !== "skeleton");
  assert.deepEqual(shown, ["selector"]);
});

scenario("a widget that is removed during its start leaves no unhandled rejection", async (visit) => {
  const { servers, context } = visit;
  const session = await servers.openSession();
  const reads = held(context);
  await reads.ready;
  const page = await visit.page('<div id="pay"></div><script type="module" src="/scene.js"></script>', {
    script: `
      import { OpenCashier } from "/opencashier/opencashier.js";
      const rejections = [];
      addEventListener("unhandledrejection", ({ reason }) => rejections.push(String(reason)));
      ${TURN}
      const options = {
        clientSecret: ${JSON.stringify(session.client_secret)}, apiBase: ${JSON.stringify(servers.merchantUrl)},
        session: ${JSON.stringify(session)},
      };
      let reads = 0;
      const send = window.fetch;
      window.fetch = (request, ...more) => {
        if (new URL(request.url || request, location).pathname.startsWith("/v1/")) reads += 1;
        return send(request, ...more);
      };
      await OpenCashier.preload();
      // At each moment, and at last while it reads, however long that takes to begin.
      for (let turns = 0; turns <= 16; turns += 1) {
        const before = reads;
        const checkout = OpenCashier(options).mount("#pay");
        for (let left = turns; left; left -= 1) await turn();
        while (turns === 16 && reads === before) await turn();
        checkout.unmount();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      window.rejections = rejections;`,
  });
  await page.waitForFunction(() => window.rejections);
  assert.deepEqual(await page.evaluate(() => window.rejections), []);
  assert.ok(reads.asked.length > 0, "no widget was removed while it read");
  reads.release();
});

scenario("the build's head loads each file once, and all but the Wasm and its glue immediately", async (visit) => {
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
  // After the head's files the loader requests the app; browsers with modules skip the fallback.
  assert.deepEqual([...asked.keys()].sort(), [...names.slice(0, 2), ...app].sort());
  assert.deepEqual([...new Set(asked.values())], [1], "a hint was loaded twice");
  assert.deepEqual([...new Set(lasting)], ["public, max-age=31536000, immutable"]);
});

scenario("a file without a content hash in its name is not cached", async (visit) => {
  const { servers } = visit;
  const answer = await fetch(`${servers.shopUrl}/opencashier/opencashier.js`);
  assert.equal(answer.headers.get("cache-control"), "no-cache");
});
