// Amounts as text.
import assert from "node:assert/strict";
import { test } from "node:test";

import { formatAmount, formatMinorUnits } from "../../www/format.js";

const sign = (/** @type {any} */ prefix, /** @type {any} */ digits) => ({ prefix, suffix: "", group: ",", decimal: ".", digits });
const EN = { lang: "en", amounts: { CNY: sign("CN¥", 2), HKD: sign("HK$", 2), JPY: sign("¥", 0) } };
const DE = { lang: "de", amounts: { CNY: { prefix: "", suffix: "\u00a0CN¥", group: ".", decimal: ",", digits: 2 } } };

test("minor units are formatted without floats", () => {
  for (const [value, currency, text] of /** @type {[number, string, string][]} */ ([
    [12800, "CNY", "CN¥128.00"], [5, "HKD", "HK$0.05"], [0, "CNY", "CN¥0.00"], [500, "JPY", "¥500"],
    [123456789, "CNY", "CN¥1,234,567.89"], [9007199254740991, "CNY", "CN¥90,071,992,547,409.91"],
  ])) {
    assert.equal(formatMinorUnits(value, currency, EN), text);
  }
  assert.equal(formatMinorUnits(123456789, "CNY", DE), "1.234.567,89\u00a0CN¥");
});

test("a currency without a pattern is formatted by Intl, and an unknown one with its code", () => {
  assert.equal(formatAmount("1234.50", "THB", EN), "THB\u00a01,234.50");
  assert.equal(formatAmount("128.00", "CNY", { lang: "zh-CN", amounts: {} }), "¥128.00");
  assert.equal(formatMinorUnits(500, "XXX", EN), "¤500");
  assert.equal(formatAmount("5", "not a code", EN), "not a code\u00a05");
});

test("members of Object.prototype do not change an amount's format", () => {
  const pollution = { currencyDisplay: "name", useGrouping: false, signDisplay: "always", THB: sign("x", 1) };
  Object.assign(Object.prototype, pollution);
  try {
    assert.equal(formatAmount("1234.50", "THB", EN), "THB\u00a01,234.50");
  } finally {
    for (const name of Object.keys(pollution)) delete /** @type {any} */ (Object.prototype)[name];
  }
});
