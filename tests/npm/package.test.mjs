// The tarball: what is in it, what checkers of packages say, its types, and its import on a server.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";

import { modules, packageFolder, project, fromPackages, tarball } from "./projects.mjs";
import { USES } from "./types.mjs";

test("publint has nothing to say", async () => {
  const { publint } = await import(pathToFileURL(fromPackages.resolve("publint")).href);
  const { messages } = await publint({ pkgDir: packageFolder, strict: true });
  assert.deepEqual(messages, []);
});

test("the types are those of the scripts, for every module resolution that knows ESM", () => {
  const attw = join(modules, "@arethetypeswrong", "cli", "dist", "index.js");
  const files = ["./dist/*", "./custom-elements.json"];
  const { status, stdout, stderr } = spawnSync("node", [attw, tarball, "--profile", "esm-only", "--exclude-entrypoints", ...files], { encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
});

test("the module for bundlers names no folder of the machine that built it", async () => {
  const module = await readFile(join(packageFolder, "dist", "index.js"), "utf8");
  const sources = [...module.matchAll(/^\/\/ (\S+\.(?:js|json|css))$/gm)].map(([, path]) => path);
  assert.ok(sources.length > 5, "its comments name no sources");
  assert.deepEqual(sources.filter((path) => !path.startsWith("www/")), []);
});

test("an import on a server does nothing, and React renders the element and the given HTML", async () => {
  const { folder, remove } = await project({
    "server.mjs": `
      import { createElement } from "react";
      import { renderToString } from "react-dom/server";
      import * as element from "opencashier";
      import { OpenCashier } from "opencashier/react";
      const options = { clientSecret: "cs_1_secret_2", apiBase: "/api", showPayButton: false, appearance: { theme: "night" }, onReady() {}, className: "pay" };
      console.log(JSON.stringify([
        Object.keys(element), element.OpenCashier.hasReturned(), await element.OpenCashier.preload(),
        renderToString(createElement(OpenCashier, options, "Pay elsewhere")),
        renderToString(createElement(OpenCashier, { embed: "<open-cashier locale=\\"en\\"></open-cashier>", onReady() {} })),
        ...[null, ""].map((embed) => renderToString(createElement(OpenCashier, { ...options, embed }, "Pay elsewhere"))),
      ]));`,
  });
  try {
    const [exported, hasReturned, isPreloaded, markup, embedded, ...withoutEmbed] = JSON.parse(execFileSync("node", ["server.mjs"], { cwd: folder, encoding: "utf8" }));
    assert.deepEqual(exported, ["OpenCashier"]);
    assert.equal(hasReturned, false);
    assert.equal(isPreloaded, false);
    assert.equal(markup, '<open-cashier client-secret="cs_1_secret_2" api-base="/api" show-pay-button="false" class="pay">Pay elsewhere</open-cashier>');
    assert.equal(embedded, '<div><open-cashier locale="en"></open-cashier></div>');
    assert.deepEqual(withoutEmbed, [markup, markup]);
  } finally {
    await remove();
  }
});

for (const [name, { files, mistakes }] of Object.entries(USES)) {
  test(`types: ${name}`, async () => {
    const { folder, remove } = await project(files);
    try {
      const tsc = join(modules, "typescript", "bin", "tsc");
      const { stdout } = spawnSync("node", [tsc, "--project", folder, "--pretty", "false"], { encoding: "utf8", cwd: folder });
      const errors = stdout.split("\n").filter((line) => line.includes("error TS"));
      assert.deepEqual(errors, []);
      const [file, source] = Object.entries(files).find(([path]) => /\.tsx?$/.test(path)) ?? ["", ""];
      assert.equal((source.match(/@ts-expect-error/g) ?? []).length, mistakes, `${file} has another number of mistakes`);
    } finally {
      await remove();
    }
  });
}

test("the manifest of custom elements describes every option, event, part and variable", async () => {
  const manifest = JSON.parse(await readFile(join(packageFolder, "custom-elements.json"), "utf8"));
  const [declaration] = manifest.modules[0].declarations;
  assert.equal(declaration.tagName, "open-cashier");
  const { OPTIONS, EVENTS, PARTS, VARIABLES } = await import(pathToFileURL(join(packageFolder, "names.js")).href);
  for (const [list, names] of [["attributes", OPTIONS], ["events", EVENTS], ["cssParts", PARTS], ["cssProperties", VARIABLES]]) {
    assert.equal(declaration[list].length, names.length, list);
  }
  assert.deepEqual(declaration.attributes.filter((/** @type {any} */ { description }) => !description), []);
});

test("the error codes of the types are those of the documents", async () => {
  const types = await readFile(join(packageFolder, "dist", "index.d.ts"), "utf8");
  const [, union = ""] = /export type ErrorCode =([^;]+);/.exec(types) ?? [];
  const documents = await readFile(new URL("../../docs/ERRORS.md", import.meta.url), "utf8");
  const codes = (/** @type {string} */ text, /** @type {RegExp} */ code) => [...text.matchAll(code)].map(([, name]) => name).sort();
  assert.deepEqual(codes(union, /"(\w+)"/g), codes(documents, /^## (\w+)$/gm));
});

test("the SBOM and the licences name every package of the widget", async () => {
  const { components, dependencies } = JSON.parse(await readFile(join(packageFolder, "sbom.cdx.json"), "utf8"));
  const texts = await readFile(join(packageFolder, "THIRD-PARTY-LICENSES.txt"), "utf8");
  const notice = await readFile(join(packageFolder, "NOTICE"), "utf8");
  const names = components.map((/** @type {any} */ { name, version }) => `${name} ${version}`);
  assert.ok(names.some((/** @type {string} */ name) => name.startsWith("yew ")), "Yew is in it");
  assert.deepEqual(names.filter((/** @type {string} */ name) => !notice.includes(`  ${name}: `) || !texts.includes(name)), []);
  const known = new Set([...components, ...dependencies].map((each) => each["bom-ref"] ?? each.ref));
  assert.deepEqual(dependencies.flatMap((/** @type {any} */ { dependsOn }) => dependsOn).filter((/** @type {string} */ each) => !known.has(each)), []);
  for (const { name, hashes } of components) assert.match(hashes[0].content, /^[0-9a-f]{64}$/, name);
});
