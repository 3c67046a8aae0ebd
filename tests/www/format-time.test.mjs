// Moments that a shopper reads.
import assert from "node:assert/strict";
import { test } from "node:test";

import { formatTime } from "../../www/format-time.js";

const plain = (/** @type {string} */ text) => text.replace(/[\u202f\u00a0]/g, " ");

test("a moment of today is a time, and another one has its day", () => {
  const today = new Date();
  today.setHours(17, 5);
  assert.equal(plain(formatTime(today.getTime(), "en")), "5:05 PM");
  assert.equal(formatTime(today.getTime(), "ru"), "17:05");
  assert.match(formatTime(today.getTime(), "zh-Hans"), /^(下午5|17):05$/);
  const other = new Date(2030, 11, 3, 17, 5).getTime();
  assert.equal(plain(formatTime(other, "en")), "Dec 3, 5:05 PM");
  assert.match(formatTime(other, "ar"), /\b3\b.*5:05/, "Latin digits");
});
