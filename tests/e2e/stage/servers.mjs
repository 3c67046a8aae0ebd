// The servers of one spec file: sandbox, merchant backend and storefront, as in the demo.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** Folder for logs and screenshots of failures, and for keys that the next run reuses. */
export const OUT = process.env.OPENCASHIER_E2E_OUT ?? join(tmpdir(), "opencashier-e2e");
const BIN = process.env.OPENCASHIER_BIN_DIR ?? join(ROOT, "target", "debug");
const LISTENS = /listening on (http:\/\/\S+)/;
const START_TIMEOUT_MS = 60_000;

/** One server process. It can be killed and started again at the same address. */
class Server {
  /** @type {import("node:child_process").ChildProcess | null} */
  #child = null;
  log = "";

  /** @param {string} name @param {string} program @param {string[]} args @param {Record<string, string>} [env] */
  constructor(name, program, args, env = {}) {
    this.name = name;
    this.program = program;
    this.args = args;
    this.env = env;
  }

  /** Starts it and waits until it prints that it listens. @returns {Promise<void>} */
  start() {
    const child = spawn(join(BIN, this.program), this.args, {
      env: { ...process.env, ...this.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    return new Promise((resolve, reject) => {
      let output = "";
      const fail = (/** @type {string} */ what) => {
        clearTimeout(timer);
        reject(new Error(`${this.name} ${what}:\n${this.log.slice(-2000)}`));
      };
      const timer = setTimeout(() => fail("does not listen"), START_TIMEOUT_MS);
      const read = (/** @type {string} */ chunk) => {
        this.log += chunk;
        if (LISTENS.test(output)) return;
        output += chunk;
        if (!LISTENS.test(output)) return;
        clearTimeout(timer);
        resolve();
      };
      child.stdout.setEncoding("utf8").on("data", read);
      child.stderr.setEncoding("utf8").on("data", read);
      child.on("error", (error) => fail(`cannot be started (${error.message})`));
      child.on("exit", (code, signal) => fail(`ended (${code ?? signal})`));
    });
  }

  /** Ends it as a power cut does. */
  kill() {
    return this.#end("SIGKILL");
  }

  stop() {
    return this.#end("SIGTERM");
  }

  get pid() {
    return this.#child?.pid;
  }

  /** @param {NodeJS.Signals} signal @returns {Promise<void>} */
  #end(signal) {
    const child = this.#child;
    this.#child = null;
    // Without a process number it was never started, and never ends.
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      child.on("exit", () => {
        clearTimeout(timer);
        resolve();
      });
      child.kill(signal);
    });
  }
}

/** The sandbox, the merchant backend and the storefront. */
export class Servers {
  /**
   * Starts all three on free loopback ports.
   * @param {{ desktopFlow?: string, mobileFlow?: string, settings?: Record<string, object>, log?: string, hasShop?: boolean, database?: string, instances?: number, isBehind?: boolean }} options
   *   what Alipay is on a desktop and a phone, more settings of the merchant by section, which may contain @SHOP_URL@, what both servers log, whether there is a shop,
   *   the merchant's database if not a file of its own, how many instances of it share the database, and whether something of the test's stands before shop and merchant
   *   at the addresses that the browser knows
   */
  static async start({ desktopFlow = "precreate", mobileFlow = "wap", settings = {}, log = "info", hasShop = true, database = "", instances = 1, isBehind = false } = {}) {
    await mkdir(OUT, { recursive: true });
    const folder = await mkdtemp(join(OUT, "servers-"));
    const [shop, sandbox, ...merchants] = await freePorts(2 + instances);
    const own = isBehind ? await freePorts(1 + instances) : [shop, ...merchants];
    const servers = new Servers(folder, { shop, merchants, sandbox, own });
    try {
      await servers.#start({ desktopFlow, mobileFlow, settings, log, hasShop, database, instances, isBehind });
    } catch (error) {
      await servers.stop();
      throw error;
    }
    return servers;
  }

  /** The instances of the merchant backend. @type {Server[]} */
  merchants = [];
  /** The first of them. @type {Server | undefined} */
  merchant;

  /** @param {string} folder @param {{ shop: number, merchants: number[], sandbox: number, own: number[] }} ports */
  constructor(folder, ports) {
    this.folder = folder;
    this.shopUrl = `http://127.0.0.1:${ports.shop}`;
    this.merchantUrls = ports.merchants.map((port) => `http://127.0.0.1:${port}`);
    /** The address that shoppers and gateways know. */
    this.merchantUrl = this.merchantUrls[0];
    this.sandboxUrl = `http://127.0.0.1:${ports.sandbox}`;
    const [shop, ...merchants] = ports.own.map((port) => `http://127.0.0.1:${port}`);
    /** The addresses at which shop and merchant listen. */
    this.own = { shop, merchants };
    this.secretKey = `sk_test_${randomBytes(24).toString("hex")}`;
  }

  /** @param {Required<NonNullable<Parameters<typeof Servers.start>[0]>>} options */
  async #start({ desktopFlow, mobileFlow, settings, log, hasShop, database }) {
    const keys = join(this.folder, "keys");
    await mkdir(keys, { mode: 0o700 });
    // Generating RSA keys takes seconds; those of the last run are reused.
    const stored = join(OUT, "keys.json");
    await copyFile(stored, join(keys, "keys.json")).catch(() => {});
    const listen = (/** @type {string} */ url) => ["--listen", url.replace("http://", "")];
    this.sandbox = new Server("the sandbox", "sandbox", [
      ...listen(this.sandboxUrl), "--keys-dir", keys, "--speed", "20", "--merchant-name", "清禾茶铺 Qinghe Tea", "--desktop-flow", desktopFlow, "--mobile-flow", mobileFlow,
    ], { RUST_LOG: log });
    await this.sandbox.start();
    // One process may start several servers at once.
    const part = `${stored}.${basename(this.folder)}`;
    await copyFile(join(keys, "keys.json"), part);
    await rename(part, stored);

    const values = /** @type {Record<string, string>} */ ({
      MERCHANT_URL: this.merchantUrl,
      SHOP_URL: this.shopUrl,
      ORIGINS: JSON.stringify(this.shopUrl),
      SECRET_KEY: this.secretKey,
      SIGNING_KEY: randomBytes(32).toString("hex"),
      FOLDER: this.folder,
      ROOT: ROOT.replace(/\/$/, ""),
    });
    let template = await readFile(join(ROOT, "xtask", "merchant.toml"), "utf8");
    if (database) template = template.replace(/^database = .*$/m, `database = ${JSON.stringify(database)}`);
    for (const [number, url] of this.own.merchants.entries()) {
      const config = join(this.folder, `merchant-${number}.toml`);
      const own = { ...values, LISTEN: url.replace("http://", "") };
      await writeFile(config, (template + toml(settings)).replace(/@([A-Z_]+)@/g, (word, name) => own[/** @type {keyof typeof own} */ (name)] ?? word));
      const merchant = new Server("the merchant backend", "merchant", [
        "--config", config, "--config", join(keys, "gateways.toml"),
      ], { OPENCASHIER_LOG: log });
      this.merchants.push(merchant);
      this.merchant ??= merchant;
      await merchant.start();
    }

    if (!hasShop) return;
    this.shop = new Server("the storefront", join("examples", "storefront"), [
      ...listen(this.own.shop), "--root", ROOT, "--merchant", this.merchantUrl, "--gateway", this.sandboxUrl,
    ], { STOREFRONT_SECRET_KEY: this.secretKey });
    await this.shop.start();
  }

  async stop() {
    await Promise.all([this.shop, ...this.merchants, this.sandbox].map((server) => server?.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The ends of the servers' logs, for the report of a failure. */
  logs() {
    return [this.sandbox, ...this.merchants, this.shop]
      .map((server) => `== ${server?.name}\n${server?.log.slice(-20_000)}`)
      .join("\n");
  }

  /** Opens a session as the merchant's own server does. @param {object} [body] @returns {Promise<any>} */
  async openSession(body = {}) {
    const order_id = randomBytes(8).toString("hex");
    const created = await this.#askMerchant("POST", "/v1/checkout/sessions", {
      order_id,
      amount: { value: 12_800, currency: "CNY" },
      description: "Longjing tea × 1",
      return_url: `${this.shopUrl}/`,
      ...body,
    });
    return { ...created.session, client_secret: created.client_secret, embed: created.embed };
  }

  /** Reads a session as the merchant's own server does. @param {string} id @returns {Promise<any>} */
  async readSession(id) {
    return (await this.#askMerchant("GET", `/v1/checkout/sessions/${id}`)).session;
  }

  /** Waits until the automatic refund has a status. @param {string} id @param {string} status */
  async refundIs(id, status) {
    const startedAt = Date.now();
    let refund;
    while ((refund = (await this.readSession(id)).refund) !== status) {
      if (Date.now() - startedAt > START_TIMEOUT_MS) throw new Error(`the refund is ${refund}, not ${status}`);
      await sleep(50);
    }
  }

  /** Expires a session now. @param {string} id */
  expireSession(id) {
    return this.#askMerchant("POST", `/v1/checkout/sessions/${id}/expire`);
  }

  /** @param {string} method @param {string} path @param {any} [body] */
  async #askMerchant(method, path, body) {
    return ask(`${this.merchantUrl}${path}`, method, body, {
      Authorization: `Bearer ${this.secretKey}`,
      ...(body && { "Idempotency-Key": body.order_id }),
    });
  }

  /** The gateways' orders, oldest first. @returns {Promise<any[]>} */
  orders() {
    return ask(`${this.sandboxUrl}/sandbox/orders`, "GET");
  }

  /** The codes that a phone could scan now. */
  codes() {
    return ask(`${this.sandboxUrl}/sandbox/codes`, "GET");
  }

  /**
   * Does with a code what a phone does.
   * @param {"scan" | "approve" | "refuse" | "leave"} verb @param {string} code @param {string} [wallet]
   */
  phone(verb, code, wallet) {
    return ask(`${this.sandboxUrl}/sandbox/${verb}`, "POST", { code, wallet });
  }

  /** Sets the gateways' fault switches. @param {object} switches */
  faults(switches) {
    return ask(`${this.sandboxUrl}/sandbox/faults`, "POST", switches);
  }

  async resetFaults() {
    await fetch(`${this.sandboxUrl}/sandbox/faults`, { method: "DELETE" });
  }
}

/**
 * The sections in TOML; those of [server] first, in which the template ends.
 * @param {Record<string, object>} settings
 */
function toml({ server = {}, ...sections }) {
  const lines = (/** @type {object} */ entries) => Object.entries(entries).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`).join("");
  return lines(server) + Object.entries(sections).map(([name, entries]) => `[${name}]\n${lines(entries)}`).join("");
}

/**
 * @param {string} url @param {string} method @param {object} [body] @param {Record<string, string>} [headers]
 * @returns {Promise<any>}
 */
async function ask(url, method, body, headers = {}) {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text === "" ? null : JSON.parse(text);
}

/** Free ports, all held until all are known. @param {number} count */
export async function freePorts(count) {
  const listeners = await Promise.all(Array.from({ length: count }, () => /** @type {Promise<import("node:net").Server>} */ (new Promise((resolve, reject) => {
    const listener = createServer();
    listener.on("error", reject);
    listener.listen(0, "127.0.0.1", () => resolve(listener));
  }))));
  const ports = listeners.map((listener) => /** @type {import("node:net").AddressInfo} */ (listener.address()).port);
  await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))));
  return ports;
}
