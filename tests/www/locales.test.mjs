// Checks that every locale has the same texts, with the same placeholders, and which locale is chosen.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";

import { LOCALES } from "../../www/built.js";
import { negotiate } from "../../www/locale.js";

const FOLDER = new URL("../../www/locales/", import.meta.url);
const files = (await readdir(FOLDER)).filter((name) => name.endsWith(".json"));
const read = async (/** @type {string} */ name) => JSON.parse(await readFile(new URL(name, FOLDER), "utf8"));
const english = await read("en.json");
const placeholders = (/** @type {string} */ text) => [...text.matchAll(/\{[a-z_]+\}/g)].map(([found]) => found).sort();

for (const file of files) {
  test(`${file} has the texts of en.json`, async () => {
    const texts = await read(file);
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort());
    for (const [key, text] of Object.entries(texts)) {
      assert.ok(typeof text === "string" && text.trim(), key);
      assert.ok(!/[<>]|\$\{/.test(text), `${key} looks like markup or a slot`);
      // A language may omit a placeholder, but must not use an unknown one.
      for (const name of placeholders(text)) assert.ok(placeholders(english[key]).includes(name) || name === "{wallet}", `${key}: ${name}`);
    }
  });
}

test("a locale of the whole tag is chosen before another of the same language", (t) => {
  Object.assign(LOCALES, { "pt-PT": "locales/pt-PT.js", "pt-BR": "locales/pt-BR.js" });
  t.after(() => ["pt-PT", "pt-BR"].forEach((lang) => delete LOCALES[lang]));
  for (const [tag, expected] of [
    ["pt-BR", "pt-BR"], ["pt_br", "pt-BR"], ["pt-PT", "pt-PT"], ["pt", "pt-PT"], ["pt-AO", "pt-PT"],
    ["zh-TW", "zh-CN"], ["en-GB", "en"], ["fr", "en"], ["", "en"],
  ]) assert.equal(negotiate(tag), expected, tag);
});

test("no text says that nothing was charged, which a page cannot know", async () => {
  for (const file of files) {
    for (const [key, text] of Object.entries(await read(file))) assert.doesNotMatch(text, /nothing was charged|not been charged|没有扣款|未扣款/i, `${file}: ${key}`);
  }
});
