// @ts-check
// `--name value` and `--flag` of a bench's command line.

/**
 * @param {Record<string, string | number | boolean | string[]>} usual the default of each argument, which also sets its type
 * @param {string[]} [words]
 * @returns {any}
 */
export function readArguments(usual, words = process.argv.slice(2)) {
  const all = /** @type {Record<string, unknown>} */ ({ ...usual });
  const rest = [...words];
  while (rest.length) {
    const word = /** @type {string} */ (rest.shift());
    const name = word.replace(/^--/, "").replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
    const known = usual[name];
    if (!word.startsWith("--") || known === undefined) {
      throw new Error(`${word} is not understood; known are ${Object.keys(usual).map(kebab).join(", ")}`);
    }
    if (typeof known === "boolean") {
      all[name] = true;
      continue;
    }
    const value = rest.shift();
    if (value === undefined) throw new Error(`${word} needs a value`);
    if (typeof known === "number") {
      all[name] = Number(value);
      if (!Number.isFinite(all[name]) || Number(value) < 0) throw new Error(`${word} takes a number, not ${value}`);
    } else all[name] = Array.isArray(known) ? value.split(",") : value;
  }
  return all;
}

const kebab = (/** @type {string} */ name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
