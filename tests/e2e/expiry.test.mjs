// Expiry of a session, by the merchant's call and by the clock.
import assert from "node:assert/strict";

import { stage } from "./stage/scenario.mjs";

const scenario = stage();

scenario("an expired session is shown as expired, and its code cannot be paid", async (visit) => {
  const { servers } = visit;
  const widget = await visit.embed();
  const events = await widget.listen("expired");
  const code = await widget.payByCode("wechat_pay");
  await servers.expireSession(widget.session.id);
  await widget.is("expired");
  await widget.says("expired");
  assert.equal((await events()).length, 1);
  await assert.rejects(servers.phone("approve", code, "wechat_pay"), /order_closed|410|409/);
  assert.equal((await servers.readSession(widget.session.id)).status, "expired");
});

// The shortest session that the backend opens is valid for one minute.
scenario("the end of the countdown triggers a final check and shows its outcome", async (visit) => {
  const { servers } = visit;
  const session = await servers.openSession({ expires_in_s: 60 });
  const widget = await visit.embed(session);
  await widget.payByCode("alipay");
  await widget.host.locator('[data-state="expired"]').waitFor({ timeout: 120_000 });
  assert.equal((await servers.readSession(session.id)).status, "expired");
}, { timeout: 150_000 });
