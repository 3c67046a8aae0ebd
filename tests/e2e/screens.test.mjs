// Every screen, in both languages, wide and narrow, light and dark: no axe violations and no horizontal
// overflow; in Arabic and one more language, no axe violations; under forced colours each text and control
// is visible, and with the text spacing of WCAG 1.4.12 nothing is cut. With OPENCASHIER_SCREENS set,
// screenshots are stored in that folder.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { cutTexts, faintParts, spreadText } from "./stage/looks.mjs";
import { axeSource } from "./stage/packages.mjs";
import { stage } from "./stage/scenario.mjs";
import { EXEMPT, EXPECTED, SCREENS } from "./stage/screens.mjs";
import { LANGS } from "./stage/texts.mjs";

const PICTURES = process.env.OPENCASHIER_SCREENS;
const WIDTHS = { desktop: 1280, phone: 360 };
/** The narrowest column that the widget must fit into. */
const NARROWEST = 280;

/** The languages beside the two that have all checks. */
const OTHERS = LANGS.filter((lang) => !["en", "zh-Hans", "ar"].includes(lang));
/** The texts of these are in the two languages only. */
const NOT_TRANSLATED = /^(shop|wasm-forbidden)/;

const scenario = stage();
if (PICTURES) await mkdir(PICTURES, { recursive: true });

for (const lang of /** @type {const} */ (["en", "zh-CN"])) {
  for (const [index, [name, reach]] of Object.entries(SCREENS).entries()) {
    scenario(`${name} in ${lang}`, async (visit) => {
      const { page } = await reach(visit, lang);
      for (const [size, width] of Object.entries(WIDTHS)) {
        await page.setViewportSize({ width, height: 900 });
        for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
          await page.emulateMedia({ colorScheme });
          await hasNoViolation(page, /** @type {Record<string, string[]>} */ (EXEMPT)[name] ?? [], `${size}, ${colorScheme}`);
          // The shop's page sets its own colours.
          if (!name.startsWith("shop")) await isLegible(page, `${size}, ${colorScheme}`);
          if (PICTURES && (colorScheme === "light" || name === "code-wechat-pay")) {
            const dark = colorScheme === "dark" ? ".dark" : "";
            const path = join(PICTURES, `${name}.${size}${dark}.${lang}.png`);
            await page.locator("body").screenshot({ path });
          }
        }
        await fits(page);
      }
      await page.setViewportSize({ width: NARROWEST, height: 900 });
      await fits(page);
      await page.setViewportSize({ width: WIDTHS.phone, height: 900 });
      for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        await page.emulateMedia({ colorScheme, forcedColors: "active" });
        assert.deepEqual(await faintParts(page), [], `forced colours, ${colorScheme}`);
      }
      await page.emulateMedia({ colorScheme: "light", forcedColors: "none" });
      if (lang === "en" && !NOT_TRANSLATED.test(name)) {
        for (const other of ["ar", OTHERS[index % OTHERS.length]]) {
          await translate(page, other);
          for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
            await page.emulateMedia({ colorScheme });
            await hasNoViolation(page, [], `${other}, ${colorScheme}`);
          }
        }
      }
      await spreadText(page);
      assert.deepEqual(await cutTexts(page), [], "text spacing");
    }, { expected: EXPECTED, context: { locale: lang === "en" ? "en-US" : "zh-CN" } });
  }
}

/** Shows the same screen in another language. @param {import("playwright-core").Page} page @param {string} lang */
async function translate(page, lang) {
  const host = page.locator("open-cashier");
  if ((await host.count()) > 0) {
    await host.evaluate((host, lang) => host.setAttribute("locale", lang), lang);
    return host.locator(`[part=root][lang="${lang}"]`).waitFor();
  }
  await page.route(page.url(), (route) => route.continue({ headers: { ...route.request().headers(), "accept-language": lang } }));
  await page.reload();
  await page.unrouteAll();
  await page.locator(`[lang="${lang}"]`).first().waitFor();
}

/** @param {import("playwright-core").Page} page @param {string[]} exempt @param {string} where */
async function hasNoViolation(page, exempt, where) {
  const hasAxe = await page.evaluate(() => "axe" in window);
  if (!hasAxe) await page.evaluate(axeSource);
  const { violations } = await page.evaluate(async () => {
    // Scripts apply the width and the colour scheme when the page is rendered.
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    // Off by default, and of WCAG 2.2.
    const rules = { "target-size": { enabled: true } };
    return /** @type {any} */ (window).axe.run(document, { resultTypes: ["violations"], rules });
  });
  const found = violations.filter((/** @type {any} */ { id }) => !exempt.includes(id)).map((/** @type {any} */ { id, help, nodes }) =>
    `${id}: ${help}\n${nodes.map((/** @type {any} */ { target, failureSummary }) => `  ${target}: ${failureSummary}`).join("\n")}`);
  assert.deepEqual(found, [], where);
}

/** Fails if a text of the widget has less contrast than level AAA asks for. @param {import("playwright-core").Page} page @param {string} where */
async function isLegible(page, where) {
  const { violations } = await page.evaluate(async () => {
    const widgets = document.querySelector("open-cashier");
    const only = { runOnly: ["color-contrast-enhanced"], rules: { "color-contrast-enhanced": { enabled: true } }, resultTypes: ["violations"] };
    return widgets ? /** @type {any} */ (window).axe.run(widgets, only) : { violations: [] };
  });
  const found = violations.flatMap((/** @type {any} */ { nodes }) => nodes.map((/** @type {any} */ { target, failureSummary }) => `${target}: ${failureSummary}`));
  assert.deepEqual(found, [], where);
}

/** Fails if content overflows horizontally. @param {import("playwright-core").Page} page */
async function fits(page) {
  const [content, window] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth];
  });
  assert.ok(content <= window, `${content} px of content on a page of ${window} px`);
}
