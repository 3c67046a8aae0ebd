// Our backend's webhooks, verified by the Standard Webhooks convention's own library for JavaScript.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";

import { Listener } from "./stage/listener.mjs";
import { Merchant } from "./stage/merchant.mjs";
import { DESCRIPTION } from "./stage/ours.mjs";
import { Webhook } from "./stage/packages.mjs";
import { Sandbox, orderNumber } from "./stage/sandbox.mjs";

const newSecret = () => `whsec_${randomBytes(32).toString("base64")}`;
/** While a secret is changed, events are signed by both. */
const SECRETS = [newSecret(), newSecret()];

/** @type {Sandbox} */ let sandbox;
/** @type {Merchant} */ let merchant;
/** @type {Listener} */ let receiver;

before(async () => {
  sandbox = await Sandbox.start();
  receiver = await Listener.start(() => ({ status: 204 }));
  merchant = await Merchant.start(sandbox, { url: `${receiver.url}/hooks`, secret: SECRETS });
});
after(async () => {
  await merchant?.stop();
  await Promise.all([sandbox?.stop(), receiver?.stop()]);
});

/** An event of our backend, as the receiver got it. */
async function received(/** @type {object} */ more) {
  await merchant.expiredSession(more);
  const { headers, body } = await receiver.take("/hooks");
  return { headers, body: body.toString() };
}

test("their verifier accepts our backend's events by each of two secrets", async () => {
  const order_id = orderNumber();
  const { headers, body } = await received({ order_id, metadata: { note: DESCRIPTION } });
  for (const secret of SECRETS) {
    const event = new Webhook(secret).verify(body, headers);
    assert.equal(event.type, "checkout.session.expired");
    assert.deepEqual([event.data.order_id, event.data.metadata.note], [order_id, DESCRIPTION]);
  }
  const signed = SECRETS.map((secret) => new Webhook(secret).sign(
    headers["webhook-id"], new Date(Number(headers["webhook-timestamp"]) * 1000), body,
  ));
  assert.equal(headers["webhook-signature"], signed.join(" "));
});

test("their verifier refuses a changed event, another secret and an old timestamp", async () => {
  const { headers, body } = await received({ order_id: orderNumber() });
  const verifier = new Webhook(SECRETS[0]);
  verifier.verify(body, headers);
  const id = headers["webhook-id"];
  const timestamp = Number(headers["webhook-timestamp"]);
  assert.throws(() => verifier.verify(body.replace("12800", "12801"), headers), /No matching signature/);
  assert.throws(() => verifier.verify(`${body} `, headers), /No matching signature/);
  assert.throws(() => verifier.verify(body, { ...headers, "webhook-id": `${id}1` }), /No matching signature/);
  assert.throws(() => verifier.verify(body, { ...headers, "webhook-timestamp": String(timestamp + 1) }), /No matching signature/);
  assert.throws(() => verifier.verify(body, { ...headers, "webhook-timestamp": String(timestamp - 301) }), /too old/);
  assert.throws(() => new Webhook(newSecret()).verify(body, headers), /No matching signature/);
});
