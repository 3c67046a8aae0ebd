// What the tests of Alipay share: Alipay's client, and our sandbox, client and shop.
import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";

import { Listener } from "./listener.mjs";
import { DESCRIPTION, alipayConfig, ours } from "./ours.mjs";
import { AlipaySdk, alipaySign } from "./packages.mjs";
import { Sandbox, publicKeyOf } from "./sandbox.mjs";

// Their client writes its machine's time into requests, and Alipay reads it as China's.
process.env.TZ = "Asia/Shanghai";

/** A subject may hold none of `/`, `=`, `&` (gateways.md B5.1). */
export const SUBJECT = DESCRIPTION.replace(/[/=&]/g, "");

export class AlipayStage {
  /** @type {Sandbox} */ sandbox = /** @type {any} */ (null);
  /** Our sandbox notifies a merchant here who uses their client. @type {Listener} */
  shop = /** @type {any} */ (null);
  /** Plays the platform: its answers are `answer`'s. @type {Listener} */
  platform = /** @type {any} */ (null);
  /** @type {(kept: import("./listener.mjs").Kept) => import("./listener.mjs").Answer} */
  answer = () => ({});
  /** Their client. @type {any} */
  theirs;

  /** Sets up a spec file. */
  constructor() {
    before(async () => {
      this.sandbox = await Sandbox.start();
      this.shop = await Listener.start(() => ({ body: "success" }));
      this.platform = await Listener.start((kept) => this.answer(kept));
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

  /** Lets our client make a call to `platform`. @param {unknown} call @returns {Promise<{ ok?: any, error?: any }>} */
  ask(call, more = {}) {
    return ours("alipay", { ...alipayConfig(this.sandbox.alipay, `${this.platform.url}/gateway.do`), ...more }, call);
  }

  /** What their client thinks of a request, were it Alipay: it holds the application's public key. @param {Record<string, string>} parameters */
  isSignedByUs(parameters) {
    const asAlipay = this.client({ alipayPublicKey: publicKeyOf(this.sandbox.alipay.app_private_key) });
    assert.equal(parameters.sign_type, "RSA2");
    // Tried with `sign_type` first, which is how requests are signed; without it must not do.
    const { sign_type: _, ...others } = parameters;
    assert.ok(!asAlipay.rsaCheck(joined(others), parameters.sign));
    return asAlipay.checkNotifySignV2(parameters);
  }

  /** An answer whose node is exactly this text, signed by their function with the platform's key. @param {string} method @param {string} node @param {string} [key] */
  signedByThem(method, node, key = this.sandbox.platform.alipay) {
    const name = `alipay_${method.replaceAll(".", "_")}_response`;
    const body = `{"${name}":${node},"sign":"${alipaySign(node, key)}"}`;
    // What they would take for the signed text must be what we signed.
    assert.equal(this.theirs.getSignStr(body, name), node);
    return { headers: { "Content-Type": "text/html;charset=utf-8" }, body };
  }

  /** A notification signed by their function; `sign_type` is not part of the text. @param {Record<string, any>} members @returns {Record<string, any>} */
  notification(members) {
    const { sign_type: _, ...signed } = members;
    return { ...members, sign: alipaySign(joined(signed), this.sandbox.platform.alipay) };
  }
}

/** The members of a form. @param {{ body: Buffer | string }} kept @returns {Record<string, string>} */
export const form = ({ body }) => Object.fromEntries(new URLSearchParams(body.toString()));

/** All parameters of a request to `gateway.do`, of its query and its form. @param {import("./listener.mjs").Kept} kept @returns {Record<string, string>} */
export function parametersOf(kept) {
  const query = new URL(kept.url, "http://127.0.0.1").searchParams;
  // Alipay decodes by `charset`, so it must stand where it can be read first.
  assert.equal(query.get("charset"), "utf-8");
  return { ...Object.fromEntries(query), ...form(kept) };
}

/** Sorted, joined, not encoded, without `sign`. @param {Record<string, any>} parameters */
function joined(parameters) {
  const names = Object.keys(parameters).filter((name) => name !== "sign" && parameters[name] !== "").sort();
  return names.map((name) => `${name}=${parameters[name]}`).join("&");
}
