// The actions of WebDriver and of WebDriver BiDi.
// https://www.w3.org/TR/webdriver2/#actions
import { KEYS } from "./page.mjs";

/** A press of the mouse. @param {number} x @param {number} y */
export const press = (x, y) => [
  { type: "pointerMove", x: Math.round(x), y: Math.round(y) },
  { type: "pointerDown", button: 0 },
  { type: "pointerUp", button: 0 },
];

/** A press of a key. @param {string} name of `KEYS`, or a character */
export function stroke(name) {
  const value = KEYS[name]?.webdriver ?? name;
  return [{ type: "keyDown", value }, { type: "keyUp", value }];
}
