// Visits over a poor network: each ends paid.
import assert from "node:assert/strict";

import { Lane } from "./stage/lane.mjs";
import { stage } from "./stage/scenario.mjs";

const scenario = stage({ isBehind: true });
/** What the console writes about connections that end. */
const LOST = [/ERR_(CONNECTION|EMPTY|INTERNET|NETWORK|CONTENT|INCOMPLETE)/, /Failed to load resource/, /^open-cashier: /];

/** A 3G connection: 750 kbit/s, 300 ms there and back. */
const G3 = { delay: 150, rate: 94_000 };
/** @type {[string, import("./stage/lane.mjs").Weather][]} */
const LINES = [
  ["3G that loses every tenth packet", { ...G3, loss: 0.1 }],
  ["3G with 400 ms of jitter", { ...G3, jitter: 400 }],
];

for (const [name, weather] of LINES) {
  for (const [seed, wallet] of /** @type {const} */ ([[1, "alipay"], [2, "wechat_pay"]])) {
    scenario(`${name}: from the page to paid with ${wallet}`, async (visit) => {
      const { servers, context } = visit;
      context.setDefaultTimeout(45_000);
      const [shop, merchant] = await Promise.all([
        Lane.open(servers.shopUrl, servers.own.shop, { ...weather, seed }),
        Lane.open(servers.merchantUrl, servers.own.merchants[0], { ...weather, seed: seed + 10 }),
      ]);
      try {
        const widget = await visit.embed();
        await widget.pay(wallet);
        await servers.phone("approve", await widget.code(), wallet);
        await widget.isPaid();
        assert.ok(!weather.loss || shop.losses + merchant.losses > 0, "nothing was lost");
      } finally {
        shop.close();
        merchant.close();
      }
    }, { expected: LOST, timeout: 120_000 });
  }
}
