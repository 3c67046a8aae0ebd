// The build's npm packages, which `cargo xtask setup` installs outside the checkout.
import { createRequire } from "node:module";
import { join } from "node:path";

const folder = process.env.OPENCASHIER_BUILD_MODULES;
if (!folder) throw new Error("run this by `cargo xtask build`: OPENCASHIER_BUILD_MODULES is not set");
const require = createRequire(join(folder, "..", "package.json"));

/** @type {typeof import("esbuild")} */
export const esbuild = require("esbuild");
/** @type {typeof import("parse5")} */
export const parse5 = require("parse5");
