// Every screen in the engines that Playwright does not drive, light and dark, wide and narrow: no axe
// violations and no horizontal overflow. With OPENCASHIER_SCREENS set, screenshots in four languages
// are stored in that folder.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { ENGINES } from "./stage/engines/engines.mjs";
import { inEngines } from "./stage/engines/scenario.mjs";
import { EXPECTED, SCREENS } from "./stage/screens.mjs";

const PICTURES = process.env.OPENCASHIER_SCREENS;
const LANGS = ["en", "zh-CN", "zh-Hant-TW", "ar"];
const WIDTHS = { desktop: 1280, phone: 360 };
/** The way to these needs Playwright: a frame of another origin, and a wallet's page. */
const UNREACHABLE = ["code-in-a-frame", "hosted-return"];
/** For an app's address that nothing opens, WebKitGTK shows an error page in place of the shop's. */
const NOT_IN_WEBKIT = ["code-that-opens-the-app"];
/** What each engine's console writes about answers that a screen wants to fail. */
const TOLD = [...EXPECTED, /NS_ERROR|NetworkError|CORS|Cross-Origin|Failed to load|Load failed|access control/i];

if (PICTURES) await mkdir(PICTURES, { recursive: true });
const engines = process.env.OPENCASHIER_ENGINE ? ENGINES : ENGINES.filter((engine) => engine !== "chromium");

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  inEngines(engines, (scenario, engine) => {
    const screens = Object.entries(SCREENS).filter(([name]) => ![...UNREACHABLE, ...(engine === "webkit" ? NOT_IN_WEBKIT : [])].includes(name));
    for (const [index, [name, reach]] of screens.entries()) {
      for (const lang of langsOf(name, index)) {
        scenario(`${name} in ${lang}`, async (visit) => {
          visit.front.lang = lang;
          const { page } = await reach(/** @type {any} */ (visit), /** @type {any} */ (lang));
          const seen = /** @type {import("./stage/engines/page.mjs").EnginePage} */ (/** @type {unknown} */ (page));
          for (const [size, width] of Object.entries(WIDTHS)) {
            await seen.setViewportSize({ width: Math.max(width, seen.tab.leastWidth ?? 0), height: 900 });
            assert.deepEqual(await seen.axe(), [], size);
            const [content, window] = await seen.evaluate(() => {
              const { scrollWidth, clientWidth } = document.documentElement;
              return [scrollWidth, clientWidth];
            });
            assert.ok(content <= window, `${content} px of content on a page of ${window} px`);
            if (PICTURES) await seen.picture({ path: join(PICTURES, `${name}.${size}.${colorScheme}.${lang}.${engine}.png`), width: window });
          }
        }, { expected: TOLD });
      }
    }
  }, { colorScheme });
}

/** The languages of a screen: all for pictures, otherwise one after the other. @param {string} name @param {number} index */
function langsOf(name, index) {
  // The demo shop has two.
  const langs = name.startsWith("shop") ? LANGS.slice(0, 2) : LANGS;
  return PICTURES ? langs : [langs[index % langs.length]];
}
