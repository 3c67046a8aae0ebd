// @ts-check
// A PostgreSQL cluster of the bench's own, from the programs of Debian. Unlike that of the tests it waits
// for the disk.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { children, cpuMs } from "./process.mjs";
import { ROOT } from "./report.mjs";

const VERSIONS = "/usr/lib/postgresql";
const SCRIPT = join(ROOT, "crates", "merchant", "test-support", "src", "cluster.sh");

export class Postgres {
  /** Processor time of connections that have ended, in milliseconds. */
  #endedMs = 0;
  /** @type {Map<number, number>} */
  #usedMs = new Map();

  static async start() {
    const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((one, other) => Number(one) - Number(other)) : [];
    const version = versions.filter((each) => existsSync(join(VERSIONS, each, "bin", "initdb"))).pop();
    if (!version) throw new Error("PostgreSQL is not installed: run `cargo xtask setup`");
    // PostgreSQL runs as another user if this is root, who must get there.
    const folder = mkdtempSync(join(tmpdir(), "opencashier-bench-"));
    chmodSync(folder, 0o755);
    const port = await freePort();
    const shell = spawn("sh", [SCRIPT, join(VERSIONS, version, "bin"), String(port), "on"], {
      stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, TMPDIR: folder },
    });
    const answer = await new Promise((resolve) => {
      createInterface({ input: shell.stdout }).once("line", resolve);
      shell.once("exit", () => resolve("it ended"));
    });
    if (answer !== "ok") throw new Error(`PostgreSQL does not start: ${answer}`);
    return new Postgres({ folder, port, shell, version });
  }

  /** @param {{ folder: string, port: number, shell: import("node:child_process").ChildProcess, version: string }} parts */
  constructor({ folder, port, shell, version }) {
    this.folder = folder;
    this.shell = shell;
    this.version = version;
    this.url = `postgres://merchant@127.0.0.1:${port}/postgres`;
    const [own] = readdirSync(folder);
    this.pid = Number(readFileSync(join(folder, own, "data", "postmaster.pid"), "utf8").split("\n")[0]);
  }

  /** Its processes now. */
  get pids() {
    return [this.pid, ...children(this.pid)];
  }

  /** Processor time of all its processes so far, in milliseconds; less what a connection used between the last call and its end. */
  cpuMs() {
    const now = new Map();
    for (const pid of this.pids) {
      try {
        now.set(pid, cpuMs(pid));
      } catch {
        // It has ended meanwhile.
      }
    }
    for (const [pid, used] of this.#usedMs) if (!now.has(pid)) this.#endedMs += used;
    this.#usedMs = now;
    return this.#endedMs + [...now.values()].reduce((sum, used) => sum + used, 0);
  }

  async stop() {
    const ended = new Promise((resolve) => this.shell.once("exit", resolve));
    this.shell.stdin?.end();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
