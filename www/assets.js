// @ts-check
// Fetches the widget's files, each checked against the hash that the build wrote into the loader.

import { bare } from "./own.js";

/**
 * A file of the build. `url` is a static `new URL(…, import.meta.url)`, which bundlers follow.
 * @typedef {{ name: string, url: string, integrity: string }} Asset
 */

/** Folder of the files; empty if they are beside this script. */
let base = "";

export const getAssetBase = () => base;

/** @param {unknown} folder an address, relative to the page */
export const setAssetBase = (folder) => void (base = folder ? String(folder).replace(/\/*$/, "/") : "");

/**
 * Returns the address of a file.
 * @param {Asset} asset
 * @param {number} [failures] earlier failures: a file that failed needs another address, because
 * caches keep it
 */
export const addressOf = ({ name, url }, failures) =>
  (base ? new URL(base + name, document.baseURI).href : url) + (failures ? `?retry=${failures}` : "");

/** @param {Asset} asset @param {string} address */
export const fetchAsset = ({ integrity }, address) => fetch(address, bare({ integrity }));

/**
 * Imports a module. `import()` takes no integrity; a module that was preloaded with one is checked, in
 * browsers that preload modules.
 * @param {Asset} asset
 * @param {string} address
 * @returns {Promise<any>}
 */
export function importAsset({ integrity }, address) {
  const link = document.createElement("link");
  link.rel = "modulepreload";
  link.href = address;
  link.integrity = integrity;
  document.head.appendChild(link);
  return import(/* @vite-ignore */ /* webpackIgnore: true */ address).finally(() => link.remove());
}
