// @ts-check
// The second bundle, loaded after the selector is on the page: wasm-bindgen's glue, and all that only
// a live checkout needs.

import initialise from "./glue.js";
import { loadFailed } from "./fault.js";
import { startFault } from "./start-fault.js";
import css from "./screens.css";

export { css };
export { Live } from "./live.js";

/**
 * Compiles the Wasm. Rejects with a Fault.
 * @param {Promise<Response>} wasm
 * @param {string} name of the Wasm's file
 */
export async function start(wasm, name) {
  const response = await wasm.catch(() => null);
  if (!response || !response.ok) throw loadFailed(name);
  try {
    await initialise({ module_or_path: response });
  } catch (reason) {
    throw await startFault(reason, response.url, name);
  }
}
