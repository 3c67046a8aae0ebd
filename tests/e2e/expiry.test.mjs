// A session's end: by the merchant's word, and by the clock.
import assert from "node:assert/strict";

import { stage } from "./stage/scenario.mjs";

const scenario = stage();

scenario("a session whose time is up says so, and its code cannot be paid any more", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed();
  const heard = await widget.listen("expired");
  const code = await widget.payByCode("wechat_pay");
  await servers.expireSession(widget.session.id);
  await widget.is("expired");
  await widget.says("expired");
  assert.equal((await heard()).length, 1);
  await assert.rejects(servers.phone("approve", code, "wechat_pay"), /order_closed|410|409/);
  assert.equal((await servers.readSession(widget.session.id)).status, "expired");
});

// The shortest session that the backend opens lives for a minute.
scenario("a countdown that runs out ends in a last look and the truth", async (visit) => {
  const { servers } = visit;
  const session = await servers.openSession({ expires_in_s: 60 });
  const widget = await visit.embed(session);
  await widget.payByCode("alipay");
  await widget.host.locator('[data-state="expired"]').waitFor({ timeout: 120_000 });
  assert.equal((await servers.readSession(session.id)).status, "expired");
}, { timeout: 150_000 });
