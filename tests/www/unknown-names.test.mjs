// Names that are almost those of options, and texts that the widget does not have.
import assert from "node:assert/strict";
import { test } from "node:test";

import { unknownNames } from "../../www/unknown-names.js";

const TEXTS = { pay: "Pay {amount}", choose: "Choose a wallet" };

/** An element of the widget. @param {string[]} attributes @returns {any} */
function host(...attributes) {
  class Host {
    static observedAttributes = ["client-secret", "show-pay-button", "read-only", "locale"];
    getAttributeNames = () => attributes;
  }
  return new Host();
}

test("an attribute that is almost an option's is told", () => {
  assert.deepEqual(unknownNames(host("client_secret", "showpaybutton", "read-only", "locale"), [], TEXTS), [
    "there is no attribute client_secret; write client-secret",
    "there is no attribute showpaybutton; write show-pay-button",
  ]);
});

test("attributes of the page and of its framework are not told", () => {
  const others = ["id", "class", "lang", "data-state", "data-v-7ba5bd90", "aria-label", "slot", "_ngcontent-abc", "onready"];
  assert.deepEqual(unknownNames(host(...others), [], TEXTS), []);
});

test("texts that the widget does not have are told", () => {
  /** @type {[string, unknown][]} */
  const translations = [["pay", "Buy"], ["payNow", "Buy"], ["lang", "de"], ["hosted_page.title", "Kasse"], ["de", { choose: "Wählen", chose: "Wählen" }]];
  assert.deepEqual(unknownNames(host(), translations, TEXTS), [
    "there is no text payNow",
    "there is no text chose",
  ]);
});

test("names of Object.prototype are no texts", () => {
  assert.deepEqual(unknownNames(host(), [["toString", "x"]], TEXTS), ["there is no text toString"]);
});
