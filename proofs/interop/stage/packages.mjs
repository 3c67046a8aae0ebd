// Third-party clients, which `cargo xtask interop` installs outside the checkout.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = process.env.OPENCASHIER_INTEROP_MODULES;
if (!folder) throw new Error("run these tests by `cargo xtask interop`: OPENCASHIER_INTEROP_MODULES is not set");
const require = createRequire(join(folder, "..", "package.json"));

/** Alipay's own client for Node.js. */
export const { AlipaySdk } = require("alipay-sdk");
/** Its signer for requests of the newer protocol, which it does not export. */
export const { signatureV3: alipaySign } = require(join(dirname(require.resolve("alipay-sdk")), "util.js"));

/** A third-party client of WeChat Pay, and its parts. */
export const { Wechatpay, Formatter, Rsa, Aes } = require("wechatpay-axios-plugin");

/** Another third-party client of WeChat Pay, and the part of it that sends. */
export const Pay = require("wechatpay-node-v3");
export const { PayRequest } = require(join(dirname(require.resolve("wechatpay-node-v3")), "lib", "pay-request.js"));

/** The verifier of the Standard Webhooks convention. */
export const { Webhook } = require("standardwebhooks");
