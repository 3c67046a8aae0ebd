// Checks that every user agent of agents.json is recognized: a pure function and a table, no browser.
// The offer of each environment is checked by the tests of `checkout`, which read the same file.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { ENVIRONMENTS, environmentOf } from "../../www/environment.js";
import { rowsOf } from "../../www/row-hints.js";

const { agents, sources } = JSON.parse(await readFile(new URL("agents.json", import.meta.url), "utf8"));

test(`${agents.length} user agents are recognized`, () => {
  assert.ok(agents.length >= 150, "the table has at least 150 agents");
  const wrong = agents
    .map((/** @type {any} */ row) => [row, environmentOf(row.agent, row.touch ?? 0, row.wx)])
    .filter((/** @type {any} */ [row, found]) => found !== row.environment)
    .map((/** @type {any} */ [{ label, environment, agent }, found]) => `${label}: ${found} instead of ${environment}\n  ${agent}`);
  assert.deepEqual(wrong, []);
});

test("the table has a source for each agent, and no duplicates", () => {
  const seen = new Set();
  for (const { label, source, agent, touch = 0, wx = "" } of agents) {
    assert.ok(sources[source], `${label} has no source`);
    const key = `${agent} ${touch > 1} ${wx}`;
    assert.ok(!seen.has(key), `${label} is there twice`);
    seen.add(key);
  }
});

test("detection ignores case and is fast for long agents", () => {
  for (const { agent, touch = 0, environment, wx } of agents) {
    assert.equal(environmentOf(agent.toUpperCase(), touch, wx), environment, agent);
  }
  const long = "Mobile Android X11 Macintosh AliApp( MicroMessenge ".repeat(20_000);
  assert.equal(environmentOf(long, 0), "in_app");
});

// The machine's tests read the same table.
test("the prerendered selector has the rows of the live one, in every environment and with every contract", async () => {
  const rows = JSON.parse(await readFile(new URL("rows.json", import.meta.url), "utf8"));
  assert.equal(rows.length, ENVIRONMENTS.length * 8);
  for (const { environment, flows, first, alipay, wechat_pay } of rows) {
    const can = (/** @type {string} */ _method, /** @type {string} */ flow) => !flows || flows.split(" ").includes(flow);
    const { methods, hints } = rowsOf(["alipay", "wechat_pay"], environment, can);
    const found = { first: methods[0], alipay: hints.alipay ?? "", wechat_pay: hints.wechat_pay ?? "" };
    assert.deepEqual(found, { first, alipay, wechat_pay }, `${environment}, ${flows || "all flows"}`);
  }
});
