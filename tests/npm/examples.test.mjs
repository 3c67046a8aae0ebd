// The examples, with the package from its tarball: built, opened in a browser under a strict policy, paid.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cp, readFile, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";

import { policy } from "../e2e/stage/scenario.mjs";
import { Widget } from "../e2e/stage/widget.mjs";
import { freePort, fromPackages, modules, project } from "./projects.mjs";
import { startStage } from "./stage.mjs";

const EXAMPLES = new URL("../../npm/examples/", import.meta.url);
const TYPES = /** @type {Record<string, string>} */ ({
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".json": "application/json",
});
const load = async (/** @type {string} */ name) => import(pathToFileURL(fromPackages.resolve(name)).href);

/** @type {import("../e2e/stage/servers.mjs").Servers} */
let servers;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {() => Promise<unknown>} */
let stopStage;
before(async () => {
  ({ servers, browser, stop: stopStage } = await startStage());
});
after(() => stopStage?.());

/** Copies an example into a project that has the package. @param {string} name */
async function example(name) {
  const made = await project({});
  await cp(new URL(`${name}/`, EXAMPLES), made.folder, { recursive: true });
  return made;
}

/**
 * Answers requests from a folder, as the shop.
 * @param {(path: string) => Promise<string | Buffer>} read
 * @param {{ trustedTypes?: string, scripts?: string, apiBase?: string }} [options] `trustedTypes`: names of
 *   the policies that a framework makes for itself; `scripts`: hashes of its inline scripts
 */
async function serve(read, { trustedTypes = "'none'", scripts = "", apiBase = servers.merchantUrl } = {}) {
  const csp = policy({ ...servers, merchantUrl: apiBase, sandboxUrl: servers.sandboxUrl })
    .replace("trusted-types 'none'", `trusted-types ${trustedTypes}`)
    .replace("script-src", `script-src ${scripts}`);
  const { port } = new URL(servers.shopUrl);
  const server = createServer(async ({ url }, response) => {
    const path = new URL(url ?? "", servers.shopUrl).pathname.replace(/^\/$/, "/index.html");
    try {
      const body = await read(path);
      response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream", "Content-Security-Policy": csp });
      response.end(body);
    } catch {
      response.writeHead(path === "/favicon.ico" ? 204 : 404).end();
    }
  });
  await new Promise((done) => server.listen(Number(port), "127.0.0.1", () => done(undefined)));
  return async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
}

/**
 * Opens the shop's page, pays as a shopper does, and expects the page to know it.
 * @param {"alipay" | "wechat_pay"} wallet
 * @param {{ button?: string, isThanked?: boolean, color?: string, errors?: string[], before?: (page: import("playwright-core").Page) => Promise<void> }} [options]
 *   `button`: of the page's own; `color`: of the pay button, by an object that the page sets as an option;
 *   `errors`: of the console; `before`: called with the code on the screen
 */
async function pay(wallet, { button, isThanked = Boolean(button), color, errors: expected = [], before = async () => {} } = {}) {
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 1280, height: 900 } });
  /** @type {string[]} */
  const errors = [];
  context.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
  context.on("weberror", (error) => void errors.push(String(error.error())));
  try {
    const session = await servers.openSession();
    const page = await context.newPage();
    await page.route("**/api/checkout", (route) => route.fulfill({ json: { clientSecret: session.client_secret, apiBase: servers.merchantUrl } }));
    await page.goto(servers.shopUrl);
    const widget = new Widget(page, { session });
    await widget.isLiveSelector();
    await widget.choose(wallet);
    // The page's text before its listener of "ready" was called, in the examples that have one.
    await page.getByText("One moment…").waitFor({ state: "hidden" });
    if (color) assert.equal(await widget.button("pay").evaluate((element) => getComputedStyle(element).backgroundColor), color);
    await (button ? page.getByRole("button", { name: button }) : widget.button("pay")).click();
    const code = await widget.code();
    await before(page);
    await servers.phone("approve", code, wallet);
    await widget.isPaid();
    if (isThanked) await page.getByRole("heading", { name: "Thank you" }).waitFor();
  } finally {
    await context.close();
    assert.deepEqual(errors, expected);
  }
}

/** Policies that frameworks make for themselves. @type {Record<string, string | undefined>} */
const TRUSTED_TYPES = { svelte: "svelte-trusted-html", vue: "vue" };
/** `appearance` of the examples, an object that a framework must set as a property. */
const COLOR = "rgb(47, 107, 74)";

for (const name of ["react", "svelte", "vue"]) {
  const button = name === "react" ? "Place the order" : undefined;
  const options = { button, isThanked: true, ...(!button && { color: COLOR }) };

  test(`${name}: built by Vite`, async () => {
    const { folder, remove } = await example(name);
    const { build } = await load("vite");
    await build({ root: folder, configFile: join(folder, "vite.config.js"), logLevel: "warn", build: { target: "es2022" } });
    const assets = await readdir(join(folder, "dist", "assets"));
    assert.ok(assets.some((file) => file.endsWith(".wasm")), `Vite took no Wasm along: ${assets}`);
    const stop = await serve((path) => readFile(join(folder, "dist", path)), { trustedTypes: TRUSTED_TYPES[name] });
    try {
      await pay("alipay", options);
    } finally {
      await stop();
      await remove();
    }
  });

  test(`${name}: by Vite's development server`, async () => {
    const { folder, remove } = await example(name);
    const { createServer: createVite } = await load("vite");
    const vite = await createVite({
      root: folder,
      configFile: join(folder, "vite.config.js"),
      logLevel: "warn",
      // The other packages are links to a folder outside the project.
      server: { host: "127.0.0.1", port: Number(new URL(servers.shopUrl).port), strictPort: true, fs: { strict: false }, hmr: false },
    });
    await vite.listen();
    try {
      await pay("wechat_pay", options);
    } finally {
      await vite.close();
      await remove();
    }
  });
}

/**
 * Makes a project whose `main.jsx` is bundled with the React of that mode; the widget's files lie beside it.
 * @param {Record<string, string>} files @param {"development" | "production"} mode
 */
async function bundled(files, mode) {
  const made = await project(files);
  await fromPackages("esbuild").build({
    absWorkingDir: made.folder, entryPoints: ["main.jsx"], bundle: true, format: "esm", outdir: "dist", logLevel: "error",
    define: { "process.env.NODE_ENV": `"${mode}"` },
  });
  await cp(join(made.installed, "dist"), join(made.folder, "dist", "opencashier"), { recursive: true });
  return made;
}

test("react: a server renders the selector, and React takes it over without a difference", async () => {
  // The development build of React compares what the server has rendered, and reports differences.
  const { folder, remove } = await bundled({
    "main.jsx": `
      import { createElement } from "react";
      import { hydrateRoot } from "react-dom/client";
      import { OpenCashier as element } from "opencashier";
      import { OpenCashier } from "opencashier/react";
      element.assetBase = "/opencashier/";
      const embed = document.querySelector("#root > div").dataset.embed;
      const onPaymentCompleted = () => { document.querySelector("h1").textContent = "Thank you"; };
      hydrateRoot(document.querySelector("#root"),
        createElement(OpenCashier, { embed, onPaymentCompleted, "data-embed": embed }));`,
    "render.mjs": `
      import { createElement } from "react";
      import { renderToString } from "react-dom/server";
      import { OpenCashier } from "opencashier/react";
      let embed = "";
      for await (const chunk of process.stdin) embed += chunk;
      console.log(renderToString(createElement(OpenCashier, { embed, "data-embed": embed })));`,
  }, "development");
  const session = await servers.openSession({ embed: { locale: "en" } });
  const markup = execFileSync("node", ["render.mjs"], { cwd: folder, input: session.embed, encoding: "utf8" });
  const stop = await serve(async (path) => path === "/index.html"
    ? `<!doctype html><html lang="en"><title>Pay</title><h1>Pay for your order</h1><main id="root">${markup.trim()}</main><script type="module" src="/main.js"></script></html>`
    : readFile(join(folder, "dist", path)));
  try {
    await pay("alipay", { isThanked: true });
  } finally {
    await stop();
    await remove();
  }
});

test("react: another embed has the props and callbacks of the first", async () => {
  const { folder, remove } = await bundled({
    "main.jsx": `
      import { createElement } from "react";
      import { flushSync } from "react-dom";
      import { createRoot } from "react-dom/client";
      import { OpenCashier as element } from "opencashier";
      import { OpenCashier } from "opencashier/react";
      element.assetBase = "/opencashier/";
      trustedTypes.createPolicy("default", { createHTML: (html) => html });
      const main = document.querySelector("main");
      const onPaymentCompleted = () => { document.querySelector("h1").textContent = "Thank you"; };
      const root = createRoot(main);
      for (const embed of JSON.parse(main.dataset.embeds)) {
        flushSync(() => root.render(createElement(OpenCashier, { embed, onPaymentCompleted })));
      }`,
  }, "production");
  const sessions = await Promise.all([1, 2].map(() => servers.openSession({ embed: { locale: "en" } })));
  const embeds = JSON.stringify(sessions.map(({ embed }) => embed)).replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const stop = await serve(async (path) => path === "/index.html"
    ? `<!doctype html><html lang="en"><title>Pay</title><h1>Pay for your order</h1><main data-embeds="${embeds}"></main><script type="module" src="/main.js"></script></html>`
    : readFile(join(folder, "dist", path)), { trustedTypes: "default" });
  try {
    await pay("alipay", { isThanked: true });
  } finally {
    await stop();
    await remove();
  }
});

test("react: a callback that is not the checkout's and not React's is reported once", async () => {
  const { folder, remove } = await bundled({
    "main.jsx": `
      import { createElement } from "react";
      import { createRoot } from "react-dom/client";
      import { OpenCashier as element } from "opencashier";
      import { OpenCashier } from "opencashier/react";
      element.assetBase = "/opencashier/";
      const root = createRoot(document.querySelector("main"));
      const none = () => {};
      for (let times = 0; times < 2; times += 1) {
        root.render(createElement(OpenCashier, {
          ...(await (await fetch("/api/checkout")).json()),
          onPaymentComplete: () => {}, onReady: none, onClick: none, onDoubleClick: none, onGotPointerCapture: none, onKeyDownCapture: none, onTouchStart: none,
        }));
      }`,
  }, "production");
  const stop = await serve(async (path) => path === "/index.html"
    ? '<!doctype html><html lang="en"><title>Pay</title><main></main><script type="module" src="/main.js"></script></html>'
    : readFile(join(folder, "dist", path)));
  try {
    const message = "open-cashier: option_invalid: there is no option onPaymentComplete";
    await pay("alipay", { errors: [`${message} https://github.com/opencashier/opencashier/blob/main/docs/ERRORS.md#option_invalid`] });
  } finally {
    await stop();
    await remove();
  }
});

test("next: exported by its own build", async () => {
  const { folder, remove } = await example("next");
  execFileSync("node", [join(modules, "next", "dist", "bin", "next"), "build"], {
    cwd: folder, stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" },
  });
  const html = await readFile(join(folder, "out", "index.html"), "utf8");
  // Next.js writes inline scripts; a policy without 'unsafe-inline' names their hashes.
  const inline = [...html.matchAll(/<script(?![^>]* src=)[^>]*>(.*?)<\/script>/gs)].map(([, text]) => text ?? "");
  const scripts = inline.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`).join(" ");
  const stop = await serve((path) => readFile(join(folder, "out", path)), { scripts, trustedTypes: "nextjs nextjs#bundler" });
  try {
    await pay("alipay", { isThanked: true });
  } finally {
    await stop();
    await remove();
  }
});

/** Builds an Angular project. @param {string} folder */
function buildAngular(folder) {
  execFileSync("node", [join(modules, "@angular", "cli", "bin", "ng.js"), "build", "--progress=false"], {
    cwd: folder, stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, NG_CLI_ANALYTICS: "false" },
  });
}

test("angular: built by its own build", async () => {
  const { folder, remove } = await example("angular");
  buildAngular(folder);
  const stop = await serve((path) => readFile(join(folder, "dist", path)), { trustedTypes: "angular" });
  try {
    await pay("wechat_pay", { isThanked: true, color: COLOR });
  } finally {
    await stop();
    await remove();
  }
});

// Tests and server rendering of such an application wait until it is stable.
test("angular with zone.js (B40): while a code is shown, its timers and requests leave the application stable", async () => {
  const { folder, remove } = await example("angular");
  const change = async (/** @type {string} */ name, /** @type {[string, string][]} */ changes) => {
    let text = await readFile(join(folder, name), "utf8");
    for (const [from, to] of changes) {
      assert.ok(text.includes(from), from);
      text = text.replaceAll(from, to);
    }
    await writeFile(join(folder, name), text);
  };
  await change("src/main.ts", [
    ["provideZonelessChangeDetection", "provideZoneChangeDetection"],
    ["Component, ", "Component, NgZone, "],
    ["Detection()] });", "Detection()] }).then((app) => Object.assign(globalThis, { app, zone: app.injector.get(NgZone) }));"],
  ]);
  await change("angular.json", [['"tsConfig":', '"polyfills": ["zone.js"], "tsConfig":']]);
  buildAngular(folder);
  const stop = await serve((path) => readFile(join(folder, "dist", path)), { trustedTypes: "angular" });
  try {
    await pay("alipay", { isThanked: true, color: COLOR, before: isStable });
  } finally {
    await stop();
    await remove();
  }
});

/** Fails if an Angular application is not stable during three seconds of the countdown. @param {import("playwright-core").Page} page */
async function isStable(page) {
  const [checkout, own] = await page.evaluate(async () => {
    const { app, zone } = /** @type {any} */ (globalThis);
    /** @type {boolean[]} */
    let states = [];
    app.isStable.subscribe((/** @type {boolean} */ state) => states.push(state));
    const wait = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));
    await wait(3_500);
    const checkout = states;
    states = [];
    zone.run(() => setTimeout(() => {}, 50));
    await wait(500);
    return [checkout, states];
  });
  assert.deepEqual(checkout, [true]);
  assert.deepEqual(own, [false, true], "a timer of the application itself");
}

test("tag manager: the widget comes after the page has set an object as an option", async () => {
  const { folder, installed, remove } = await example("tag-manager");
  const html = await readFile(join(folder, "index.html"), "utf8");
  const session = await servers.openSession();
  const stop = await serve(async (path) => path === "/index.html"
    ? html.replace("{{ client_secret }}", session.client_secret).replace("{{ api_base }}", servers.merchantUrl)
    : readFile(path.startsWith("/npm/") ? join(installed, path.replace("/npm/opencashier@0.1.0/", "")) : join(folder, path)), { trustedTypes: "tag-manager" });
  try {
    await pay("wechat_pay", { isThanked: true, color: COLOR });
  } finally {
    await stop();
    await remove();
  }
});

test("webpack", async () => {
  const { folder, remove } = await example("webpack");
  const webpack = fromPackages("webpack");
  const { default: config } = await import(pathToFileURL(join(folder, "webpack.config.js")).href);
  await new Promise((done, fail) => webpack({ ...config, context: folder, output: { ...config.output, path: join(folder, "dist") } },
    (/** @type {any} */ error, /** @type {any} */ stats) => {
      if (error || stats.hasErrors()) fail(error ?? new Error(stats.toString("errors-only")));
      else done(stats);
    }));
  const stop = await serve((path) => readFile(join(folder, path === "/index.html" ? "." : "dist", path)));
  try {
    await pay("alipay");
  } finally {
    await stop();
    await remove();
  }
});

// A classic script has no address of its own.
for (const format of /** @type {const} */ (["esm", "iife"])) {
  test(`esbuild, with the address of the files (${format})`, async () => {
    const { folder, installed, remove } = await example("esbuild");
    const esbuild = fromPackages("esbuild");
    const main = join(folder, "src", "main.js");
    if (format === "iife") {
      const [first, ...rest] = (await readFile(main, "utf8")).split("\n");
      await writeFile(main, `${first}\n(async () => {\n${rest.join("\n")}})();\n`);
    }
    await esbuild.build({
      absWorkingDir: folder, entryPoints: [main], bundle: true, format, minify: true, outdir: join(folder, "dist"),
      logLevel: "error",
    });
    await cp(join(installed, "dist"), join(folder, "dist", "opencashier"), { recursive: true });
    const stop = await serve((path) => readFile(join(folder, path === "/index.html" ? "." : "dist", path)));
    try {
      await pay("wechat_pay");
    } finally {
      await stop();
      await remove();
    }
  });
}

test("no bundler: the file of a CDN, by a path with a version", async () => {
  const { folder, installed, remove } = await example("plain");
  const page = await readFile(join(folder, "index.html"), "utf8");
  const session = await servers.openSession();
  const stop = await serve(async (path) => path === "/index.html"
    ? page.replace("{{ client_secret }}", session.client_secret).replace("{{ api_base }}", servers.merchantUrl)
    : readFile(join(installed, path.replace("/npm/opencashier@0.1.0/", ""))));
  try {
    await pay("alipay");
  } finally {
    await stop();
    await remove();
  }
});

test("no bundler, and the backend in Node.js", async () => {
  const { folder, installed, remove } = await example("plain");
  const { folder: backendFolder, remove: removeBackend } = await example("backend-node");
  const port = String(await freePort());
  const backend = spawn("node", ["server.js", "--port", port, "--origin", servers.shopUrl, "--file", "sessions.json"], {
    cwd: backendFolder, env: { ...process.env, SECRET_KEY: "sk_test_node" }, stdio: ["ignore", "pipe", "inherit"],
  });
  const apiBase = `http://127.0.0.1:${port}`;
  const html = await readFile(join(folder, "index.html"), "utf8");
  try {
    await once(backend.stdout, "data");
    const { Merchant } = await import(pathToFileURL(join(installed, "server", "index.js")).href);
    const merchant = new Merchant({ apiBase, secretKey: "sk_test_node" });
    const order = { order_id: "1", amount: { value: 12_800, currency: "CNY" }, description: "Tea" };
    const { client_secret } = await merchant.openSession(order, { idempotencyKey: "1" });
    const stop = await serve(async (path) => path === "/index.html"
      ? html.replace("{{ client_secret }}", client_secret).replace("{{ api_base }}", apiBase)
      : readFile(join(installed, path.replace("/npm/opencashier@0.1.0/", ""))), { apiBase });
    const context = await browser.newContext({ locale: "en-US", viewport: { width: 1280, height: 900 } });
    try {
      const page = await context.newPage();
      await page.goto(servers.shopUrl);
      const widget = new Widget(page);
      const code = await widget.payByCode("wechat_pay");
      const paid = await fetch(`${apiBase}/sandbox/approve`, { method: "POST", body: JSON.stringify({ code }) });
      assert.equal(paid.status, 200);
      await widget.isPaid();
    } finally {
      await context.close();
      await stop();
    }
  } finally {
    backend.kill();
    await remove();
    await removeBackend();
  }
});

test("the shop's server of the examples opens a session, and the same one when the page is loaded again", async () => {
  const { folder, remove } = await project({});
  await cp(new URL("shop-server.js", EXAMPLES), join(folder, "shop-server.js"));
  const port = String(await freePort());
  const shop = spawn("node", ["shop-server.js"], {
    cwd: folder,
    env: { ...process.env, PORT: port, API_BASE: servers.merchantUrl, SECRET_KEY: servers.secretKey, WEBHOOK_SECRET: "whsec_YQ==" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    await once(shop.stdout, "data");
    const address = `http://127.0.0.1:${port}/api/checkout`;
    const first = await fetch(address);
    const { clientSecret, apiBase } = await first.json();
    assert.match(clientSecret, /^cs_\w+_secret_\w+$/);
    const [cookie = ""] = first.headers.getSetCookie();
    const again = await fetch(address, { headers: { Cookie: cookie.split(";")[0] ?? "" } });
    assert.equal((await again.json()).clientSecret, clientSecret);
    assert.notEqual((await (await fetch(address)).json()).clientSecret, clientSecret);
    assert.equal(apiBase, servers.merchantUrl);
    assert.equal((await fetch(`http://127.0.0.1:${port}/webhooks`, { method: "POST", body: "{}" })).status, 400);
  } finally {
    shop.kill();
    await remove();
  }
});
