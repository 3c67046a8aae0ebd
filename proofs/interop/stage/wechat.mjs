// Shared by the WeChat Pay tests: their client and its parts, and our sandbox, client and shop.
import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";

import { Listener } from "./listener.mjs";
import { DESCRIPTION, ours, wechatConfig } from "./ours.mjs";
import { Aes, Formatter, Rsa, Wechatpay } from "./packages.mjs";
import { Sandbox, publicKeyOf } from "./sandbox.mjs";

/** @typedef {import("./listener.mjs").Received} Received */

export class WechatStage {
  /** @type {Sandbox} */ sandbox = /** @type {any} */ (null);
  /** Receives our sandbox's notifications. @type {Listener} */
  shop = /** @type {any} */ (null);
  /** Emulates the platform with the answers of `answer`, signed by their functions. @type {Listener} */
  platform = /** @type {any} */ (null);
  /** @type {(request: Received) => import("./listener.mjs").Answer} */
  answer = () => ({});
  /** Their client. @type {any} */
  theirs;

  /** Sets up a spec file. */
  constructor() {
    before(async () => {
      this.sandbox = await Sandbox.start();
      this.shop = await Listener.start(() => ({ status: 204 }));
      this.platform = await Listener.start((request) => this.answer(request));
      this.theirs = this.client();
    });
    after(() => Promise.all([this.sandbox?.stop(), this.shop?.stop(), this.platform?.stop()]));
    afterEach(() => this.sandbox.allIsWell());
  }

  /** Their client for our sandbox. It keeps its map of keys in `settings.certs`. @returns {any} */
  client(settings = {}) {
    const { base_url, mchid, merchant_serial, merchant_private_key, public_key_id, public_key } = this.sandbox.wechat;
    const usual = {
      baseURL: base_url, mchid, serial: merchant_serial, privateKey: merchant_private_key,
      certs: { [public_key_id]: public_key },
    };
    return new Wechatpay(Object.assign(settings, { ...usual, ...settings }));
  }

  /** An order as their client sends it. @param {string} number */
  body(number, more = {}) {
    const { appid, mchid } = this.sandbox.wechat;
    return {
      appid, mchid, description: DESCRIPTION, out_trade_no: number, notify_url: `${this.shop.url}/${number}`,
      attach: "a=1&b=%20+ 二", amount: { total: 12_800, currency: "CNY" }, ...more,
    };
  }

  /** Their client orders a code at our sandbox, and the phone pays. Returns the notification. @param {string} number */
  async paid(number) {
    const { data } = await this.theirs.v3.pay.transactions.native.post(this.body(number));
    await this.sandbox.phone("approve", data.code_url);
    return this.shop.take(`/${number}`);
  }

  /** @param {string} number */
  query(number, by = this.theirs) {
    return by.v3.pay.transactions.outTradeNo._out_trade_no_.get({
      params: { mchid: this.sandbox.wechat.mchid }, out_trade_no: number,
    });
  }

  /** Verifies a notification as their documentation says. @param {any} request @param {Record<string, string>} [keys] */
  isGenuine({ headers, body }, keys = { [this.sandbox.wechat.public_key_id]: this.sandbox.wechat.public_key }) {
    const message = Formatter.response(headers["wechatpay-timestamp"], headers["wechatpay-nonce"], body.toString());
    const key = keys[headers["wechatpay-serial"]];
    return key !== undefined && Rsa.verify(message, headers["wechatpay-signature"], key);
  }

  /** Decrypts a notification by their function. @param {{ body: any }} request @param {string} [key] */
  opened({ body }, key = this.sandbox.wechat.api_v3_key) {
    const { ciphertext, nonce, associated_data } = JSON.parse(body).resource;
    return JSON.parse(Aes.AesGcm.decrypt(ciphertext, key, nonce, associated_data));
  }

  /** Calls `platform` with our client. @param {unknown} call @param {object} [more] @returns {Promise<{ ok?: any, error?: any }>} */
  ask(call, more = {}) {
    return ours("wechat_pay", { ...wechatConfig(this.sandbox.wechat, this.platform.url), ...more }, call);
  }

  /** Checks the `Authorization` header of a request by their functions. @param {any} request */
  checkSignedByUs({ method, url, headers, body }) {
    const [scheme, pairs] = headers.authorization.split(" ");
    const claim = Object.fromEntries([...pairs.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    const { merchant_serial, mchid, merchant_private_key } = this.sandbox.wechat;
    assert.equal(scheme, "WECHATPAY2-SHA256-RSA2048");
    assert.deepEqual([claim.mchid, claim.serial_no], [mchid, merchant_serial]);
    // Written by them from the same parts it is the same header but for the order of its pairs.
    const message = Formatter.request(method, url, claim.timestamp, claim.nonce_str, body.toString());
    const written = Formatter.authorization(
      mchid, claim.nonce_str, Rsa.sign(message, merchant_private_key), claim.timestamp, merchant_serial,
    );
    assert.deepEqual(pairs.split(",").sort(), written.split(" ")[1].split(",").sort());
    assert.ok(Rsa.verify(message, claim.signature, publicKeyOf(merchant_private_key)));
  }

  /** Signs an answer by their functions, with the platform's key. @param {unknown} value */
  signedByThem(value, { key = this.sandbox.platform.wechat, status = 200 } = {}) {
    const body = value === null ? "" : JSON.stringify(value);
    const [timestamp, nonce] = [String(Formatter.timestamp()), Formatter.nonce()];
    return {
      status,
      body,
      headers: {
        "Content-Type": "application/json; charset=utf-8",
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": this.sandbox.wechat.public_key_id,
        "Wechatpay-Signature": Rsa.sign(Formatter.response(timestamp, nonce, body), key),
      },
    };
  }
}
