// @ts-check
// Load test of the release build of merchant and sandbox on loopback: answers per second, and the cost
// of thousands of waiting shoppers; on SQLite, or with one or several instances on PostgreSQL. Bounded in
// count and in time; stops by itself.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { OUT as STAGE_OUT, Servers } from "../tests/e2e/stage/servers.mjs";
import { readArguments } from "./lib/arguments.mjs";
import { Load, SESSIONS, opened, opening, starting as startRequest } from "./lib/load.mjs";
import { Notifications } from "./lib/notifications.mjs";
import { quantile, spell, summary } from "./lib/numbers.mjs";
import { versionOf } from "./lib/packages.mjs";
import { Postgres } from "./lib/postgres.mjs";
import { cpuMs, maxFiles, rss, threads } from "./lib/process.mjs";
import { Circumstances, keep, table } from "./lib/report.mjs";
import { Streams } from "./lib/streams.mjs";

/** The limit for each number of instances. */
const LIMIT_MS = 15 * 60_000;

/** How long the disk takes to keep a page, in milliseconds: the floor of every durable write. @param {string} folder */
function syncMs(folder) {
  const scratch = mkdtempSync(join(folder, "sync-"));
  const file = openSync(join(scratch, "page"), "w");
  const page = Buffer.alloc(4_096, 1);
  const all = [];
  for (let count = 0; count < 200; count += 1) {
    const startedAt = performance.now();
    writeSync(file, page, 0, page.length, count * page.length);
    fdatasyncSync(file);
    all.push(performance.now() - startedAt);
  }
  closeSync(file);
  rmSync(scratch, { recursive: true });
  return quantile(all, 0.5);
}

const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What processes spend their time on, by perf; the report says so where there is none. @param {number[]} pids @param {number} seconds @param {string} name */
async function profile(pids, seconds, name) {
  const run = promisify(execFile);
  const data = join(STAGE_OUT, `perf-${name}.data`);
  try {
    await run("perf", ["record", "-q", "-F", "499", "-p", pids.join(","), "-o", data, "--", "sleep", String(seconds)]);
    const { stdout } = await run("perf", ["report", "-i", data, "--stdio", "--no-children", "-s", "symbol", "--percent-limit", "0.8"], { maxBuffer: 2 ** 24 });
    return stdout.split("\n").filter((line) => /^\s+\d/.test(line)).slice(0, 12).map((line) => line.replace(/(\s+-)*\s*$/, "").trim());
  } catch (error) {
    return [`no profile: ${String(/** @type {any} */ (error).stderr ?? error).trim().split("\n").pop()}`];
  } finally {
    rmSync(data, { force: true });
  }
}

/** @param {string} notify_url_base @param {string} database of PostgreSQL; a file of SQLite if empty @param {number} instances @returns {Promise<Servers>} */
async function startServers(notify_url_base, database, instances) {
  const server = { notify_url_base, session_default_expiry_s: 3_600 };
  // All the load comes from one address, so the rate limit per address is off.
  const limits = { calls_per_minute: 0, sessions_per_minute: 0, wrong_secrets_per_minute: 0 };
  // Errors only: a line per call would be measured as well.
  const options = { log: "warn", hasShop: false, database, instances };
  try {
    return await Servers.start({ settings: { server, limits }, ...options });
  } catch (error) {
    // A backend without such limits.
    if (!/\[limits\]: there is no such section/.test(String(error))) throw error;
    return Servers.start({ settings: { server }, ...options });
  }
}

/** @param {any} options @param {number} instances */
async function measure(options, instances) {
  const circumstances = new Circumstances();
  const notifications = await Notifications.open();
  const postgres = options.database === "postgres" ? await Postgres.start() : null;
  const servers = await startServers(notifications.url, postgres?.url ?? "", instances);
  notifications.merchantUrls = servers.merchantUrls;
  const pids = servers.merchants.map(({ pid }) => Number(pid));
  const sum = (/** @type {(pid: number) => number} */ of) => pids.reduce((all, pid) => all + of(pid), 0);
  const deadline = setTimeout(() => {
    console.error("the bench takes too long and is ended");
    servers.stop().then(() => postgres?.stop()).finally(() => process.exit(1));
  }, LIMIT_MS);
  /** The streams at each instance. @type {Streams[]} */
  const waiting = [];
  try {
    const files = maxFiles(pids[0]);
    assert.ok(files > options.shoppers / instances + 300, `${options.shoppers} shoppers need more open files than ${files}: raise \`ulimit -n\` or take fewer by --shoppers`);
    const load = new Load(servers, options.connections, () => postgres?.cpuMs() ?? 0);
    /** @type {import("./lib/load.mjs").Shopper[]} */
    const shoppers = [];
    const create = () => opening(servers);
    const created = (/** @type {number} */ status, /** @type {string} */ body) => {
      if (status === 201) shoppers.push(opened(body));
    };
    // Warm-up, not counted: connections, caches and the file's first pages.
    await load.ask({ title: "warm-up", amount: 200, next: create, heard: created });
    const profiles = /** @type {Record<string, string[]>} */ ({});
    const profiled = async (/** @type {string} */ name, /** @type {Promise<any>} */ work) => {
      const seconds = Math.max(2, options.seconds - 1);
      const seen = options.profile ? [profile(pids, seconds, name), ...(postgres ? [profile(postgres.pids, seconds, `${name}-postgres`)] : [])] : [];
      const found = await work;
      const [merchant, database] = await Promise.all(seen);
      if (merchant) profiles[`merchant during "${name}"`] = merchant;
      if (database) profiles[`PostgreSQL during "${name}"`] = database;
      return found;
    };

    const phases = [];
    phases.push(await profiled("create", load.ask({ title: "sessions created", amount: 0, seconds: options.seconds, next: create, heard: created })));
    const missing = Math.max(options.shoppers, 100) - shoppers.length;
    if (missing > 0) await load.ask({ title: "sessions created to wait on", amount: missing, next: create, heard: created });

    /** @type {Map<string, string>} */
    const codes = new Map();
    const starting = shoppers.slice(0, Math.max(options.shoppers, 100));
    // Alipay's notifications name their order in the clear, by which push and notification are matched.
    const start = (/** @type {number} */ count) => startRequest(servers, starting[count % starting.length], count % 2 ? "alipay" : "wechat_pay");
    const started = (/** @type {number} */ _, /** @type {string} */ body) => {
      const { id, payment } = JSON.parse(body);
      if (payment?.payment_method === "alipay" && payment.next_action) codes.set(id, payment.next_action.data);
    };
    phases.push(await profiled("start", load.ask({ title: "payments started (at the sandbox, half of them each)", amount: starting.length, next: start, heard: started })));
    const read = (/** @type {number} */ count) => {
      const { id, secret } = starting[count % starting.length];
      return { method: "GET", path: `${SESSIONS}/${id}`, headers: { Authorization: `Bearer ${secret}` } };
    };
    phases.push(await profiled("read", load.ask({ title: "statuses read", amount: 0, seconds: options.seconds, next: read })));

    const busy = { rss: sum(rss), threads: sum(threads) };
    let waits = null;
    if (options.shoppers > 0) {
      const before = sum(rss);
      const startedAt = performance.now();
      waiting.push(...servers.merchantUrls.map((url) => new Streams(url)));
      const all = starting.slice(0, options.shoppers);
      const at = new Map(all.map(({ id }, count) => [id, count % instances]));
      await Promise.all(waiting.map((streams, instance) => streams.open(all.filter(({ id }) => at.get(id) === instance))));
      const told = (/** @type {string} */ id) => waiting[at.get(id) ?? 0].told.get(id);
      const toldCount = () => waiting.reduce((count, streams) => count + streams.told.size, 0);
      const lost = () => waiting.reduce((count, streams) => count + streams.lost, 0);
      const opening_ms = performance.now() - startedAt;
      const idle = { cpu: sum(cpuMs), database: postgres?.cpuMs() ?? 0, at: performance.now() };
      await sleep(options.idle * 1000);
      const idleSeconds = (performance.now() - idle.at) / 1000;
      const after = sum(rss);
      const idleCpu = (sum(cpuMs) - idle.cpu) / 10 / idleSeconds;
      const idleDatabase = ((postgres?.cpuMs() ?? 0) - idle.database) / 10 / idleSeconds;

      // Push and notification, matched by the order's number.
      /** @type {Map<string, { at: bigint, instance: number }>} */
      const notified = new Map();
      notifications.heardBody = (body, instance) => {
        const order = /(?:^|&)out_trade_no=([^&]+)/.exec(body)?.[1];
        if (order && !notified.has(order)) notified.set(order, { at: process.hrtime.bigint(), instance });
      };
      /** @type {Map<string, string>} */
      const orders = new Map();
      const picked = all.filter(({ id }) => codes.has(id)).slice(0, options.notifications);
      const approvals = [];
      for (const { id } of picked) {
        approvals.push(servers.phone("approve", codes.get(id) ?? "", "alipay").then(({ out_trade_no }) => orders.set(id, out_trade_no)));
        await sleep(1000 / options.rate);
      }
      await Promise.all(approvals);
      for (let tries = 0; toldCount() < picked.length && tries < 600; tries += 1) await sleep(100);
      const times = picked.flatMap(({ id }) => {
        const [from, to] = [notified.get(orders.get(id) ?? ""), told(id)];
        return from && to ? [{ ms: Number(to - from.at) / 1e6, isAcross: from.instance !== at.get(id) }] : [];
      });
      const quantiles = (/** @type {typeof times} */ some) => {
        const { p95, p99, median, max, count } = summary(some.map(({ ms }) => ms));
        return { count, p50: median, p95, p99, max };
      };
      const push_ms = { ...quantiles(times), across: quantiles(times.filter(({ isAcross }) => isAcross)), same: quantiles(times.filter(({ isAcross }) => !isAcross)) };
      const ended = waiting.reduce((count, streams) => count + streams.ended.size, 0);
      assert.ok(times.length > 0 || picked.length === 0, `no push could be matched: ${orders.size} approved, ${notified.size} notified, ${toldCount()} pushed, ${ended} ended, ${lost()} lost\n${servers.logs().slice(-3_000)}`);
      waits = {
        shoppers: options.shoppers, opening_ms, rss_before: before, rss_waiting: after, per_shopper: (after - before) / options.shoppers,
        threads: sum(threads), idle_cpu_percent: idleCpu, idle_database_percent: idleDatabase, notifications: picked.length, matched: times.length, rate: options.rate,
        push_ms, lost: lost(),
      };
    }
    const described = circumstances.describe({ autocannon: versionOf("autocannon"), ...(postgres && { postgres: postgres.version }) });
    const build = /release$/.test(process.env.OPENCASHIER_BIN_DIR ?? "") ? "Release" : "Debug";
    return { circumstances: described, instances, build, busy, sync_ms: syncMs(servers.folder), phases, waits, profiles };
  } finally {
    clearTimeout(deadline);
    await Promise.all(waiting.map((streams) => streams.end()));
    await Promise.all([servers.stop(), notifications.close()]);
    await postgres?.stop();
  }
}

/** @param {any} result */
function markdown({ build, busy, phases, waits, sync_ms, profiles }) {
  const rows = phases.map((/** @type {any} */ each) => [
    each.title, spell(each.per_second), spell(each.latency.p50), spell(each.latency.p97_5), spell(each.latency.p99),
    spell(each.merchant_cpu_us), spell(each.sandbox_cpu_us), `${spell(each.answers)} (${Object.entries(each.refused).map(([status, count]) => `${status}: ${count}`).join(", ") || "none"})`,
  ]);
  const parts = [
    `${build} build, SQLite with \`journal_mode=WAL\` and \`synchronous=FULL\` in one file; one durable write of a page takes the disk ${spell(sync_ms, 2)} ms (median). ` +
      `${phases[0].connections} connections of autocannon, which shares the cores with both servers.`,
    `After all of these the merchant holds ${spell(busy.rss / 2 ** 20, 1)} MiB in ${busy.threads} threads.`,
    table(["calls", "per second", "p50, ms", "p97.5, ms", "p99, ms", "merchant's CPU per call, µs", "sandbox's, µs", "answers (refused)"], rows),
  ];
  if (waits) {
    parts.push(`${spell(waits.shoppers)} shoppers wait on server-sent events, each with a payment that can be paid; ${waits.rate} payments a second are approved.`,
      table(["waiting", "measured"], [
        ["connections opened, all told their session, s", spell(waits.opening_ms / 1000, 1)],
        ["memory of the merchant before, MiB", spell(waits.rss_before / 2 ** 20, 1)],
        ["memory with all waiting, MiB", spell(waits.rss_waiting / 2 ** 20, 1)],
        ["threads of the merchant", waits.threads],
        ["memory per waiting shopper, KiB", spell(waits.per_shopper / 1024, 1)],
        ["CPU while nothing happens (heartbeats, questions to the gateways), % of one core", spell(waits.idle_cpu_percent)],
        ["notification to push, ms: p50", spell(waits.push_ms.p50, 1)],
        ["p95", spell(waits.push_ms.p95, 1)],
        ["p99", spell(waits.push_ms.p99, 1)],
        ["most", spell(waits.push_ms.max, 1)],
        ["pushes matched with their notification", `${waits.matched} of ${waits.notifications}`],
        ["streams lost", waits.lost],
      ]));
  }
  return [...parts, ...profilesOf(profiles)].join("\n\n");
}

/** A part for each profile: its heading and its lines. @param {Record<string, string[]>} profiles @param {string} [circumstance] */
const profilesOf = (profiles, circumstance = "") =>
  Object.entries(profiles).map(([name, lines]) => `Where the threads are of the ${name}${circumstance} (perf, flat):\n\n\`\`\`\n${lines.join("\n")}\n\`\`\``);

/** The report of several numbers of instances on PostgreSQL, beside each other. @param {any[]} results */
function markdownOfInstances(results) {
  const [{ build, phases, sync_ms }] = results;
  const titles = phases.map((/** @type {any} */ each) => each.title);
  const rows = results.flatMap(({ instances, phases }) => phases.map((/** @type {any} */ each) => [
    each.title, instances, spell(each.per_second), spell(each.latency.p50), spell(each.latency.p97_5), spell(each.latency.p99),
    spell(each.merchant_cpu_us), spell(each.database_cpu_us), spell(each.sandbox_cpu_us),
    `${spell(each.answers)} (${Object.entries(each.refused).map(([status, count]) => `${status}: ${count}`).join(", ") || "none"})`,
  ])).sort(([one], [other]) => titles.indexOf(one) - titles.indexOf(other));
  const parts = [
    `${build} build, PostgreSQL with \`fsync\` on the same machine; one durable write of a page takes the disk ${spell(sync_ms, 2)} ms (median). ` +
      `${phases[0].connections} connections of autocannon, the same share of them to each instance; autocannon, the instances, PostgreSQL and the sandbox share the cores.`,
    table(["calls", "instances", "per second", "p50, ms", "p97.5, ms", "p99, ms", "instances' CPU per call, µs", "PostgreSQL's, µs", "sandbox's, µs", "answers (refused)"], rows),
  ];
  const waiting = results.filter(({ waits }) => waits);
  if (waiting.length > 0) {
    const [{ waits }] = waiting;
    const row = (/** @type {string} */ title, /** @type {(result: any) => string | number} */ of) => [title, ...waiting.map(of)];
    const ms = (/** @type {(push: any) => any} */ of) => (/** @type {any} */ result) => {
      const { count, p50, p95, p99 } = of(result.waits.push_ms);
      return count ? `${spell(p50, 1)}, ${spell(p95, 1)}, ${spell(p99, 1)} (${count})` : "–";
    };
    parts.push(`${spell(waits.shoppers)} shoppers wait on server-sent events, the same share of them at each instance, each with a payment that can be paid; ` +
      `${waits.rate} payments a second are approved, and the instances get the notifications in turn.`,
      table(["waiting", ...waiting.map(({ instances }) => `${instances} instance${instances > 1 ? "s" : ""}`)], [
        row("connections opened, all told their session, s", ({ waits }) => spell(waits.opening_ms / 1000, 1)),
        row("memory of all instances before, MiB", ({ waits }) => spell(waits.rss_before / 2 ** 20, 1)),
        row("memory with all waiting, MiB", ({ waits }) => spell(waits.rss_waiting / 2 ** 20, 1)),
        row("CPU of all instances while nothing happens, % of one core", ({ waits }) => spell(waits.idle_cpu_percent)),
        row("PostgreSQL's meanwhile, %", ({ waits }) => spell(waits.idle_database_percent)),
        row("notification to push at another instance, ms: p50, p95, p99 (pushes)", ms(({ across }) => across)),
        row("at the same instance", ms(({ same }) => same)),
        row("pushes matched with their notification", ({ waits }) => `${waits.matched} of ${waits.notifications}`),
        row("streams lost", ({ waits }) => waits.lost),
      ]));
  }
  return [...parts, ...results.flatMap(({ instances, profiles }) => profilesOf(profiles, `, ${instances} instances`))].join("\n\n");
}

/** @param {string[]} [words] of the command line */
export async function main(words) {
  const options = readArguments({
    seconds: 10, connections: 32, shoppers: 10_000, idle: 20, notifications: 500, rate: 20, profile: false, write: "", database: "sqlite", instances: ["1"],
  }, words);
  const counts = options.instances.map(Number);
  assert.ok(["sqlite", "postgres"].includes(options.database), `--database is sqlite or postgres, not ${options.database}`);
  assert.ok(counts.every((/** @type {number} */ count) => Number.isInteger(count) && count > 0), `--instances takes numbers, as 1,2,3, not ${options.instances}`);
  if (options.database === "sqlite") {
    assert.deepEqual(counts, [1], "several instances need --database postgres");
    const result = await measure(options, 1);
    keep("backend", result, markdown(result), options.write);
    return result;
  }
  const results = [];
  for (const count of counts) {
    results.push(await measure(options, count));
    console.log(`measured: ${count} instances`);
  }
  const [{ circumstances: first }, { circumstances: last }] = [results[0], results[results.length - 1]];
  const circumstances = { ...first, took_s: results.reduce((sum, { circumstances }) => sum + circumstances.took_s, 0), load_at_end: last.load_at_end };
  keep("backend-postgres", { circumstances, results }, markdownOfInstances(results), options.write);
  return results[results.length - 1];
}

if (process.argv[1] === new URL(import.meta.url).pathname) await main();
