// The servers and the browser of the tests that pay.
import { chromium } from "../e2e/stage/packages.mjs";
import { BROWSER_ARGUMENTS } from "../e2e/stage/scenario.mjs";
import { Servers } from "../e2e/stage/servers.mjs";

/** Starts the merchant backend, the gateways' sandbox and Chromium; the tests bring the shop. */
export async function startStage() {
  const [servers, browser] = await Promise.all([
    Servers.start({ hasShop: false }),
    chromium.launch({ executablePath: process.env.OPENCASHIER_CHROMIUM ?? "/usr/bin/chromium", args: BROWSER_ARGUMENTS }),
  ]);
  return { servers, browser, stop: () => Promise.all([servers.stop(), browser.close()]) };
}
