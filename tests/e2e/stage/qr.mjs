// Decodes a QR code in a screenshot.
import { PNG, jsQR } from "./packages.mjs";

/** @param {Buffer} png @returns {string} the code's content */
export function decode(png) {
  const { data, width, height } = PNG.sync.read(png);
  const found = jsQR(new Uint8ClampedArray(data), width, height);
  if (!found) throw new Error("no QR code was found in the screenshot");
  return found.data;
}
