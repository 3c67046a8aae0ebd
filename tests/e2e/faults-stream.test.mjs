// Faults of the event stream, and of the network: offline, slow.
import assert from "node:assert/strict";

import { FAULTS, NETWORK_ERRORS } from "./faults/faults.mjs";
import { matrix } from "./faults/stage.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */
/** @typedef {import("playwright-core").Page} Page */

const group = matrix();
const WALLETS = ["wechat_pay", "alipay"];
const STREAM = { "Content-Type": "text/event-stream" };
/** Limit for "paid" to be shown without a stream: the longest polling interval and a margin. */
const POLL_TIMEOUT_MS = 30_000;

/** Sends chunks instead of the backend's stream, and keeps the connection open. */
const streamOf = (/** @type {any[]} */ ...chunks) => async (/** @type {any} */ exchange, /** @type {any} */ rule) => {
  const { origin } = exchange.request.headers;
  exchange.response.writeHead(200, { ...STREAM, ...(origin && { "Access-Control-Allow-Origin": origin }) });
  exchange.response.flushHeaders();
  for (const chunk of chunks) exchange.response.write(chunk);
  await exchange.hold(rule.gate);
  exchange.response.end();
};

const other = (/** @type {any} */ session) => ({ ...session, id: "cs_of_another_shopper", status: "complete", revision: 99 });
const data = (/** @type {any} */ event, /** @type {any} */ change) => {
  const changed = (/** @type {any} */ _, /** @type {any} */ json) => `data: ${JSON.stringify(change(JSON.parse(json)))}`;
  return event.replace(/^data: (.*)$/m, changed);
};

/** Faults of a stream, in addition to those of any request. */
/** @type {Record<string, import("./faults/faults.mjs").Fault & { isPushed?: boolean }>} */
const STREAMS = {
  "is silent": { act: streamOf(), expected: NETWORK_ERRORS },
  "sends heartbeats only": { act: streamOf(": still here\n\n"), expected: [] },
  "sends garbage": {
    act: streamOf(Buffer.from([0xff, 0xfe, 0, 10, 10]), "data: {\n\n", "event: session.updated\ndata: []\n\n"),
    expected: [],
  },
  "sends a line without an end": { act: streamOf(`data: ${"x".repeat(70_000)}`), expected: [] },
  "sends events of another session": {
    act: (/** @type {any} */ exchange) => exchange.stream((/** @type {any} */ event) => data(event, other)),
    expected: [],
  },
  "sends each event in single bytes, and twice": {
    isPushed: true,
    act: (/** @type {any} */ exchange) => exchange.stream((/** @type {any} */ event) => {
      for (const byte of Buffer.from(event)) exchange.response.write(Buffer.from([byte]));
      return event;
    }),
    expected: [],
  },
  "sends its first event and then heartbeats only": {
    act: (/** @type {any} */ exchange) => exchange.stream((/** @type {any} */ event, /** @type {number} */ index) => (index > 1 ? ": still here\n\n" : event)),
    expected: [],
  },
  "ends after its first event": {
    act: (/** @type {any} */ exchange) => exchange.stream((/** @type {any} */ event, /** @type {number} */ index) => (index > 1 ? null : event)),
    expected: [],
  },
  "is cut inside an event": {
    act: (/** @type {any} */ exchange) => exchange.stream((/** @type {any} */ event, /** @type {number} */ index) => {
      if (index < 1) return event;
      exchange.response.write(event.slice(0, event.length / 2));
      setImmediate(() => exchange.request.socket.destroy());
      return null;
    }),
    expected: NETWORK_ERRORS,
  },
  "is held by a buffering proxy": {
    act: async (/** @type {any} */ exchange, /** @type {any} */ rule) => {
      await exchange.hold(rule.gate);
      exchange.response.end();
    },
    expected: NETWORK_ERRORS,
  },
};

/** @type {typeof STREAMS} */
const STREAM_FAULTS = { ...FAULTS, ...STREAMS };

group("a payment is found although the stream", Object.entries(STREAM_FAULTS).map(([name, fault], index) =>
  [name, { wallet: WALLETS[index % 2], isCross: index % 4 > 1, expected: [...fault.expected, ...NETWORK_ERRORS] }, async (/** @type {Case} */ case_) => {
    const { proxy } = case_;
    const rule = proxy.inject("events", fault.act);
    const shopper = await case_.shopper();
    await shopper.begin();
    const code = await shopper.code();
    await shopper.until("the stream's request", () => rule.hits > 0);
    // In half a minute without a change, requests become rarer and do not overlap.
    const readsBefore = proxy.count("read", "check");
    const startedAt = shopper.passed;
    await shopper.until("time passes", () => shopper.passed - startedAt >= 30_000);
    const reads = proxy.count("read", "check") - readsBefore;
    assert.ok(reads <= 9, `${reads} reads in half a minute`);
    assert.ok(proxy.count("events") <= 9, `${proxy.count("events")} streams in half a minute`);
    await case_.servers.phone("approve", code);
    if (fault.isPushed) await shopper.untilPushed("paid", (/** @type {any} */ { state }) => state === "succeeded");
    else await shopper.untilPaid(/heartbeats/.test(name) ? 60_000 : POLL_TIMEOUT_MS);
    await case_.assertPaidOnce();
  }]));

group("the stream reconnects", WALLETS.map((wallet, index) =>
  [`and continues after the last event, ${wallet}`, { wallet, isCross: index === 1, expected: NETWORK_ERRORS }, async (/** @type {Case} */ case_) => {
    const { proxy } = case_;
    const shopper = await case_.shopper();
    /** @type {any[]} */
    const ids = [];
    shopper.page.on("request", (/** @type {any} */ request) => {
      if (request.url().endsWith("/events")) ids.push(request.headers()["last-event-id"]);
    });
    await shopper.begin();
    const code = await shopper.code();
    await shopper.until("the stream", () => proxy.count("events") === 1);
    await shopper.advance(1_000);
    proxy.breakConnections();
    await shopper.until("the stream again", () => proxy.count("events") === 2);
    await case_.servers.phone("approve", code);
    await shopper.untilPushed("paid", (/** @type {any} */ { state }) => state === "succeeded");
    assert.equal(ids[0], undefined);
    assert.match(ids[1], /^\d+$/, "Last-Event-ID");
    await case_.assertPaidOnce();
  }]));

/** Brings the widget to each screen on which the network is lost. */
const SCREENS = {
  selecting: async (/** @type {any} */ shopper) => { await shopper.state("selecting"); },
  awaiting: async (/** @type {any} */ shopper) => {
    await shopper.begin();
    await shopper.code();
  },
  confirming: async (/** @type {any} */ shopper, /** @type {any} */ { proxy }) => {
    const rule = proxy.inject("check", FAULTS["held and never served"].act);
    await shopper.begin();
    await shopper.code();
    await shopper.press("paid");
    await shopper.until("the check", () => proxy.held > 0);
    return rule;
  },
  starting: async (/** @type {any} */ shopper, /** @type {any} */ { proxy }) => {
    const rule = proxy.inject("start", FAULTS["served, and never answered"].act);
    await shopper.begin();
    await shopper.until("the start", () => proxy.held > 0);
    return rule;
  },
  closing: async (/** @type {any} */ shopper, /** @type {any} */ { proxy }) => {
    const rule = proxy.inject("cancel", FAULTS["held and never served"].act);
    await shopper.begin();
    await shopper.code();
    await shopper.press("cancel");
    await shopper.until("the cancel", () => proxy.held > 0);
    return rule;
  },
};

group("offline and back", Object.entries(SCREENS).map(([screen, way], index) =>
  [screen, { wallet: WALLETS[index % 2], isCross: index % 2 === 0, expected: NETWORK_ERRORS }, async (/** @type {Case} */ case_) => {
    const { proxy } = case_;
    const shopper = await case_.shopper();
    const rule = await way(shopper, case_);
    await shopper.setOffline(true);
    rule?.lift();
    if (screen === "selecting") await shopper.pay(case_.wallet);
    const offline = await shopper.until("the message", (/** @type {any} */ seen) => shopper.reads(seen, "offline"), 60_000);
    assert.notEqual(offline.state, "unavailable");
    await shopper.untilActionable();
    const asked = () => shopper.run(() => globalThis.test.calls.length);
    const before = await asked();
    await shopper.setOffline(false);
    await shopper.advance(0);
    assert.ok((await asked()) > before, "a request at once when the browser is online");
    // That request may still fail, as some networks report "online" too early.
    await shopper.until("the message is removed", (/** @type {any} */ seen) => !shopper.reads(seen, "offline"), 5_000);
    await shopper.payUntilComplete();
    await case_.assertPaidOnce();
  }]),
// All pages of the shared renderer process go offline, so these run one at a time.
{ concurrency: 1 });

group("a slow network", [
  ["400 ms and 50 kB/s, from the first byte to paid", {}, async (/** @type {Case} */ case_) => {
    /** @type {any} */
    let network;
    const shopper = await case_.shopper({
      before: async (/** @type {Page} */ page) => {
        network = await page.context().newCDPSession(page);
        await network.send("Network.enable");
        await network.send("Network.setCacheDisabled", { cacheDisabled: true });
        await network.send("Network.emulateNetworkConditions", {
          offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000,
        });
      },
    });
    await shopper.payUntilComplete();
    await network.detach();
    assert.equal(case_.proxy.count("start"), 1);
    await case_.assertPaidOnce();
  }],
]);
