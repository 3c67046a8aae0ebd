// Projects that have installed the tarball, as a shop's would.
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const PACKAGE = process.env.OPENCASHIER_PACKAGE ?? "";
const MODULES = process.env.OPENCASHIER_PACKAGE_MODULES ?? "";
if (!PACKAGE || !MODULES) throw new Error("run these tests by `cargo xtask test-npm`: OPENCASHIER_PACKAGE is not set");

/** Loads what the tests have from npm. */
export const fromPackages = createRequire(join(MODULES, "..", "package.json"));
export const modules = MODULES;
export const tarball = join(PACKAGE, "..", "opencashier-0.1.0.tgz");
export const packageFolder = PACKAGE;

/**
 * Makes a project with the package installed and the given files. The other packages are those of the
 * tests, one folder up.
 * @param {Record<string, string>} files
 */
export async function project(files) {
  const home = await mkdtemp(join(tmpdir(), "opencashier-npm-"));
  await symlink(MODULES, join(home, "node_modules"));
  const folder = join(home, "project");
  const installed = join(folder, "node_modules", "opencashier");
  await mkdir(installed, { recursive: true });
  execFileSync("tar", ["--extract", "--gzip", "--file", tarball, "--directory", installed, "--strip-components=1"]);
  for (const [name, content] of Object.entries({ "package.json": '{ "type": "module", "private": true }', ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return { folder, installed, remove: () => rm(home, { recursive: true, force: true }) };
}

/** A port that nothing listens on. @returns {Promise<number>} */
export function freePort() {
  return new Promise((done) => {
    const listener = createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (listener.address());
      listener.close(() => done(port));
    });
  });
}
