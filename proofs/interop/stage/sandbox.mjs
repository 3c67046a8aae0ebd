// Our sandbox as a process, with the keys of the merchant and of the platforms.
import { createPublicKey } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Program } from "./program.mjs";

const OUT = process.env.OPENCASHIER_INTEROP_OUT ?? join(tmpdir(), "opencashier-interop");
/** Speed-up by which a refund takes 60 ms and a notification is retried after 15 ms. */
const SPEED = "1000";

export class Sandbox {
  /** @type {Program} */ #program = /** @type {any} */ (null);
  folder = "";
  url = "";
  /** The merchant's configuration of each gateway. @type {any} */
  wechat;
  /** @type {any} */
  alipay;
  /** The private keys that only the platforms hold. */
  platform = { wechat: "", alipay: "" };

  /** Starts it on a free port, with keys in a folder of its own. @param {string[]} [more] arguments */
  static async start(more = []) {
    await mkdir(OUT, { recursive: true });
    const sandbox = new Sandbox();
    sandbox.folder = await mkdtemp(join(OUT, "keys-"));
    // Generating RSA keys takes seconds; those of the last run are reused.
    const storedKeys = join(OUT, "keys.json");
    await copyFile(storedKeys, join(sandbox.folder, "keys.json")).catch(() => {});
    sandbox.#program = await Program.start("sandbox", [
      "--listen", "127.0.0.1:0", "--keys-dir", sandbox.folder, "--speed", SPEED, ...more,
    ]);
    sandbox.url = sandbox.#program.url;
    const part = `${storedKeys}.${process.pid}`;
    await copyFile(join(sandbox.folder, "keys.json"), part);
    await rename(part, storedKeys);
    const gateways = readToml(await readFile(join(sandbox.folder, "gateways.toml"), "utf8"));
    sandbox.wechat = gateways.wechat_pay;
    sandbox.alipay = gateways.alipay;
    const secrets = JSON.parse(await readFile(join(sandbox.folder, "keys.json"), "utf8"));
    sandbox.platform = { wechat: secrets.wechat_pay_private_key, alipay: secrets.alipay_private_key };
    return sandbox;
  }

  async stop() {
    await this.#program.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Acts on a code like a phone. @param {string} verb @param {string} code */
  phone(verb, code) {
    return this.#ask("POST", verb, { code });
  }

  /** @param {object} switches */
  faults(switches) {
    return this.#ask("POST", "faults", switches);
  }

  /** Injects a fault into the next calls of a kind. @param {string} kind @param {string} fault */
  spoilNext(kind, fault, count = 1) {
    return this.#ask("POST", "chaos", { next: { [kind]: { [fault]: count } } });
  }

  /** The certificates of both platforms and of the application, as PEM. */
  certificates() {
    return this.#ask("GET", "certificates");
  }

  /** WeChat Pay signs by a new platform certificate from now on. */
  rotate() {
    return this.#ask("POST", "certificates/rotate", {});
  }

  async allIsWell() {
    await this.#ask("DELETE", "faults");
    await this.#ask("DELETE", "chaos");
  }

  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  async #ask(method, path, body) {
    const response = await fetch(`${this.url}/sandbox/${path}`, {
      method,
      headers: body && { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} /sandbox/${path}: ${response.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  }
}

/** Returns the public key of a private key. @param {string} privateKey */
export function publicKeyOf(privateKey) {
  return createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
}

let numbers = 0;
/** An order number that no other test has. */
export function orderNumber(prefix = "S") {
  numbers += 1;
  return `${prefix}${process.pid}_${Date.now().toString(36)}_${numbers}`;
}

/** Parses the sandbox's TOML file: sections of strings, and of values that are also JSON. @param {string} text */
function readToml(text) {
  /** @type {Record<string, Record<string, any>>} */
  const sections = {};
  /** @type {Record<string, any>} */
  let section = {};
  const member = /^\[(\w+)\]$|^(\w+) = (?:"""([\s\S]*?)"""|(.*))$/gm;
  for (const [, name, key, long, short] of text.matchAll(member)) {
    if (name) section = sections[name] = {};
    else section[key] = long ?? JSON.parse(short);
  }
  return sections;
}
