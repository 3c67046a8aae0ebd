// Shared by the Alipay tests: Alipay's client, and our sandbox, client and shop.
import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";

import { Listener } from "./listener.mjs";
import { DESCRIPTION, alipayConfig, ours } from "./ours.mjs";
import { AlipaySdk, alipaySign } from "./packages.mjs";
import { Sandbox, publicKeyOf } from "./sandbox.mjs";

// Their client sends the machine's local time, which Alipay reads as China's.
process.env.TZ = "Asia/Shanghai";

/** A subject may hold none of `/`, `=`, `&` (gateways.md B5.1). */
export const SUBJECT = DESCRIPTION.replace(/[/=&]/g, "");

export class AlipayStage {
  /** @type {Sandbox} */ sandbox = /** @type {any} */ (null);
  /** Receives our sandbox's notifications. @type {Listener} */
  shop = /** @type {any} */ (null);
  /** Emulates the platform with the answers of `answer`. @type {Listener} */
  platform = /** @type {any} */ (null);
  /** @type {(request: import("./listener.mjs").Received) => import("./listener.mjs").Answer} */
  answer = () => ({});
  /** Their client. @type {any} */
  theirs;

  /** Sets up a spec file. */
  constructor() {
    before(async () => {
      this.sandbox = await Sandbox.start();
      this.shop = await Listener.start(() => ({ body: "success" }));
      this.platform = await Listener.start((request) => this.answer(request));
      this.theirs = this.client();
    });
    after(() => Promise.all([this.sandbox?.stop(), this.shop?.stop(), this.platform?.stop()]));
    afterEach(() => this.sandbox.allIsWell());
  }

  /** Their client for our sandbox. @returns {any} */
  client(more = {}) {
    const { gateway_url, app_id, app_private_key, alipay_public_key } = this.sandbox.alipay;
    return new AlipaySdk({
      gateway: gateway_url, appId: app_id, privateKey: app_private_key, keyType: "PKCS8",
      alipayPublicKey: alipay_public_key, ...more,
    });
  }

  /**
   * A call by their client, which verifies the answer.
   * @param {string} method @param {object} bizContent @param {{ by?: any, [member: string]: unknown }} [more]
   */
  call(method, bizContent, { by = this.theirs, ...more } = {}) {
    return by.exec(`alipay.trade.${method}`, { bizContent, ...more }, { validateSign: true });
  }

  /** @param {string} number */
  content(number, more = {}) {
    return { out_trade_no: number, total_amount: "128.00", subject: SUBJECT, body: "二 & 三 = 五", ...more };
  }

  /** Their client orders a code at our sandbox, and the phone pays. Returns the notification. @param {string} number @param {object} [more] */
  async paid(number, more) {
    const { qrCode } = await this.call("precreate", this.content(number, more), { notify_url: `${this.shop.url}/${number}` });
    await this.sandbox.phone("approve", qrCode);
    return this.shop.take(`/${number}`);
  }

  /** Calls `platform` with our client. @param {unknown} call @returns {Promise<{ ok?: any, error?: any }>} */
  ask(call, more = {}) {
    return ours("alipay", { ...alipayConfig(this.sandbox.alipay, `${this.platform.url}/gateway.do`), ...more }, call);
  }

  /** Verifies a request with their client, which holds the application's public key as Alipay would. @param {Record<string, string>} parameters */
  isSignedByUs(parameters) {
    const asAlipay = this.client({ alipayPublicKey: publicKeyOf(this.sandbox.alipay.app_private_key) });
    assert.equal(parameters.sign_type, "RSA2");
    // Requests are signed with `sign_type`; without it the signature must not match.
    const { sign_type: _, ...others } = parameters;
    assert.ok(!asAlipay.rsaCheck(joined(others), parameters.sign));
    return asAlipay.checkNotifySignV2(parameters);
  }

  /** An answer whose node is exactly this text, signed by their function with the platform's key. @param {string} method @param {string} node @param {string} [key] */
  signedByThem(method, node, key = this.sandbox.platform.alipay) {
    const name = `alipay_${method.replaceAll(".", "_")}_response`;
    const body = `{"${name}":${node},"sign":"${alipaySign(node, key)}"}`;
    // The text that they extract must be the one that was signed.
    assert.equal(this.theirs.getSignStr(body, name), node);
    return { headers: { "Content-Type": "text/html;charset=utf-8" }, body };
  }

  /** A notification signed by their function; `sign_type` is not part of the text. @param {Record<string, any>} members @returns {Record<string, any>} */
  notification(members) {
    const { sign_type: _, ...signed } = members;
    return { ...members, sign: alipaySign(joined(signed), this.sandbox.platform.alipay) };
  }
}

/** The members of a form. @param {{ body: Buffer | string }} request @returns {Record<string, string>} */
export const form = ({ body }) => Object.fromEntries(new URLSearchParams(body.toString()));

/** All parameters of a request to `gateway.do`, of its query and its form. @param {import("./listener.mjs").Received} request @returns {Record<string, string>} */
export function parametersOf(request) {
  const query = new URL(request.url, "http://127.0.0.1").searchParams;
  // Alipay decodes by `charset`, so it must be in the query.
  assert.equal(query.get("charset"), "utf-8");
  return { ...Object.fromEntries(query), ...form(request) };
}

/** Sorted, joined, not encoded, without `sign`. @param {Record<string, any>} parameters */
function joined(parameters) {
  const names = Object.keys(parameters).filter((name) => name !== "sign" && parameters[name] !== "").sort();
  return names.map((name) => `${name}=${parameters[name]}`).join("&");
}
