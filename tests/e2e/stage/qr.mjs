// Reads a QR code off a picture, as a phone's camera does.
import { PNG, jsQR } from "./packages.mjs";

/** @param {Buffer} png @returns {string} what the code in the picture holds */
export function decode(png) {
  const { data, width, height } = PNG.sync.read(png);
  const found = jsQR(new Uint8ClampedArray(data), width, height);
  if (!found) throw new Error("no QR code can be read off the picture");
  return found.data;
}
