// @ts-check
// The option `appearance`: a theme, variables, and rules for parts.

import { VARIABLES, kebab } from "./names.js";
import { own } from "./own.js";

const THEMES = ["auto", "light", "night", "flat"];

/**
 * @typedef {{ theme: string, variables: [string, string][], rules: [string, [string, string][]][] }} Look
 *   custom properties with their values; selectors with their declarations
 */

/**
 * @param {object | null} appearance
 * @param {(must: string) => void} refuse
 * @returns {Look}
 */
export function readAppearance(appearance, refuse) {
  /** @type {Look} */
  const look = { theme: "auto", variables: [], rules: [] };
  if (!appearance) return look;
  const theme = own(appearance, "theme");
  if (THEMES.includes(/** @type {string} */ (theme))) look.theme = String(theme);
  else if (theme !== undefined) refuse(`must have a theme of ${THEMES.join(", ")}`);
  for (const [name, value] of entries(own(appearance, "variables"))) {
    if (/** @type {readonly string[]} */ (VARIABLES).includes(name) && isPlain(value)) look.variables.push([`--oc-${kebab(name)}`, String(value)]);
    else refuse(`has a variable ${name} that is not known or not plain`);
  }
  for (const [selector, declarations] of entries(own(appearance, "rules"))) {
    const match = /^\.([a-z][a-z-]*)((?::[a-z-]+)?)$/.exec(selector);
    const values = entries(declarations);
    if (match && values.every(([, value]) => isPlain(value))) {
      look.rules.push([`[part~="${match[1]}"]${match[2]}`, values.map(([name, value]) => [kebab(name), String(value)])]);
    } else {
      refuse(`has a rule ${selector} that is not .part or .part:state, or a value that is not plain`);
    }
  }
  return look;
}

/** @param {unknown} object @returns {[string, unknown][]} */
const entries = (object) => (object ? Object.entries(object) : []);

/** True if a value cannot load anything: the widget contacts only its backend. @param {unknown} value */
function isPlain(value) {
  try {
    return !/(url|image|set|src)\s*\(|[{};\\@]/i.test(String(value));
  } catch {
    return false; // It cannot be converted to text.
  }
}
