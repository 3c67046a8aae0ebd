// A phone of the cheapest kind: a small heap, and the engine's own savings for little memory.
import { stage } from "./stage/scenario.mjs";

const scenario = stage({}, ["--js-flags=--max-old-space-size=32", "--enable-low-end-device-mode"]);

for (const wallet of /** @type {const} */ (["alipay", "wechat_pay"])) {
  scenario(`a phone with little memory: ${wallet}, paid`, async (visit) => {
    const shop = await visit.shop();
    await shop.checkOut();
    await visit.servers.phone("approve", await shop.widget.payByCode(wallet), wallet);
    await shop.isPaid();
  });
}
