// Our backend as a process, which sends webhooks.
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Program } from "./program.mjs";

export class Merchant {
  /** @type {Program} */ #program = /** @type {any} */ (null);
  #folder = "";
  #secretKey = `sk_test_${randomBytes(24).toString("hex")}`;

  /** Starts it with the keys of a sandbox. @param {import("./sandbox.mjs").Sandbox} sandbox @param {{ url: string, secret: string[] }} webhooks */
  static async start(sandbox, webhooks) {
    const merchant = new Merchant();
    merchant.#folder = await mkdtemp(join(sandbox.folder, "merchant-"));
    const config = join(merchant.#folder, "merchant.toml");
    // JSON's texts and arrays are TOML's, too.
    const section = (/** @type {string} */ name, /** @type {object} */ settings) =>
      [`[${name}]`, ...Object.entries(settings).map(([key, value]) => `${key} = ${JSON.stringify(value)}`)].join("\n");
    await writeFile(config, [
      section("server", {
        listen: "127.0.0.1:0", public_url: "http://127.0.0.1:9", allowed_origins: ["http://127.0.0.1:9"],
        secret_key: merchant.#secretKey, signing_key: randomBytes(32).toString("hex"),
        database: join(merchant.#folder, "merchant.sqlite"), merchant_name: "清禾茶铺",
      }),
      section("webhooks", webhooks),
    ].join("\n"));
    const gateways = join(sandbox.folder, "gateways.toml");
    merchant.#program = await Program.start("merchant", ["--config", config, "--config", gateways]);
    return merchant;
  }

  /** Opens a session and expires it at once, so that an event is sent. @param {object} more */
  async expiredSession(more) {
    const body = { amount: { value: 12_800, currency: "CNY" }, description: "龙井茶", ...more };
    const { session } = await this.#ask("/v1/checkout/sessions", body);
    return this.#ask(`/v1/checkout/sessions/${session.id}/expire`);
  }

  /** @param {string} path @param {object} [body] @returns {Promise<any>} */
  async #ask(path, body) {
    const response = await fetch(`${this.#program.url}${path}`, {
      method: "POST",
      headers: {
        "Authorization": `Bearer ${this.#secretKey}`, "Content-Type": "application/json", "Idempotency-Key": randomUUID(),
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  async stop() {
    await this.#program.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
