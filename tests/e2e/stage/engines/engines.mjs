// The engines that the tests run in, by name, and how to start each.
import { Chromium } from "./chromium.mjs";
import { Firefox } from "./firefox.mjs";
import { EnginePage } from "./page.mjs";
import { WebKit } from "./webkit.mjs";

/**
 * @typedef {{ tab: (sibling?: any) => Promise<import("./page.mjs").Tab>, forget: (tab: any) => Promise<void>,
 *   close: () => Promise<void> }} Browser
 */
/** @typedef {{ colorScheme?: "light" | "dark" }} Options */

const { OPENCASHIER_ENGINE } = process.env;
/** Today's engines, or the one that OPENCASHIER_ENGINE names. */
export const ENGINES = OPENCASHIER_ENGINE ? [OPENCASHIER_ENGINE] : ["chromium", "firefox"];
/** The engines of the whole way: WebKit's driver is too slow for all other tests, unless it is named. */
export const WAY_ENGINES = OPENCASHIER_ENGINE ? ENGINES : [...ENGINES, "webkit"];
/** Chromium of 2019, 2020 and 2022. */
export const OLD_ENGINES = ["chromium-72", "chromium-86", "chromium-103"];

/** The programs, by the variables of `cargo xtask e2e`. @param {string} name */
function program(name) {
  const path = process.env[name];
  if (!path) throw new Error(`run these tests by \`cargo xtask e2e\`: ${name} is not set`);
  return path;
}

/** @type {Record<string, (options: Options) => Promise<Browser>>} */
const LAUNCHERS = {
  chromium: (options) => Chromium.launch(program("OPENCASHIER_CHROMIUM"), options),
  firefox: (options) => Firefox.launch(program("OPENCASHIER_FIREFOX"), options),
  webkit: (options) => WebKit.launch({
    driver: program("OPENCASHIER_WEBKIT_DRIVER"),
    browser: program("OPENCASHIER_MINIBROWSER"),
    display: program("OPENCASHIER_XVFB"),
  }, options),
  ...Object.fromEntries(OLD_ENGINES.map((name) => [
    name, () => Chromium.launch(program(`OPENCASHIER_${name.toUpperCase().replace("-", "_")}`), { isOld: true }),
  ])),
};

/** Starts a browser. @param {string} engine @param {Options} [options] */
export function launch(engine, options = {}) {
  return LAUNCHERS[engine](options);
}

/** Opens a page in a profile of its own, or in that of another page. @param {Browser} browser @param {EnginePage} [sibling] */
export async function openPage(browser, sibling) {
  return new EnginePage(await browser.tab(sibling?.tab));
}
