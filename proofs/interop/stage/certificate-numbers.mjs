// Prints the serial numbers that Alipay's own client computes for an application's three certificates,
// given as JSON.
import { text } from "node:stream/consumers";

import { AlipaySdk } from "./packages.mjs";

const { private_key, app_cert, alipay_cert, alipay_root_cert } = JSON.parse(await text(process.stdin));
const { config } = new AlipaySdk({
  appId: "2021000000000001", privateKey: private_key, keyType: "PKCS8",
  appCertContent: app_cert, alipayPublicCertContent: alipay_cert, alipayRootCertContent: alipay_root_cert,
});
console.log(JSON.stringify({
  app_cert_sn: config.appCertSn, alipay_cert_sn: config.alipayCertSn, alipay_root_cert_sn: config.alipayRootCertSn,
  alipay_public_key: config.alipayPublicKey,
}));
