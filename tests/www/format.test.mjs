// Amounts as text.
import assert from "node:assert/strict";
import { test } from "node:test";

import { formatAmount, majorUnits } from "../../www/format.js";

test("minor units become major units without a float", () => {
  for (const [value, currency, text] of /** @type {[number, string, string][]} */ ([
    [12800, "CNY", "128.00"], [5, "HKD", "0.05"], [0, "CNY", "0.00"], [500, "JPY", "500"], [500, "XXX", "500"],
    [9007199254740991, "CNY", "90071992547409.91"],
  ])) {
    assert.equal(majorUnits(value, currency), text);
  }
});

test("amounts carry the currency's sign and the language's groups", () => {
  for (const [value, currency, lang, text] of [
    ["128.00", "CNY", "en", "CN¥128.00"], ["128.00", "CNY", "zh-CN", "¥128.00"],
    ["1234567.89", "CNY", "en", "CN¥1,234,567.89"], ["500", "JPY", "en", "¥500"],
    ["90071992547409.91", "CNY", "en", "CN¥90,071,992,547,409.91"], ["5", "not a code", "en", "not a code\u00a05"],
  ]) {
    assert.equal(formatAmount(value, currency, lang), text);
  }
});

test("nothing in Object.prototype changes how an amount is written", () => {
  Object.assign(Object.prototype, { currencyDisplay: "name", useGrouping: false, signDisplay: "always" });
  try {
    assert.equal(formatAmount("1234.50", "CNY", "en"), "CN¥1,234.50");
  } finally {
    for (const name of ["currencyDisplay", "useGrouping", "signDisplay"]) delete /** @type {any} */ (Object.prototype)[name];
  }
});
