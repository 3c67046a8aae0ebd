// Tests www/options.js and www/environment.js with any option and any user agent.
// Oracles: `readOptions` never throws; the options that it accepts are of the strict form, and the same
// under a polluted Object.prototype; the environment is one of the contract's, and the one that
// docs/environments.md gives for the user agent: stated here a second time, and by real examples.
// The user agents of tests/environment/agents.json are used as well, with random changes. The corpus of
// user agents, which has each pair of marks in each environment, is tried first.
//
//   node options.mjs [--runs N] [--seconds N] [--seed S] [--keep 1]

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";

/** @type {Record<string, number>} */
const numbers = { runs: 20_000, seconds: 0, seed: 2026, keep: 0 };
for (let at = 2; at < process.argv.length; at += 2) {
  const name = process.argv[at].replace(/^--/, "");
  assert(name in numbers && Number.isSafeInteger(+process.argv[at + 1]), `unknown: ${process.argv[at]}`);
  numbers[name] = +process.argv[at + 1];
}

const { readOptions } = await import("../../../www/options.js");
const { OPTIONS } = await import("../../../www/names.js");
const { environmentOf } = await import("../../../www/environment.js");
const { agents } = JSON.parse(await readFile(new URL("../../../tests/environment/agents.json", import.meta.url), "utf8"));

/** The corpus of user agents, each with the number of touch points of the screen. */
const CORPUS = new URL("../corpus/user_agent/kept.json", import.meta.url);
const kept = JSON.parse(await readFile(CORPUS, "utf8"));

Object.defineProperty(globalThis, "document", { value: { baseURI: "https://shop.example/cart?a=b" } });
Object.defineProperty(globalThis, "location", { value: { href: "https://shop.example/cart?a=b#c" } });

/** User agents of real browsers, each with its environment. */
const AGENTS = [
  ["desktop", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"],
  ["desktop", "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"],
  ["desktop", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15"],
  ["wechat_desktop", "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36 NetType/WIFI MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat(0x63090c11) XWEB/11275 Flue"],
  ["wechat_desktop", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 MicroMessenger/6.8.0(0x16080000) MacWechat/3.8.9(0x13080910) NetType/WIFI WindowsWechat"],
  ["wechat", "Mozilla/5.0 (Linux; Android 14; 2211133C Build/UKQ1.230804.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.188 Mobile Safari/537.36 XWEB/1260117 MMWEBSDK/20240404 MicroMessenger/8.0.49.2600(0x28003133) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64"],
  ["wechat", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50(0x18003234) NetType/4G Language/zh_CN"],
  ["alipay", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21E219 Ariver/1.1.0 AliApp(AP/10.5.96.6000) Nebula WK RVKType(0) AlipayDefined(nt:WIFI,ws:390|780|3.0) AlipayClient/10.5.96.6000 Language/zh-Hans"],
  ["alipay", "Mozilla/5.0 (Linux; U; Android 13; zh-CN; V2171A Build/TP1A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 UWS/5.12.1.0 Mobile Safari/537.36 AliApp(AP/10.6.0.8000) AlipayClient/10.6.0.8000 Language/zh-Hans"],
  ["mobile_browser", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"],
  ["mobile_browser", "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1"],
  ["mobile_browser", "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0"],
];
const WORDS = ["MicroMessenger", "WindowsWechat", "MacWechat", "AlipayClient", "Android", "iPhone", "iPad", "iPod",
  "HarmonyOS", "Mobile", "Macintosh", " ", "/", "", "\u0000", "微信", "\ud800", "wxwork/4.1", "mobile", "ANDROID"];

/** SplitMix64: a seed repeats its run. */
let state = BigInt(numbers.seed);
function bits() {
  state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
  let word = state;
  word = BigInt.asUintN(64, (word ^ (word >> 30n)) * 0xbf58476d1ce4e5b9n);
  word = BigInt.asUintN(64, (word ^ (word >> 27n)) * 0x94d049bb133111ebn);
  return Number((word ^ (word >> 31n)) & 0xffffffffn);
}
const below = (/** @type {number} */ count) => bits() % count;
const pick = (/** @type {any} */ list) => list[below(list.length)];

/** The environments of `crates/contract`. */
const ENVIRONMENTS = new Set(["desktop", "mobile_browser", "in_app", ...agents.map((/** @type {any} */ row) => row.environment)]);
/** Other apps have many names, which the table of user agents covers; they have no expected value here. */
const OTHER_APPS = /aliapp|dingtalk|jdapp|jdltapp|jdpingou|weibo|aweme|douyin|xhs|xiaohongshu|qq\/\d|_sq|tbs\/|biliapp|kwai|ksnebula|baiduboxapp|newsarticle|musical_ly|trill|bytedance|fba[nv]|instagram|line\/|twitter|snapchat|; wv\)|arkweb|iphone|ipad|ipod|macintosh/;

/** Returns the environment by gateways.md A11.4 and C, in order; undefined where it is not stated here. */
function expected(/** @type {any} */ agent, /** @type {any} */ touchPoints) {
  const text = agent.toLowerCase();
  const has = (/** @type {any[]} */ ...words) => words.some((word) => text.includes(word));
  if (/qq\/\d|_sq/.test(text)) return undefined;
  const isMini = has("miniprogram");
  if (has("micromessenger") && isMini) return "wechat_mini_program";
  if (has("alipayclient") && isMini) return "alipay_mini_program";
  if (has("windowswechat", "macwechat")) return "wechat_desktop";
  const isComputer = has("windows nt", "x11", "cros") || /(pc|2in1); ?openharmony/.test(text) ||
    (has("macintosh") && touchPoints <= 1);
  if (isComputer && !has("android", "mobile")) return has("micromessenger") ? "wechat_desktop" : "desktop";
  if (has("micromessenger")) return has("wxwork") ? "wecom" : "wechat";
  if (has("wxwork")) return "wecom";
  if (has("alipayclient")) return "alipay";
  if (OTHER_APPS.test(text)) return undefined;
  return has("android", "harmony", "mobile", "browser/", "quark/", "duckduckgo/", "edga/") ? "mobile_browser" : "desktop";
}

const environment = (/** @type {any} */ agent, /** @type {any} */ touchPoints) => environmentOf(agent, touchPoints);

function anyAgent() {
  let agent = pick([() => pick(AGENTS)[1], () => pick(agents).agent, () => pick(kept)[1]])();
  for (let change = below(6); change > 0; change -= 1) {
    const at = below(agent.length + 1);
    const end = Math.min(agent.length, at + below(30));
    agent = agent.slice(0, at) + pick([...WORDS, agent.slice(at, end)]) + agent.slice(pick([at, end]));
  }
  return agent;
}

const SCRAPS = ["cs_1_secret_2", "cs__secret_", "https://shop.example/api", "http://a:b@c/", "javascript:alert(1)",
  "data:text/html,x", "//evil.example", "alipay", "wechat_pay", "alipay, wechat_pay", "qr_code", "redirect", "auto",
  "true", "false", "dark", "night", "url(https://evil.example)", "red;}*{color:red", "\\75rl(x)", "#fff", "image-set(x)",
  "expression(1)", "URL (x)", "src(x)", "@import 'x'", "{", "[]", "null", "{\"theme\":\"night\"}", "colorPrimary", ".button:hover", ".x{}", "__proto__",
  "constructor", "\u0000", "\ud800", " ", "1e999", "-1"];

/** @param {number} depth @returns {any} */
function anyValue(depth) {
  switch (below(depth > 0 ? 12 : 8)) {
    case 0: return undefined;
    case 1: return null;
    case 2: return pick([true, false]);
    case 3: return pick([0, -1, 1.5, NaN, Infinity, 2 ** 53, 10n, Symbol("s")]);
    case 4: case 5: return pick(SCRAPS);
    case 6: return pick(SCRAPS) + pick(SCRAPS);
    case 7: return JSON.stringify(anyJson(depth)) ?? "";
    case 8: case 9: return Array.from({ length: below(4) }, () => anyValue(depth - 1));
    default: return Object.fromEntries(Array.from({ length: below(5) }, () => [anyName(), anyValue(depth - 1)]));
  }
}
const anyName = () => pick(["theme", "variables", "rules", ...SCRAPS]);
/** @param {number} depth @returns {any} */
function anyJson(depth) {
  if (depth <= 0 || below(3) === 0) return pick([null, true, 1, 1.5, ...SCRAPS]);
  if (below(3) === 0) return Array.from({ length: below(4) }, () => anyJson(depth - 1));
  return Object.fromEntries(Array.from({ length: below(5) }, () => [anyName(), anyJson(depth - 1)]));
}

const isPlain = (/** @type {any} */ value) => typeof value === "string" && !/url\s*\(|image\s*\(|set\s*\(|src\s*\(/i.test(value) && !/[{};@\\]/.test(value);

/** Members of a polluted Object.prototype, none of which may become an option. */
const POLLUTION = { theme: "night", variables: { colorPrimary: "#666" }, rules: { ".evil": {} }, id: "cs_1", apiBase: "https://evil.example",
  returnUrl: "https://evil.example", clientSecret: "cs_9_secret_9", session: { id: "cs_1" }, layout: "tabs", readOnly: true, evil: "x" };

/** Reads the options while Object.prototype is polluted. */
function readPolluted(/** @type {any} */ get) {
  Object.assign(Object.prototype, POLLUTION);
  try {
    return readOptions(get);
  } finally {
    for (const name of Object.keys(POLLUTION)) delete /** @type {any} */ (Object.prototype)[name];
  }
}

/** Checks the values that `readOptions` passes to the Wasm and to the CSSOM. */
function checkOptions(/** @type {any} */ given) {
  const get = (/** @type {string} */ name) => (Object.hasOwn(given, name) ? given[name] : undefined);
  const read = readOptions(get);
  const { settings, problems } = read;
  assert.deepEqual(readPolluted(get), read);
  assert.equal(Object.getPrototypeOf(settings.strict), null);
  const { strict } = settings;
  for (const problem of problems) {
    assert(/** @type {readonly string[]} */ (OPTIONS).includes(problem.name) && typeof problem.message === "string", JSON.stringify(problem));
    assert.equal(typeof problem.isFatal, "boolean");
  }
  assert(["accordion", "tabs", "list"].includes(strict.layout));
  assert(["auto", "qr_code", "redirect"].includes(strict.desktopFlow));
  assert(["auto", "qr_code", "redirect", "jsapi"].includes(strict.mobileFlow));
  assert([true, false].includes(strict.readOnly) && [true, false].includes(strict.showPayButton));
  for (const list of [strict.paymentMethods, strict.paymentMethodOrder]) {
    assert(Array.isArray(list) && list.every((method) => ["alipay", "wechat_pay"].includes(method)), String(list));
  }
  assert(["auto", "light", "night", "flat"].includes(settings.theme));
  assert(["auto", "always", "never"].includes(settings.loader));
  for (const [name, value] of settings.variables) {
    assert(/^--oc-[a-z-]+$/.test(name) && isPlain(value), `${name}: ${value}`);
  }
  for (const [selector, declarations] of settings.rules) {
    assert(/^\[part~="[a-z-]+"\](:[a-z-]+)?$/.test(selector), selector);
    assert(declarations.every(([, value]) => isPlain(value)), selector);
  }
  if (problems.some((problem) => problem.isFatal)) return;
  assert(/^cs_[A-Za-z0-9_]+_secret_[A-Za-z0-9_]+$/.test(strict.clientSecret), strict.clientSecret);
  const base = new URL(strict.apiBase);
  assert(["http:", "https:"].includes(base.protocol) && !base.username && !base.password && !base.hash, strict.apiBase);
  assert.equal(strict.apiOrigin, base.origin);
  if (strict.returnUrl) assert(!/^(about|blob|data|file|filesystem|ftp|javascript|vbscript|wss?):/.test(strict.returnUrl), strict.returnUrl);
  assert(strict.redirectHosts.every((host) => /^[a-z0-9.-]+$/.test(host)), String(strict.redirectHosts));
}

/** Fails unless the environment of a user agent is valid, and the expected one. */
function checkAgent(/** @type {any} */ agent, /** @type {any} */ touchPoints) {
  const found = environment(agent, touchPoints);
  assert(ENVIRONMENTS.has(found), found);
  assert.equal(found, expected(agent, touchPoints) ?? found, agent);
  return found;
}

/** The marks that the detection looks for. */
const MARKS = ["micromessenger", "windowswechat", "macwechat", "alipayclient", "aliapp(ap", "aliapp(tb", "aliapp(tm",
  "miniprogram", "wxwork", "dingtalk", "jdapp", "weibo", "aweme", "xhs", "qq/", "tbs/", "; wv)", "arkweb", "android",
  "iphone", "ipad", "macintosh", "windows nt", "x11", "harmony", "mobile", "safari/", "browser/"];

/** Returns the coverage of a user agent: each pair of its marks with its environment. */
function coverageOf(/** @type {any} */ agent, /** @type {any} */ touchPoints) {
  const text = agent.toLowerCase();
  const named = MARKS.filter((mark) => text.includes(mark));
  const found = environment(agent, touchPoints);
  return named.flatMap((one, at) => named.slice(at).map((two) => `${found} ${one} ${two}`));
}

/** A user agent for each item of coverage. */
const seen = new Map();
function keep(/** @type {any} */ agent, /** @type {any} */ touchPoints) {
  for (const item of coverageOf(agent, touchPoints)) if (!seen.has(item)) seen.set(item, [Math.min(touchPoints, 2), agent]);
}

/** Returns a small set of them with the same coverage: those that cover most are taken first. */
function smallestSet() {
  const covered = new Set();
  const coverage = (/** @type {any} */ pair) => coverageOf(pair[1], pair[0]);
  return [...new Set(seen.values())].sort((one, two) => coverage(two).length - coverage(one).length).filter((pair) => {
    const added = coverage(pair).filter((item) => !covered.has(item));
    for (const item of added) covered.add(item);
    return added.length > 0;
  });
}

for (const [touchPoints, agent] of kept) checkAgent(agent, touchPoints);
for (const [where, agent] of AGENTS) {
  assert.equal(environment(agent, 0), where, agent);
}
const tabletOrLaptop = AGENTS[2][1];
assert.equal(environment(tabletOrLaptop, 5), "mobile_browser", "an iPad calls itself a Macintosh");

const end = Date.now() + numbers.seconds * 1_000;
let run = 0;
for (; numbers.seconds ? Date.now() < end : run < numbers.runs; run += 1) {
  const agent = anyAgent();
  const touchPoints = below(6);
  /** @type {Record<string, any>} */
  const given = { clientSecret: "cs_1_secret_2", apiBase: "/api" };
  for (let count = below(5); count > 0; count -= 1) given[pick(OPTIONS)] = anyValue(3);
  try {
    checkAgent(agent, touchPoints);
    if (numbers.keep) keep(agent, touchPoints);
    checkOptions(given);
  } catch (error) {
    console.error(`run ${run} of seed ${numbers.seed}:`, given, agent);
    throw error;
  }
}
if (numbers.keep) {
  const lines = smallestSet().map((pair) => JSON.stringify(pair)).sort();
  await writeFile(CORPUS, `[\n${lines.join(",\n")}\n]\n`);
}
console.log(`options: ${kept.length} kept agents and ${run} executions of seed ${numbers.seed}, nothing found`);
