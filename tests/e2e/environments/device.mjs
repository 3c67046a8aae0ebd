// Browser profiles for desktops, phones and in-app browsers, with the user agents of
// tests/environment/agents.json. Inside the wallets' apps the sandbox emulates the bridge.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { ROOT } from "../stage/servers.mjs";

const { agents } = JSON.parse(await readFile(join(ROOT, "tests", "environment", "agents.json"), "utf8"));

/** Returns Playwright's context options for the user agent with this label. @param {string} label */
export function device(label) {
  const row = agents.find((/** @type {any} */ agent) => agent.label === label);
  if (!row) throw new Error(`tests/environment/agents.json has no agent ${label}`);
  const isPhone = Boolean(row.touch);
  return {
    userAgent: row.agent,
    hasTouch: isPhone,
    isMobile: isPhone,
    viewport: isPhone ? { width: 390, height: 780 } : { width: 1280, height: 900 },
    ...(isPhone && { deviceScaleFactor: 2 }),
  };
}

/**
 * Injects the app's bridge into every page of the visit.
 * @param {import("../stage/scenario.mjs").Visit} visit
 * @param {{ decision?: string, readyMs?: number }} [options] the shopper's decision at the payment sheet, as the sandbox's fault switch
 */
export async function inApp({ context, servers }, { decision = "ok", readyMs = 200 } = {}) {
  await servers.faults({ jsapi_answer: decision, tradepay_answer: decision, bridge_ready_ms: readyMs });
  // Not subject to the page's Content Security Policy, like an app's own bridge.
  await context.exposeFunction("sandboxBridgeCall", async (/** @type {string} */ path, /** @type {any} */ body) => {
    const response = await fetch(`${servers.sandboxUrl}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: servers.shopUrl },
      body: JSON.stringify(body),
    });
    return response.json();
  });
  const script = await (await fetch(`${servers.sandboxUrl}/bridge.js`)).text();
  await context.addInitScript(script);
}

/** Returns the gateways' newest order. @param {import("../stage/servers.mjs").Servers} servers @returns {Promise<any>} */
export async function lastOrder(servers) {
  return (await servers.orders()).at(-1);
}

/** Fails if a gateway received an order while `body` ran. @param {import("../stage/servers.mjs").Servers} servers @param {() => Promise<void>} body */
export async function nothingOrdered(servers, body) {
  const before = (await servers.orders()).length;
  await body();
  const after = (await servers.orders()).length;
  if (after !== before) throw new Error(`${after - before} orders, though this environment must not start any`);
}
