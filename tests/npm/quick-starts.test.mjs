// The quick starts of the documents, word by word, with the package from its tarball: a page in plain
// HTML, in React and by PHP is brought to "paid" in a browser.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";

import { Widget } from "../e2e/stage/widget.mjs";
import { freePort, fromPackages, project } from "./projects.mjs";
import { startStage } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof startStage>>} */
let stage;
before(async () => {
  stage = await startStage();
});
after(() => stage?.stop());

/** Returns the blocks of a document by the words before them. @param {string} name */
async function blocksOf(name) {
  const document = await readFile(new URL(`../../docs/${name}`, import.meta.url), "utf8");
  return (/** @type {string} */ lead) => {
    const [, rest] = document.split(`${lead}:\n\n\`\`\``);
    assert.ok(rest, `${name} has no block after "${lead}:"`);
    return rest.replace(/^\w*\n/, "").split("```")[0] ?? "";
  };
}

/**
 * Starts a program of a quick start, and waits for its first line.
 * @param {string[]} command @param {string} folder @param {Record<string, string>} variables
 */
async function start([program = "", ...words], folder, variables) {
  const child = spawn(program, words, { cwd: folder, env: { ...process.env, ...variables }, stdio: ["ignore", "pipe", "pipe"] });
  await Promise.race([once(child.stdout, "data"), once(child.stderr, "data")]);
  child.stderr.resume();
  return child;
}

/** Pays on the shop's page, and expects the page to thank. @param {"alipay" | "wechat_pay"} wallet */
async function pay(wallet) {
  const context = await stage.browser.newContext({ locale: "en-US" });
  try {
    const page = await context.newPage();
    await page.goto(stage.servers.shopUrl);
    const widget = new Widget(page);
    await stage.servers.phone("approve", await widget.payByCode(wallet), wallet);
    await widget.isPaid();
    await page.getByRole("heading", { name: "Thank you" }).waitFor();
  } finally {
    await context.close();
  }
}

/** What the quick starts tell the shop's server. */
const backend = () => ({ API_BASE: stage.servers.merchantUrl, SECRET_KEY: stage.servers.secretKey });
const shopPort = () => new URL(stage.servers.shopUrl).port;

test("the storefront: a plain page and a server in Node.js", async () => {
  const block = await blocksOf("start-storefront.md");
  const { folder, remove } = await project({ "server.mjs": block("`server.mjs`"), "index.html": block("`index.html`") });
  const shop = await start(["node", "server.mjs"], folder, { ...backend(), PORT: shopPort() });
  try {
    await pay("alipay");
  } finally {
    shop.kill();
    await remove();
  }
});

test("the storefront: a page in React and a server in Node.js", async () => {
  const block = await blocksOf("start-storefront.md");
  const port = String(await freePort());
  const { folder, remove } = await project({
    "package.json": "{}",
    "server.mjs": block("`server.mjs`"),
    "vite.config.mjs": block("`vite.config.mjs`").replace("4321", port),
    "index.html": block("`index.html`, in place of the plain one"),
    "main.jsx": block("`main.jsx`"),
  });
  const shop = await start(["node", "server.mjs"], folder, { ...backend(), PORT: port });
  const { createServer } = await import(pathToFileURL(fromPackages.resolve("vite")).href);
  const vite = await createServer({
    root: folder,
    configFile: join(folder, "vite.config.mjs"),
    logLevel: "warn",
    // The other packages are links to a folder outside the project.
    server: { port: Number(shopPort()), fs: { strict: false }, hmr: false },
  });
  try {
    await vite.listen();
    await pay("wechat_pay");
  } finally {
    await vite.close();
    shop.kill();
    await remove();
  }
});

test("the backend: a plain page and a server in PHP", async () => {
  const block = await blocksOf("start-backend.md");
  const { folder, installed, remove } = await project({ "public/index.php": block("`public/index.php`") });
  await cp(join(installed, "dist"), join(folder, "public", "opencashier"), { recursive: true });
  const shop = await start(["php", "-S", `127.0.0.1:${shopPort()}`, "-t", "public"], folder, backend());
  try {
    await pay("alipay");
  } finally {
    shop.kill();
    await remove();
  }
});

test("the backend: the example without a gateway", async () => {
  const document = await readFile(new URL("../../docs/start-backend.md", import.meta.url), "utf8");
  const [command = "", open = "", approve = ""] = [...document.matchAll(/^```sh\n(.*?)^```/gms)].map(([, text]) => text ?? "");
  const port = String(await freePort());
  const here = (/** @type {string} */ text) => text.replaceAll("8787", port);
  const { folder, remove } = await project({});
  // Not the sessions of somebody who has followed the quick start in the checkout.
  await cp(new URL("../../npm/examples/backend-node/", import.meta.url), folder, { recursive: true, filter: (path) => !path.endsWith(".json") });
  const run = (/** @type {string} */ text) => execFileSync("sh", ["-c", here(text).replace("curl", "curl --silent --show-error --fail")], { cwd: folder, encoding: "utf8" });
  const node = await start(["sh", "-c", `exec env ${here(command).trim()}`], folder, {});
  try {
    const { session, client_secret } = JSON.parse(run(open));
    const address = `http://127.0.0.1:${port}/v1/checkout/sessions/${session.id}`;
    const headers = { Authorization: `Bearer ${client_secret}`, "Content-Type": "application/json", "Idempotency-Key": "1" };
    await fetch(`${address}/payments`, { method: "POST", headers, body: JSON.stringify({ payment_method: "alipay", environment: "desktop" }) });
    run(approve);
    assert.equal((await (await fetch(address, { headers })).json()).status, "complete");
  } finally {
    node.kill();
    await remove();
  }
});
