// Every `curl` line of the documents works, in the order in which it stands there.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { Servers } from "../e2e/stage/servers.mjs";

const DOCUMENTS = ["merchant-api.md", "reference-backend.md"];
const WAIT_MS = 20_000;

/** @type {Servers} */
let servers;
before(async () => {
  servers = await Servers.start({ hasShop: false });
});
after(() => servers?.stop());

/** The commands of a document's blocks for a shell. @param {string} text */
function commands(text) {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block.replaceAll("\\\n", " "));
  // A command goes on over the lines of a quoted body.
  return blocks.flatMap((block) => block.match(/^curl (?:'[^']*'|"(?:\\.|[^"\\])*"|[^'"\n])*/gm) ?? []);
}

/** Runs a command; a stream is read until its first event. @param {string} command @param {Record<string, string>} variables */
async function run(command, variables) {
  const shell = spawn("bash", ["-c", `exec ${command.replace(/^curl/, "curl --silent --show-error --fail-with-body")}`], { env: { ...process.env, ...variables } });
  let out = "";
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk) => {
      out += chunk;
      if (/^data: .*\n\n/m.test(out)) shell.kill();
    });
  }
  const [status, signal] = await once(shell, "close");
  return { out, isDone: status === 0 || (signal === "SIGTERM" && out.includes("event: session.updated")) };
}

test("the curl lines of the documents work in their order", async () => {
  /** @type {Record<string, string>} */
  const variables = { API: servers.merchantUrl, SANDBOX: servers.sandboxUrl, SECRET_KEY: servers.secretKey, EVENT: "msg_none" };
  /** @type {string[]} */
  const said = [];
  for (const name of DOCUMENTS) {
    for (const command of commands(await readFile(new URL(`../../docs/${name}`, import.meta.url), "utf8"))) {
      const { out, isDone } = await run(command, variables);
      said.push(command);
      const refusal = command.match(/# 404 (\w+)/)?.[1];
      const isExpected = refusal ? out.includes(`"${refusal}"`) : isDone;
      assert.ok(isExpected, `${name}: ${command}\n${out}`);
      if (!out.startsWith("{")) continue;
      const answer = JSON.parse(out);
      const session = answer.session ?? answer;
      for (const [variable, value] of Object.entries({
        CLIENT_SECRET: answer.client_secret,
        SESSION: answer.client_secret && session.id,
        PAYMENT: session.payment?.id,
        CODE: session.payment?.next_action?.data,
        REFUND: /^re_/.test(answer.id) ? answer.id : undefined,
      })) {
        if (value) variables[variable] = value;
      }
      if (command.includes("/sandbox/approve")) await isPaid(variables.SESSION ?? "");
    }
  }
  // Each call of the OpenAPI document has a line.
  const { paths } = JSON.parse(await readFile(new URL("../../docs/openapi.json", import.meta.url), "utf8"));
  for (const [path, item] of Object.entries(paths)) {
    const pattern = new RegExp(`\\$API${path.replace(/\{\w+\}/g, "[^/?\"]+")}[?"]`);
    for (const method of Object.keys(item)) {
      const isPost = (/** @type {string} */ command) => / -d /.test(command) || / -X POST /.test(command);
      const line = said.find((command) => pattern.test(command) && !command.includes("-X OPTIONS") && isPost(command) === (method === "post"));
      assert.ok(line, `no document has a curl line for ${method} ${path}`);
    }
  }
});

/** Waits until the gateway's notification has arrived. @param {string} id */
async function isPaid(id) {
  for (const startedAt = Date.now(); (await servers.readSession(id)).status !== "complete"; await sleep(20)) {
    assert.ok(Date.now() - startedAt < WAIT_MS, "the session is not paid");
  }
}
