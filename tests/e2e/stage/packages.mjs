// The npm packages, which `cargo xtask setup` keeps outside the checkout.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const folder = process.env.OPENCASHIER_NODE_MODULES;
if (!folder) throw new Error("run these tests by `cargo xtask e2e`: OPENCASHIER_NODE_MODULES is not set");
const require = createRequire(join(folder, "..", "package.json"));

/** @type {typeof import("playwright-core")} */
const playwright = require("playwright-core");
export const { chromium } = playwright;
export const { PNG } = require("pngjs");
const loaded = require("jsqr");
/** An independent decoder of QR codes. @type {typeof import("jsqr").default} */
export const jsQR = loaded.default ?? loaded;
/** A WebSocket client: Node.js has one of its own from version 22 on. @type {any} */
export const { WebSocket } = require("ws");
/** The source of axe, to be run inside a page. */
export const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
