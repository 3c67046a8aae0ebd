// Other people's clients, which `cargo xtask interop` keeps outside the checkout.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = process.env.OPENCASHIER_INTEROP_MODULES;
if (!folder) throw new Error("run these tests by `cargo xtask interop`: OPENCASHIER_INTEROP_MODULES is not set");
const require = createRequire(join(folder, "..", "package.json"));

/** Alipay's own client for Node.js. */
export const { AlipaySdk } = require("alipay-sdk");
/** Its signer, which it does not export: what it signs requests of the newer protocol with. */
export const { signatureV3: alipaySign } = require(join(dirname(require.resolve("alipay-sdk")), "util.js"));

/** A client of WeChat Pay by somebody else, and the parts that it is made of. */
export const { Wechatpay, Formatter, Rsa, Aes } = require("wechatpay-axios-plugin");
