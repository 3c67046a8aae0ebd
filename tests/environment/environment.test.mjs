// Every user agent of agents.json is taken for what it is. No browser: a pure function and a table.
// What each environment offers is checked against `checkout::offer` by that crate's own tests,
// which read the same file.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { environmentOf } from "../../www/environment.js";

const { agents, sources } = JSON.parse(await readFile(new URL("agents.json", import.meta.url), "utf8"));

test(`${agents.length} user agents are taken for what they are`, () => {
  assert.ok(agents.length >= 150, "the table has at least 150 agents");
  const wrong = agents
    .map((/** @type {any} */ row) => [row, environmentOf(row.agent, row.touch ?? 0, row.wx)])
    .filter((/** @type {any} */ [row, found]) => found !== row.environment)
    .map((/** @type {any} */ [{ label, environment, agent }, found]) => `${label}: ${found} instead of ${environment}\n  ${agent}`);
  assert.deepEqual(wrong, []);
});

test("the table says where each agent was seen, and names none twice", () => {
  const seen = new Set();
  for (const { label, source, agent, touch = 0, wx = "" } of agents) {
    assert.ok(sources[source], `${label} has no source`);
    const key = `${agent} ${touch > 1} ${wx}`;
    assert.ok(!seen.has(key), `${label} is there twice`);
    seen.add(key);
  }
});

test("an agent in any letters of any length is told in no time", () => {
  for (const { agent, touch = 0, environment, wx } of agents) {
    assert.equal(environmentOf(agent.toUpperCase(), touch, wx), environment, agent);
  }
  const long = "Mobile Android X11 Macintosh AliApp( MicroMessenge ".repeat(20_000);
  assert.equal(environmentOf(long, 0), "in_app");
});
