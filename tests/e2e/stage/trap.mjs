// Makes one exported function of the widget's Wasm trap, as a panic does.
import { createHash } from "node:crypto";

/**
 * Serves the widget with an exported function that traps. The loader gets the changed Wasm's hash,
 * without which it would refuse it.
 * @param {import("playwright-core").BrowserContext} context
 * @param {string} name
 */
export async function serveWithTrap(context, name) {
  const changed = async (/** @type {import("playwright-core").APIResponse} */ answer) => withTrap(await answer.body(), name);
  await context.route("**/opencashier/opencashier-*.wasm*", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: await changed(answer) });
  });
  await context.route("**/opencashier/opencashier.js", async (route) => {
    const answer = await route.fetch();
    const source = await answer.text();
    const file = /opencashier-\w+\.wasm/.exec(source)?.[0];
    const wasm = await context.request.get(new URL(`${file}`, answer.url()).href);
    const [before, after] = [await wasm.body(), await changed(wasm)].map(integrityOf);
    if (!source.includes(before)) throw new Error("the loader has no integrity of the Wasm");
    await route.fulfill({ response: answer, body: source.replace(before, after) });
  });
}

/** @param {Buffer} bytes */
const integrityOf = (bytes) => `sha256-${createHash("sha256").update(bytes).digest("base64")}`;

/**
 * The module with the body of the exported function `name` replaced by `unreachable`.
 * @param {Buffer} wasm
 * @param {string} name
 */
function withTrap(wasm, name) {
  const bytes = Buffer.from(wasm);
  let at = 8;
  const number = () => {
    let value = 0;
    let shift = 0;
    let byte;
    do {
      byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte & 128);
    return value;
  };
  const text = () => {
    const size = number();
    at += size;
    return bytes.toString("utf8", at - size, at);
  };
  const limits = () => {
    const flags = number();
    number();
    if (flags & 1) number();
  };
  let imported = 0;
  let index = -1;
  while (at < bytes.length) {
    const section = bytes[at++];
    const size = number();
    const end = at + size;
    if (section === 2) {
      for (let count = number(); count > 0; count -= 1) {
        text();
        text();
        const kind = bytes[at++];
        if (kind === 0) imported += 1;
        if (kind === 0) number();
        else if (kind === 1) at += 1, limits();
        else if (kind === 2) limits();
        else at += 2;
      }
    } else if (section === 7) {
      for (let count = number(); count > 0; count -= 1) {
        const exported = text();
        const kind = bytes[at++];
        const which = number();
        if (kind === 0 && exported === name) index = which;
      }
    } else if (section === 10) {
      const count = number();
      for (let body = 0; body < count; body += 1) {
        const bodySize = number();
        if (body + imported === index) {
          // No locals, `unreachable`, blanks, `end`: of the same size as what was there.
          bytes.fill(1, at, at + bodySize);
          bytes[at] = 0;
          bytes[at + 1] = 0;
          bytes[at + bodySize - 1] = 11;
          return bytes;
        }
        at += bodySize;
      }
    }
    at = end;
  }
  throw new Error(`the module exports no function ${name}`);
}
