// Makes one exported function of a Wasm module trap, as a panic does.

/**
 * The module with the body of the exported function `name` replaced by `unreachable`.
 * @param {Buffer} wasm
 * @param {string} name
 */
export function withTrap(wasm, name) {
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
