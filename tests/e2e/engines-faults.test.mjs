// The part of the fault matrix that engines may decide differently, in those that the rest does not run in.
//
// A fault is here if the engine and not the widget reports, hides or repairs it:
// - what a lost connection, a body that is too short, a redirect to another origin and a page without CORS headers
//   become: each engine rejects with other errors, at another time, or not at all;
// - whether a request that a keep-alive connection has lost is sent again by the engine itself;
// - headers of another origin (`Retry-After`);
// - a stream of `fetch` that is reset, that is silent, that ends within a character, and one that is aborted;
// - what is kept over a reload, a closed tab and the cache of pages that were left;
// - locks and storage that two tabs share;
// - the clocks and their resolution.
import assert from "node:assert/strict";

import { EngineBrowser } from "./faults/engine.mjs";
import { FAULTS, NETWORK_ERRORS, RETRY_AFTER_S } from "./faults/faults.mjs";
import { other } from "./faults/shopper.mjs";
import { matrix } from "./faults/stage.mjs";
import { ENGINES } from "./stage/engines/engines.mjs";

/** @typedef {import("./faults/case.mjs").Case} Case */

/** Errors of requests that failed, in any engine. */
const FAILED = [...NETWORK_ERRORS, /NetworkError|Load failed|CORS|Cross-Origin|access control|Content[ -]Security[ -]Policy|status of/i];
const STREAM = { "Content-Type": "text/event-stream" };

/** A stream that sends nothing and stays open. @param {any} exchange @param {any} rule */
async function silence(exchange, rule) {
  const { origin } = exchange.request.headers;
  exchange.response.writeHead(200, { ...STREAM, ...(origin && { "Access-Control-Allow-Origin": origin }) });
  exchange.response.flushHeaders();
  await exchange.hold(rule.gate);
  exchange.response.end();
}

/** A stream that comes in single bytes, so that characters are divided. @param {any} exchange */
function bytes(exchange) {
  return exchange.stream((/** @type {string} */ event) => {
    for (const byte of Buffer.from(event)) exchange.response.write(Buffer.from([byte]));
    return "";
  });
}

/** Brings the widget to a code, and returns its shopper. @param {Case} case_ */
async function waiting(case_) {
  const shopper = await case_.shopper();
  await shopper.begin();
  await shopper.code();
  return shopper;
}

/** A start that fails once, until the order is paid. @param {string} fault */
const startFails = (fault) => async (/** @type {Case} */ case_) => {
  const rule = case_.proxy.inject("start", FAULTS[fault].act, { times: 1 });
  const shopper = await case_.shopper();
  await shopper.begin();
  await shopper.payUntilComplete();
  assert.equal(rule.hits, 1, "the fault has hit");
  const keys = case_.proxy.calls.filter(({ call }) => call === "start").map(({ key }) => key);
  assert.equal(new Set(keys).size, 1, `one intent, one key: ${keys}`);
  await case_.assertPaidOnce();
};

/** @type {[string, object, (case_: Case) => Promise<void>][]} */
const CASES = [
  ["a start is served and its answer is lost with the connection", { wallet: "alipay" }, startFails("lost after it is served")],

  ["a start on a connection that is kept alive is lost, which an engine may send again by itself", { wallet: "wechat_pay" }, async (case_) => {
    case_.proxy.keepsAlive = true;
    await startFails("lost after it is served")(case_);
  }],

  ["an answer has fewer bytes than it announced", { isCross: true, wallet: "wechat_pay" }, startFails("cut in the middle")],

  ["a captive portal answers for the shop", { isCross: true, wallet: "alipay" }, startFails("a captive portal")],

  ["a page comes instead of an answer, without CORS headers", { isCross: true, wallet: "wechat_pay" }, startFails("an HTML page")],

  ["a start hangs, and the other wallet is taken meanwhile", { isCross: true, wallet: "wechat_pay" }, async (case_) => {
    case_.proxy.inject("start", FAULTS["held and never served"].act, { wallet: "wechat_pay" });
    const shopper = await case_.shopper();
    await shopper.begin();
    await shopper.until("the alternatives", (/** @type {any} */ seen) => shopper.offers(seen, "switch"), 6_000);
    await shopper.press("switch");
    await shopper.begin(other("wechat_pay"));
    await shopper.scanAndApprove();
    await shopper.untilPaid();
    await case_.assertPaidOnce();
  }],

  ["Retry-After of another origin is kept", { isCross: true, wallet: "alipay" }, async (case_) => {
    case_.proxy.inject("check", FAULTS["429 with Retry-After"].act, { times: 1 });
    const shopper = await waiting(case_);
    await shopper.press("paid");
    await shopper.until("a retry", () => case_.proxy.count("check") > 1, 20_000);
    const calls = await shopper.run(() => globalThis.test.calls);
    const [first, second] = calls.filter((/** @type {any} */ { url }) => /check$/.test(url)).map((/** @type {any} */ { at }) => at);
    assert.ok(second - first >= RETRY_AFTER_S * 1_000, `retried after ${second - first} ms`);
    await shopper.payUntilComplete();
    await case_.assertPaidOnce();
  }],

  ["the stream is reset, and the next one goes on", { isCross: true, wallet: "wechat_pay" }, async (case_) => {
    const { proxy, servers } = case_;
    const shopper = await waiting(case_);
    const code = await shopper.code();
    await shopper.until("the stream", () => proxy.count("events") === 1);
    await shopper.advance(1_000);
    proxy.breakConnections();
    await shopper.until("the stream again", () => proxy.count("events") === 2);
    await servers.phone("approve", code);
    await shopper.untilPushed("paid", (/** @type {any} */ { state }) => state === "succeeded");
    await case_.assertPaidOnce();
  }],

  ["the stream is silent, is given up, and the payment is found by asking", { wallet: "alipay" }, async (case_) => {
    case_.proxy.inject("events", silence);
    const shopper = await waiting(case_);
    const code = await shopper.code();
    await case_.servers.phone("approve", code);
    await shopper.untilPaid();
    await case_.assertPaidOnce();
  }],

  ["the stream comes in single bytes", { isCross: true, wallet: "wechat_pay" }, async (case_) => {
    case_.proxy.inject("events", bytes);
    const shopper = await waiting(case_);
    const code = await shopper.code();
    await shopper.until("the stream", () => case_.proxy.count("events") === 1);
    await case_.servers.phone("approve", code);
    await shopper.untilPushed("paid", (/** @type {any} */ { state }) => state === "succeeded");
    await case_.assertPaidOnce();
  }],

  ["the page is loaded again while a start hangs", { wallet: "alipay" }, async (case_) => {
    const rule = case_.proxy.inject("start", FAULTS["held and never served"].act, { times: 1 });
    const shopper = await case_.shopper();
    await shopper.begin();
    await shopper.until("the start", () => case_.proxy.held > 0);
    await shopper.page.reload();
    rule.lift();
    await shopper.until("the widget", (/** @type {any} */ { isMounted }) => isMounted);
    await shopper.payUntilComplete();
    const keys = case_.proxy.calls.filter(({ call }) => call === "start").map(({ key }) => key);
    assert.equal(new Set(keys).size, 1, `one intent, one key: ${keys}`);
    await case_.assertPaidOnce();
  }],

  ["the page is left, the code is paid, and the shopper goes back", { wallet: "wechat_pay" }, async (case_) => {
    const shopper = await waiting(case_);
    const code = await shopper.code();
    await shopper.navigateAway();
    await case_.servers.phone("approve", code);
    await shopper.run(() => history.back());
    // From the cache of pages or loaded again, as the engine likes.
    await shopper.until("the widget", (/** @type {any} */ { isMounted }) => isMounted);
    await shopper.untilPaid(2_000);
    await case_.assertPaidOnce();
  }],

  ["two tabs press \"pay\" at once", { wallet: "wechat_pay" }, async (case_) => {
    const both = [await case_.shopper(), await case_.shopper()];
    for (const shopper of both) await shopper.state("selecting");
    for (const shopper of both) await shopper.choose("wechat_pay");
    await Promise.all(both.map((shopper) => shopper.press("pay")));
    const codes = [await both[0].code(), await both[1].code()];
    assert.equal(codes[0], codes[1], "both tabs show the same code");
    await case_.assertOnePayable();
    await case_.servers.phone("approve", codes[0]);
    for (const shopper of both) await shopper.untilPaid();
    await case_.assertPaidOnce();
    assert.equal((await case_.orders()).length, 1, "one order");
  }],

  ["the device's clock is a year ahead", { wallet: "alipay", deviceAheadMs: 365 * 24 * 3_600_000 }, async (case_) => {
    const shopper = await waiting(case_);
    const { payment, expires_at } = await case_.servers.readSession(case_.session.id);
    const end = Math.min(...[expires_at, payment.next_action.expires_at].filter(Boolean).map(Date.parse));
    const { timer } = await shopper.look();
    const shown = timer.split(":").reduce((/** @type {number} */ sum, /** @type {string} */ part) => sum * 60 + Number(part), 0);
    const left = (end - Date.now()) / 1_000;
    assert.ok(Math.abs(shown - left) <= 2, `shows ${shown} s, right is ${left} s`);
    await shopper.payUntilComplete();
    await case_.assertPaidOnce();
  }],
];

// The whole matrix runs in Chromium.
for (const engine of ENGINES.filter((engine) => engine !== "chromium")) {
  const group = matrix({}, () => EngineBrowser.start(engine));
  group(engine, CASES.map(([name, options, body]) => [name, { ...options, expected: FAILED }, body]), { concurrency: 1 });
}
