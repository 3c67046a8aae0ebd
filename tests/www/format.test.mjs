// Amounts as text.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
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

/** @type {Record<string, import("../../www/format.js").AmountLocale["amounts"]>} */
const PATTERNS = JSON.parse(await readFile(new URL("../../www/amounts.json", import.meta.url), "utf8"));

for (const [lang, amounts] of Object.entries(PATTERNS)) {
  test(`amounts in ${lang} are exact, and no currency looks like another`, () => {
    const locale = { lang, amounts };
    const currencies = Object.keys(amounts);
    assert.ok(currencies.includes("CNY") && currencies.includes("JPY"));
    for (const currency of currencies) {
      const digits = formatMinorUnits(123_456_789, currency, locale).replace(/[^0-9]/g, "");
      assert.equal(digits, "123456789", currency);
    }
    const signs = currencies.map((currency) => amounts[currency].prefix + amounts[currency].suffix);
    assert.equal(new Set(signs).size, signs.length, signs.join());
    assert.ok(!/^[\s\u200e\u200f]*[¥￥][\s\u200e]*$/.test(signs[currencies.indexOf("CNY")]) || lang === "zh-Hans", "the yuan looks like the yen");
  });
}

test("amounts are written as Intl writes them", () => {
  // A few stable forms: others change between versions of Node.js.
  for (const lang of ["en", "zh-Hans", "pt-BR"]) {
    const expected = new Intl.NumberFormat(lang, { style: "currency", currency: "CNY" }).format(1_234_567.89);
    assert.equal(formatMinorUnits(123_456_789, "CNY", { lang, amounts: PATTERNS[lang] }), expected);
  }
});

test("a language that the build lacks has the digits of the pattern and the form of Intl", () => {
  const own = { lang: "de", amounts: EN.amounts, isOwn: true };
  assert.equal(formatMinorUnits(123456789, "CNY", own), "1.234.567,89\u00a0CN¥");
  assert.equal(formatMinorUnits(12800, "CNY", { ...own, lang: "fa" }).replace(/[^0-9.٫]/g, "").length, 6, "Latin digits");
});
