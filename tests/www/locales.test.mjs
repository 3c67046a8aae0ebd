// Checks the tables of texts, and which locale is chosen.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";

import { LOCALES } from "../../www/built.js";
import { directionOf } from "../../www/direction.js";
import { match, negotiate, wordsOf } from "../../www/locale.js";

const ROOT = new URL("../../", import.meta.url);
const FOLDER = new URL("www/locales/", ROOT);
const read = async (/** @type {string} */ path) => readFile(new URL(path, ROOT), "utf8");
/** @param {string} path @param {RegExp} names @returns {Promise<string>} the text of all files below a folder */
async function sources(path, names) {
  const files = await readdir(new URL(path, ROOT), { recursive: true });
  return (await Promise.all(files.filter((name) => names.test(name)).map((name) => read(`${path}/${name}`)))).join("\n");
}

const langs = (await readdir(FOLDER)).filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -".json".length));
/** @type {Record<string, Record<string, string>>} */
const tables = Object.fromEntries(await Promise.all(langs.map(async (lang) => [lang, JSON.parse(await read(`www/locales/${lang}.json`))])));
const english = tables.en;
const placeholders = (/** @type {string} */ text) => [...new Set([...text.matchAll(/\{[a-z_]+\}/g)].map(([found]) => found))].sort();
/** Names, which some markets write as they are. */
const NAMES = ["alipay", "wechat_pay", "alipay_app", "wechat_pay_app"];

for (const lang of langs.filter((lang) => lang !== "en")) {
  test(`${lang}.json has the texts of en.json, with their placeholders`, () => {
    const texts = tables[lang];
    assert.deepEqual(Object.keys(texts), Object.keys(english));
    for (const [key, text] of Object.entries(texts)) {
      assert.ok(typeof text === "string" && text.trim() === text && text, key);
      assert.ok(!/[<>]|\$\{/.test(text), `${key} looks like markup or a slot`);
      assert.deepEqual(placeholders(text), placeholders(english[key]), key);
      assert.ok(NAMES.includes(key) || text !== english[key], `${key} is not translated`);
    }
  });
}

test("Chinese characters are those of the locale's script", () => {
  // Frequent characters that only one of the two scripts has.
  const all = (/** @type {string} */ lang) => Object.values(tables[lang]).join("");
  assert.doesNotMatch(all("zh-Hans"), /[請開關單這後機頁複製連結錢幣確認數無繼續]/);
  for (const lang of ["zh-Hant-TW", "zh-Hant-HK"]) assert.doesNotMatch(all(lang), /[请开关单这后机页复制连结钱币确认数无继续]/, lang);
});

test("every text is used", async () => {
  const widget = `${await sources("src", /\.rs$/)}\n${await sources("www", /^[\w-]+\.js$/)}`;
  const hosted = await read("crates/merchant/src/hosted/texts.rs");
  const unused = Object.keys(english).filter((key) =>
    key.startsWith("hosted_page.") ? !hosted.includes(`"${key}"`) : !new RegExp(`"${key}"|\\.${key}\\b`).test(widget));
  assert.deepEqual(unused, []);
});

test("the unbuilt loader knows the locales of the folder", () => {
  assert.deepEqual(Object.keys(LOCALES).sort(), [...langs].sort());
});

/** @type {{ tags: Record<string, string> }} */
const CASES = JSON.parse(await read("tests/negotiation.json"));

test("language tags lead to locales", () => {
  for (const [tag, expected] of Object.entries(CASES.tags)) assert.equal(match(tag), expected, tag);
  for (const tag of ["de", ""]) assert.equal(negotiate(tag), "en");
});

test("a locale of the whole tag is chosen before another of the same language", (t) => {
  Object.assign(LOCALES, { "pt-PT": LOCALES.en, "zh-HK": LOCALES.en });
  t.after(() => ["pt-PT", "zh-HK"].forEach((lang) => delete LOCALES[lang]));
  for (const [tag, expected] of [["pt-BR", "pt-BR"], ["pt-PT", "pt-PT"], ["pt-pt-x-shop", "pt-PT"], ["zh-HK", "zh-HK"], ["zh-Hant-HK", "zh-Hant-HK"]]) {
    assert.equal(match(tag), expected, tag);
  }
});

test("the page may bring a language of its own", () => {
  const german = { choose: "Zahlungsart wählen" };
  assert.equal(negotiate("de", undefined, [["de", german]]), "de");
  assert.equal(negotiate("de_AT", undefined, [["de", german]]), "de");
  assert.equal(negotiate("fr", undefined, [["de", german]]), "fr");
  // By its name, whatever is requested.
  assert.equal(negotiate("fr", undefined, [["lang", "de"], ...Object.entries(german)]), "de");
  assert.equal(negotiate("fr", undefined, [["lang", "zh-CN"]]), "zh-Hans");
  assert.equal(negotiate("fr", undefined, [["lang", '"] *']]), "fr", "no language tag");
});

test("translations are by key, or by any tag of the language", () => {
  const locale = { lang: "zh-Hans", texts: tables["zh-Hans"], selectors: {}, amounts: {} };
  const choose = (/** @type {[string, unknown][]} */ translations) => wordsOf(locale, "zh-Hans", translations).choose;
  assert.equal(choose([["choose", "A"]]), "A");
  assert.equal(choose([["zh-CN", { choose: "A" }]]), "A");
  assert.equal(choose([["zh-Hans", { choose: "A" }]]), "A");
  assert.equal(choose([["zh-TW", { choose: "A" }], ["en", { choose: "B" }], ["choose", 1]]), tables["zh-Hans"].choose);
});

test("the direction is that of the language", () => {
  for (const [lang, expected] of [["ar", "rtl"], ["ar-EG", "rtl"], ["he", "rtl"], ["FA-IR", "rtl"], ["en", "ltr"], ["arn", "ltr"], ["zh-Hans", "ltr"]]) {
    assert.equal(directionOf(lang), expected, lang);
  }
});

test("no text says that nothing was charged, where a page cannot know", () => {
  for (const [lang, table] of Object.entries(tables)) {
    for (const [key, text] of Object.entries(table)) {
      if (key === "canceled_how") continue; // The gateway has closed that payment.
      assert.doesNotMatch(text, /nothing was charged|not been charged|没有扣款|未扣款|没有被扣款|沒有被扣款/i, `${lang}: ${key}`);
    }
  }
});
