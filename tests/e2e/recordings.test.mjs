// Today's backend answers what released widgets have sent: tests/recordings, one folder for each
// version. With OPENCASHIER_RECORD=VERSION, first records what today's backend and widget send.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { after, before, test } from "node:test";

import { record } from "./stage/record.mjs";
import { Servers } from "./stage/servers.mjs";

const FOLDER = new URL("../recordings/", import.meta.url);
const { OPENCASHIER_RECORD } = process.env;
if (OPENCASHIER_RECORD) await record(new URL(`${OPENCASHIER_RECORD}/`, FOLDER));

/** @type {Servers} */
let servers;
before(async () => {
  servers = await Servers.start({ hasShop: false });
});
after(() => servers?.stop());

for (const version of (await readdir(FOLDER, { withFileTypes: true })).filter((each) => each.isDirectory()).map(({ name }) => name)) {
  test(`the requests of the widget ${version}`, async () => {
    const requests = JSON.parse(await readFile(new URL(`${version}/requests.json`, FOLDER), "utf8"));
    assert.ok(requests.length >= 6, `only ${requests.length} requests are recorded`);
    const session = await servers.openSession();
    const values = { id: session.id, secret: session.client_secret, return_url: `${servers.shopUrl}/`, payment_id: "", key: "" };
    /** @type {Map<string, string>} */
    const keys = new Map();
    const fill = (/** @type {string} */ text) => text.replace(/\{(\w+)\}/g, (whole, name) => /** @type {Record<string, string>} */ (values)[name] ?? whole);
    for (const { method, path, headers, body, status } of requests) {
      const named = headers["idempotency-key"];
      if (named) {
        if (!keys.has(named)) keys.set(named, `${values.id}-${keys.size}`);
        values.key = keys.get(named) ?? "";
      }
      const filled = Object.entries(headers).map(([name, value]) => [name, name === "idempotency-key" ? values.key : fill(String(value))]);
      const abort = new AbortController();
      const response = await fetch(`${servers.merchantUrl}${fill(path)}`, {
        method, headers: { ...Object.fromEntries(filled), Origin: servers.shopUrl }, body: body && fill(JSON.stringify(body)), signal: abort.signal,
      });
      const name = `${method} ${path}`;
      assert.equal(response.status, status, name);
      assert.equal(response.headers.get("access-control-allow-origin"), servers.shopUrl, name);
      if (path.endsWith("/events")) {
        assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
        let text = "";
        for await (const chunk of /** @type {AsyncIterable<Uint8Array>} */ (/** @type {unknown} */ (response.body))) {
          text += Buffer.from(chunk).toString();
          if (/event: session\.updated\n[^]*\n\n/.test(text)) break;
        }
        assert.match(text, /event: session\.updated/, name);
        abort.abort();
        continue;
      }
      const answered = await response.json();
      assert.equal(answered.id, session.id, name);
      values.payment_id = answered.payment?.id ?? values.payment_id;
    }
  });
}
