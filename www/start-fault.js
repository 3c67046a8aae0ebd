// @ts-check
// Determines why the Wasm did not start: a policy, an old engine, or a broken file.

import { fault, faultOf, loadFailed } from "./fault.js";
import { bare } from "./own.js";

/** The smallest module: a magic number and a version. */
const HEAD = [0, 97, 115, 109, 1, 0, 0, 0];

/**
 * @param {unknown} reason what compiling rejected with
 * @param {string} address of the Wasm
 * @param {string} name of its file
 */
export async function startFault(reason, address, name) {
  if (!mayRun()) {
    return fault(
      "integration_error",
      "wasm_blocked",
      "WebAssembly may not run here; add 'wasm-unsafe-eval' to script-src of the page's Content-Security-Policy (Chromium before 97 knows only 'unsafe-eval')",
    );
  }
  if (reason instanceof WebAssembly.LinkError) return faultOf(reason);
  if (!(reason instanceof WebAssembly.CompileError) || !(await isWasm(address))) return loadFailed(name);
  return fault("integration_error", "browser_too_old", `this browser cannot compile ${name}: ${reason.message}`);
}

/** True if the smallest module runs: false under a policy that forbids Wasm, which WebKit compiles all the same. */
function mayRun() {
  try {
    return !!new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(HEAD)));
  } catch {
    return false;
  }
}

/** True if the file is Wasm, and not an HTML page with status 200. @param {string} address */
async function isWasm(address) {
  try {
    const answer = await fetch(address, bare({ cache: /** @type {const} */ ("force-cache") }));
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return HEAD.every((byte, index) => bytes[index] === byte);
  } catch {
    return false;
  }
}
