// Parsing of options.
import assert from "node:assert/strict";
import { test } from "node:test";

import { callbackOf, EVENTS, kebab } from "../../www/names.js";
import { readOptions } from "../../www/options.js";

Object.assign(globalThis, {
  document: { baseURI: "https://shop.example/cart?a=b" },
  location: { href: "https://shop.example/cart?a=b#c" },
});
const GIVEN = { clientSecret: "cs_1_secret_2", apiBase: "/api/" };
const read = (options = {}) => {
  /** @type {Record<string, unknown>} */
  const given = { ...GIVEN, ...options };
  return readOptions((name) => (Object.hasOwn(given, name) ? given[name] : undefined));
};
const problems = (options = {}) => read(options).problems.map(({ name, isFatal }) => `${name}${isFatal ? "!" : ""}`);

test("addresses become absolute, and white space, trailing slashes and fragments are removed", () => {
  const { strict } = read({ returnUrl: "done" }).settings;
  assert.equal(strict.apiBase, "https://shop.example/api");
  assert.equal(strict.apiOrigin, "https://shop.example");
  assert.equal(strict.returnUrl, "https://shop.example/done");
  assert.equal(read().settings.strict.returnUrl, "https://shop.example/cart?a=b");
});

test("the default return address is this page, with the route of a page that routes by its fragment", () => {
  const here = (/** @type {string} */ href) => {
    const { location } = globalThis;
    Object.assign(globalThis, { location: { href } });
    try {
      return read().settings.strict.returnUrl;
    } finally {
      Object.assign(globalThis, { location });
    }
  };
  const long = "x".repeat(2_100);
  assert.equal(here("https://shop.example/#/checkout/42?a=b"), "https://shop.example/#/checkout/42?a=b");
  assert.equal(here("https://shop.example/shop?a=b#!/pay"), "https://shop.example/shop?a=b#!/pay");
  assert.equal(here("https://shop.example/pay#access_token=1"), "https://shop.example/pay");
  assert.equal(here(`https://shop.example/pay?utm=${long}#/step/2`), "https://shop.example/pay#/step/2");
  assert.equal(here(`https://shop.example/pay#/${long}`), "https://shop.example/pay");
  assert.equal(here(`https://shop.example/${long}`), undefined);
  assert.equal(here("capacitor://localhost/pay"), undefined);
});

test("a return address may be one of an app, but none that a browser runs", () => {
  assert.equal(read({ returnUrl: "capacitor://localhost/paid" }).settings.strict.returnUrl, "capacitor://localhost/paid");
  for (const returnUrl of ["javascript:alert(1)", "data:text/html,x", "blob:https://shop.example/1", "file:///x"]) {
    assert.deepEqual(problems({ returnUrl }), ["returnUrl!"]);
  }
});

test("hosts of redirects are a list or a text", () => {
  const hosts = (/** @type {unknown} */ redirectHosts) => read({ redirectHosts }).settings.strict.redirectHosts;
  assert.deepEqual(hosts(undefined), []);
  assert.deepEqual(hosts("cashier.example, pay.cashier.example"), ["cashier.example", "pay.cashier.example"]);
  assert.deepEqual(hosts(["cashier.example"]), ["cashier.example"]);
  for (const redirectHosts of ["https://cashier.example", "localhost", "cashier.example:8443", "*.example", "Cashier.example", ["a.example", 1], {}]) {
    assert.deepEqual(problems({ redirectHosts }), ["redirectHosts"]);
  }
});

test("an invalid option is reported by name", () => {
  assert.deepEqual(problems(), []);
  for (const [options, expected] of [
    [{ clientSecret: undefined }, ["clientSecret!"]], [{ clientSecret: "sk_1" }, ["clientSecret!"]],
    [{ apiBase: undefined }, ["apiBase!"]], [{ apiBase: "javascript:alert(1)" }, ["apiBase!"]], [{ apiBase: "/a?b" }, ["apiBase!"]],
    [{ apiBase: "https://a:b@shop.example" }, ["apiBase!"]], [{ layout: "grid" }, ["layout"]], [{ showPayButton: "maybe" }, ["showPayButton"]],
    [{ paymentMethods: "cash" }, ["paymentMethods!"]], [{ appearance: "{" }, ["appearance"]], [{ appearance: { theme: "pink" } }, ["appearance"]],
    [{ session: { id: "cs_2" } }, ["session"]], [{ session: { id: Symbol("s") } }, ["session"]], [{ session: "[]" }, ["session"]],
  ]) {
    assert.deepEqual(problems(options), expected, JSON.stringify(Object.keys(options)));
  }
});

test("the text of a session is preserved", () => {
  const text = '{"id":"cs_1", "status":"open"}';
  assert.deepEqual(read({ session: text }).session, { value: { id: "cs_1", status: "open" }, text });
  assert.deepEqual(read({ session: { id: "cs_1" } }).session, { value: { id: "cs_1" }, text: "" });
  assert.equal(read({ session: { id: "cs_2" } }).session, null);
  assert.equal(read().session, null);
});

test("appearance accepts only plain values", () => {
  const { settings } = read({ appearance: { theme: "night", variables: { colorPrimary: "#123", borderRadius: "0" }, rules: { ".primary:hover": { backgroundColor: "#456" } } } });
  assert.equal(settings.theme, "night");
  assert.deepEqual(settings.variables, [["--oc-color-primary", "#123"], ["--oc-border-radius", "0"]]);
  assert.deepEqual(settings.rules, [['[part~="primary"]:hover', [["background-color", "#456"]]]]);
  for (const appearance of [
    { variables: { colorPrimary: "url(https://evil.example)" } }, { variables: { colour: "red" } }, { rules: { "*": {} } },
    { rules: { ".a": { color: "red;}*{" } } }, { variables: { colorText: Object.create(null) } },
  ]) {
    assert.deepEqual(problems({ appearance }), ["appearance"]);
  }
});

test("inherited members are not options", () => {
  const pollution = { theme: "night", variables: { colorPrimary: "red" }, rules: { ".a": {} }, id: "cs_1" };
  Object.assign(Object.prototype, pollution);
  try {
    const { settings, session } = read({ appearance: {}, session: {} });
    assert.equal(settings.theme, "auto");
    assert.deepEqual([settings.variables, settings.rules, session], [[], [], null]);
    assert.equal(Object.getPrototypeOf(settings.strict), null);
  } finally {
    for (const name of Object.keys(pollution)) delete /** @type {any} */ (Object.prototype)[name];
  }
});

test("option and event names are converted to attributes and callbacks", () => {
  assert.equal(kebab("paymentMethodOrder"), "payment-method-order");
  assert.equal(callbackOf("payment-completed"), "onPaymentCompleted");
  assert.equal(new Set(EVENTS.map(callbackOf)).size, EVENTS.length);
});
