// The conformance kit: the reference backend and the one in Node.js pass, and planted faults are named.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";

import { Servers } from "../e2e/stage/servers.mjs";
import { freePort } from "./projects.mjs";

const KIT = join(process.env.OPENCASHIER_BIN_DIR ?? "", "opencashier-conformance");
const EXAMPLE = fileURLToPath(new URL("../../npm/examples/backend-node/", import.meta.url));
const ORIGIN = "https://shop.example";
const KEY = "sk_test_conformance";

/** @type {Servers} */
let servers;
before(async () => {
  servers = await Servers.start({ hasShop: false });
});
after(() => servers?.stop());

/** Runs the kit. Returns the names of the broken rules, and all that it said. @param {string[]} args */
async function check(args) {
  const kit = spawn(KIT, args, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  kit.stdout.setEncoding("utf8").on("data", (chunk) => (said += chunk));
  const status = await new Promise((done) => kit.on("close", done));
  const broken = [...said.matchAll(/^BROKEN +([\w.-]+):/gm)].map(([, name]) => name);
  assert.equal(status, broken.length ? 1 : 0, said);
  return { broken, said };
}

/**
 * Runs the kit against the backend in Node.js, changed by `change`: a file, a text in it, and another.
 * @param {[string, string, string] | null} change @param {string[]} rules
 */
async function checkNode(change, rules = []) {
  const folder = await mkdtemp(join(tmpdir(), "opencashier-backend-"));
  await cp(EXAMPLE, folder, { recursive: true });
  if (change) {
    const [file, text, other] = change;
    const source = await readFile(join(folder, file), "utf8");
    assert.ok(source.includes(text), `${file} does not contain ${text}`);
    await writeFile(join(folder, file), source.replace(text, other));
  }
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const port = await freePort();
  const backend = spawn("node", ["server.js", "--port", String(port), "--origin", ORIGIN, "--file", "sessions.json"], {
    cwd: folder, env: { ...process.env, SECRET_KEY: KEY }, stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    await new Promise((done, fail) => {
      backend.stdout.once("data", done);
      backend.once("exit", () => fail(new Error("the backend in Node.js does not start")));
    });
    const base = `http://127.0.0.1:${port}`;
    return await check(["--api-base", base, "--secret-key", KEY, "--sandbox", base, "--origin", ORIGIN, ...rules]);
  } finally {
    backend.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

test("the reference backend keeps every rule", async () => {
  const { merchantUrl, secretKey, sandboxUrl, shopUrl } = servers;
  const { broken, said } = await check(["--api-base", merchantUrl, "--secret-key", secretKey, "--sandbox", sandboxUrl, "--origin", shopUrl]);
  assert.deepEqual(broken, [], said);
});

test("the backend in Node.js keeps every rule", async () => {
  const { broken, said } = await checkNode(null);
  assert.deepEqual(broken, [], said);
  assert.match(said, /38 passed, 0 broken, 2 left out/);
});

test("what cannot be begun is said at once, and ends with 2", () => {
  const { OPENCASHIER_SECRET_KEY: _none, ...environment } = process.env;
  const run = (/** @type {string[]} */ ...args) => spawnSync(KIT, args, { encoding: "utf8", env: environment });
  const { merchantUrl, secretKey } = servers;
  for (const [args, said] of /** @type {[string[], RegExp][]} */ ([
    [["--api-base", merchantUrl, "--secret-key", secretKey, "nosuchrule"], /no rule begins with nosuchrule/],
    [["--api-base", merchantUrl, "--secret-key", "sk_wrong"], /no session can be opened.*answers 401/],
    [["--api-base", `${merchantUrl}/v1`, "--secret-key", secretKey], /leave out \/v1/],
    [["--api-base", merchantUrl, "--open-session", "echo no database >&2; exit 3"], /--open-session failed \(exit status: 3\): no database/],
    [["--api-base", "shop.example", "--secret-key", secretKey], /--api-base must begin with http/],
    [["--api-base", merchantUrl], /--open-session|--secret-key/],
  ])) {
    const { status, stdout, stderr } = run(...args);
    assert.equal(status, 2, `${args}: ${stdout}${stderr}`);
    assert.match(stderr, said);
  }
});

test("the backend in Node.js refuses an origin that no browser sends", () => {
  for (const origin of ["https://shop.example/", "shop.example", "https://shop.example/pay"]) {
    const { status, stderr } = spawnSync("node", [join(EXAMPLE, "server.js"), "--port", "1", "--origin", origin, "--file", "sessions.json"],
      { encoding: "utf8", env: { ...process.env, SECRET_KEY: KEY }, timeout: 10_000 });
    assert.equal(status, 2, stderr);
    assert.match(stderr, /--origin must be the page's origin/);
  }
});

/** Faults, each with the rule that names it. @type {Record<string, [string, [string, string, string]]>} */
const FAULTS = {
  "any secret opens a session": ["session.secret", ["server.js", "!session || !store.opens(session, bearer(request))", "!session"]],
  "payments need no right secret": ["session.secret", ["server.js", "!session || !store.opens(session, bearer(request))", '!session || (request.method === "GET" && !store.opens(session, bearer(request)))']],
  "texts are escaped": ["session.read", ["checkout.js", "description: session.description,", 'description: session.description.replaceAll("<", "&lt;"),']],
  "answers have no Request-Id": ["session.problem", ["server.js", '"Cache-Control": "no-store", "Request-Id": requestId', '"Cache-Control": "no-store"']],
  "a cache may answer another origin": ["cors.answers", ["server.js", 'response.setHeader("Vary", "Origin");', ""]],
  "a refresh revives a canceled payment": ["refresh", ["checkout.js", 'if (verb === "refresh") throw new Problem(409, "payment_closed", `the payment is ${payment.status}`);', 'if (verb === "refresh") payment.status = "requires_action";']],
  "the clock stands still": ["session.clock", ["checkout.js", "server_time: new Date().toISOString()", "server_time: new Date(0).toISOString()"]],
  "the hosted page is missing": ["session.hosted-page", ["server.js", "if (hosted && method", "if (false && method"]],
  "a repeated opening is another session": ["open.repeated", ["server.js", "session.openedBy === key", "false"]],
  "reading gives the secret away": ["open.read", ["server.js", "answer(response, 200, orderView(session));", "answer(response, 200, { ...orderView(session), client_secret: store.secret(session) });"]],
  "any life is taken": ["open.refused", ["server.js", "refuse(!Number.isInteger(expires_in_s) ||", "refuse(false && !Number.isInteger(expires_in_s) ||"]],
  "errors are plain JSON": ["session.problem", ["server.js", 'problem.document(), "application/problem+json"', "problem.document()"]],
  "the stream's header is not allowed": ["cors.preflight", ["server.js", ", Last-Event-ID", ""]],
  "errors have no CORS headers": ["cors.answers", ["server.js", "  try {\n    await route", '  if (request.url?.includes("nothing")) response.removeHeader("Access-Control-Allow-Origin");\n  try {\n    await route']],
  "every origin is allowed": ["cors.stranger", ["server.js", 'if (headers.origin !== values.origin) return;\n  response.setHeader("Access-Control-Allow-Origin", values.origin ?? "");', 'response.setHeader("Access-Control-Allow-Origin", headers.origin ?? "");']],
  "a start needs no key": ["start.key", ["server.js", 'throw new Problem(400, "idempotency_key_invalid"', 'return "x"; throw new Problem(400, "idempotency_key_invalid"']],
  "a repeated start is another payment": ["start.repeated", ["server.js", 'if (known === "same") return;', 'if (known === "same") session.payments.at(-1).status = "canceled";']],
  "a key takes any body": ["start.key-reused", ["server.js", 'if (known === "other")', "if (false)"]],
  "a second start is a second payment": ["start.active", ["checkout.js", "if (active?.method === body.payment_method) return;", ""]],
  "a switch does not close the old payment": ["switch", ["checkout.js", 'if (active && !(await end(store, session, active, "canceled"))) return; // It was paid meanwhile.', 'if (active) active.status = "canceled";']],
  "a cancel ends the session": ["cancel", ["checkout.js", 'if (verb === "cancel") await end(store, session, payment, "canceled");', 'if (verb === "cancel" && (await end(store, session, payment, "canceled"))) session.status = "canceled";']],
  "the revision stands still": ["revision", ["store.js", "session.revision += 1;", ""]],
  "a check does not ask the gateway": ["paid.check", ["checkout.js", "if (payment && (await gateway.isPaid(payment.code))) return succeed(store, session, payment);", ""]],
  "the stream is silent until a change": ["stream.first", ["server.js", "  send();\n  const forget", "  const forget"]],
  "a wrong environment is taken": ["hostile.json", ["checkout.js", 'if (typeof body.environment !== "string")', "if (false)"]],
  "a payment's member is spelt otherwise": ["start.code", ["checkout.js", "created_at:", "createdAt:"]],
};

for (const [fault, [rule, change]] of Object.entries(FAULTS)) {
  test(`a planted fault is named: ${fault}`, async () => {
    const { broken, said } = await checkNode(change, [rule]);
    assert.ok(broken.includes(rule), said);
  });
}
