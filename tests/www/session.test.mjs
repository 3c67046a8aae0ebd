// Sessions that are shown as a selector before the Wasm is loaded.
import assert from "node:assert/strict";
import { test } from "node:test";

import { hostedAddress, selectorFacts, withWallet } from "../../www/session.js";

const stored = new Map();
const storage = { getItem: (/** @type {string} */ name) => stored.get(name) ?? null };
Object.assign(globalThis, { sessionStorage: storage, localStorage: storage });

/** @type {any} */
const STRICT = { clientSecret: "cs_1_secret_2", paymentMethods: [], paymentMethodOrder: [], readOnly: false, environment: "desktop" };
const SESSION = {
  id: "cs_1", status: "open", amount: { value: 12800, currency: "CNY" }, merchant_name: "Qinghe Tea", description: "Tea",
  payment_methods: ["alipay", "wechat_pay"], server_time: "2026-11-30T07:30:00.000Z", expires_at: "2026-11-30T08:00:00.000Z",
  hosted_url: "https://pay.example/hosted/cs_1",
};
const facts = (session = {}, strict = {}) => selectorFacts({ ...SESSION, ...session }, { ...STRICT, ...strict });

test("an open session without a payment is shown as a selector", () => {
  assert.deepEqual(facts(), {
    merchant: "Qinghe Tea", amount: 12800, currency: "CNY", description: "Tea",
    hostedUrl: "https://pay.example/hosted/cs_1", methods: ["alipay", "wechat_pay"], hints: Object.create(null),
  });
});

test("inside an app the wallet that opens there is first, by the merchant's contracts", () => {
  const { methods, hints } = facts({}, { environment: "wechat", paymentMethodOrder: ["alipay"] }) ?? {};
  assert.deepEqual([methods, { ...hints }], [["wechat_pay", "alipay"], { wechat_pay: "opens_here", alipay: "opens_in_browser" }]);
  const options = (/** @type {unknown} */ flows) => ({ payment_method_options: [{ payment_method: "wechat_pay", flows }] });
  const hint = (/** @type {any} */ session) => facts(session, { environment: "mobile_browser" })?.hints.wechat_pay;
  assert.equal(hint(options(["redirect"])), undefined);
  assert.equal(hint(options([])), undefined, "a backend that names none allows all");
  assert.equal(hint(options(["qr_code"])), "takes_other_phone");
  for (const unusable of [null, "jsapi", [null], [{}]]) assert.equal(hint({ payment_method_options: unusable }), undefined);
});

test("everything else is left to the live checkout", () => {
  for (const session of [
    { id: "cs_2" }, { status: "complete" }, { status: "expired" }, { status: "new" }, { payment: { id: "pay_1" } }, { refund: "pending" },
    { payment_methods: [] }, { payment_methods: ["cash"] }, { payment_methods: "alipay" }, { amount: null },
    { amount: { value: 1.5, currency: "CNY" } }, { amount: { value: 1, currency: "yuan" } }, { amount: { value: "1", currency: "CNY" } },
    { expires_at: "2026-11-30T07:30:00.000Z" }, { expires_at: "soon" }, { server_time: undefined },
  ]) {
    assert.equal(facts(session), null, JSON.stringify(session));
  }
  for (const session of [null, undefined, 7, "cs_1", [], Symbol("s")]) assert.equal(selectorFacts(session, STRICT), null);
  assert.equal(facts({}, { readOnly: true }), null);
  for (const name of ["opencashier.intent.cs_1", "opencashier.left.cs_1"]) {
    stored.set(name, "alipay key");
    assert.equal(facts(), null, name);
    stored.delete(name);
  }
});

test("the wallets are the session's, as far as the page allows them, in the page's order", () => {
  const methods = (/** @type {any} */ session, /** @type {any} */ strict) => facts(session, strict)?.methods;
  assert.deepEqual(methods({}, { paymentMethodOrder: ["wechat_pay"] }), ["wechat_pay", "alipay"]);
  assert.deepEqual(methods({}, { paymentMethods: ["wechat_pay"] }), ["wechat_pay"]);
  assert.deepEqual(methods({ payment_methods: ["wechat_pay", "cash", "wechat_pay"] }, { paymentMethodOrder: ["alipay"] }), ["wechat_pay"]);
  assert.equal(methods({ payment_methods: ["alipay"] }, { paymentMethods: ["wechat_pay"] }), undefined);
});

test("members of Object.prototype are not members of a session", () => {
  const { description, hosted_url, ...bare } = SESSION;
  Object.assign(Object.prototype, { payment: { id: "pay_x" }, refund: "pending", description: "evil", hosted_url: "https://evil.example" });
  try {
    const found = selectorFacts(bare, STRICT);
    assert.equal(found?.description, "");
    assert.equal(found?.hostedUrl, "");
  } finally {
    for (const name of ["payment", "refund", "description", "hosted_url"]) delete /** @type {any} */ (Object.prototype)[name];
  }
});

test("only an http or https URL is a hosted page", () => {
  for (const hosted_url of ["https://pay.example", "http://localhost:8080/hosted/cs_1?a=b@c#d", "https://[::1]:1/x"]) {
    assert.equal(hostedAddress({ hosted_url }), hosted_url);
  }
  for (const hosted_url of [
    "javascript:alert(1)", "//evil.example", "https://a@evil.example/", "https://pay.example\\@evil.example", "https://pay.example/ x",
    "data:text/html,x", "https://", " https://pay.example", "https://пей.example/", 7, null, undefined,
  ]) {
    assert.equal(hostedAddress({ hosted_url }), "", String(hosted_url));
  }
  assert.equal(withWallet("https://pay.example/h?a=b&wallet=x#c", "alipay"), "https://pay.example/h?a=b&wallet=alipay#c");
});
