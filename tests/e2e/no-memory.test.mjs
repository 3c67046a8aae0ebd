// A phone whose engine has no memory left for the Wasm: the selector leads to the hosted page.
import assert from "node:assert/strict";

import { stage } from "./stage/scenario.mjs";

// 512 KiB, of which the widget's stack alone needs twice as much.
const scenario = stage({}, ["--js-flags=--wasm-max-mem-pages=8"]);

scenario("without memory for the Wasm, the shopper pays on the hosted page with the wallet chosen", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed();
  await widget.pay("wechat_pay");
  await widget.page.waitForURL(`${widget.session.hosted_url}?wallet=wechat_pay`);
  assert.equal((await servers.readSession(widget.session.id)).status, "open");
}, { expected: [/^open-cashier: /, /WebAssembly|memory/i] });
