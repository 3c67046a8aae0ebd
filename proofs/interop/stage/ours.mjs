// Our clients, one process per call: `crates/gateways/examples/one_call.rs`.
import { spawn } from "node:child_process";
import { join } from "node:path";

const PROGRAM = join(process.env.OPENCASHIER_BIN_DIR ?? "", "examples", "one_call");

/** Makes a call with one of our clients. @param {string} gateway @param {object} config @param {unknown} call @returns {Promise<{ ok?: any, error?: { code: string, message: string } }>} */
export function ours(gateway, config, call) {
  const child = spawn(PROGRAM, { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(JSON.stringify({ gateway, config, call }));
  return new Promise((resolve, reject) => {
    let output = "";
    let complaint = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => (output += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk) => (complaint += chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(output));
      else reject(new Error(`our client ended with ${code}: ${complaint}`));
    });
  });
}

/** Our WeChat Pay client's configuration, from what the sandbox wrote for the merchant. @param {any} written */
export function wechatConfig(written, baseUrl = written.base_url) {
  const { mchid, appid, merchant_serial, merchant_private_key, api_v3_key, public_key_id, public_key } = written;
  return {
    base_url: baseUrl, mchid, appid, merchant_serial, merchant_private_key, api_v3_key, public_key_id, public_key,
  };
}

/** Our Alipay client's configuration, from what the sandbox wrote for the merchant. @param {any} written */
export function alipayConfig(written, gatewayUrl = written.gateway_url) {
  const { app_id, seller_id, app_private_key, alipay_public_key } = written;
  return { gateway_url: gatewayUrl, app_id, seller_id, app_private_key, alipay_public_key };
}

/** An order as our clients take it. @param {string} outTradeNo */
export function order(outTradeNo, more = {}) {
  return {
    out_trade_no: outTradeNo,
    amount: 12_800,
    description: DESCRIPTION,
    expires_at: Math.floor(Date.now() / 1000) + 1800,
    notify_url: "http://127.0.0.1:9/notify",
    ...more,
  };
}

/** A text that a missing, repeated or re-serialized encoding would change. */
export const DESCRIPTION = '龙井茶 100% + "礼盒" <1> \\ \u{1f375}';
