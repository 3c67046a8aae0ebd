// The hosted page, used by a shopper at a desktop.
import { decode } from "./qr.mjs";
import { textPattern } from "./texts.mjs";

/**
 * Pays by the code on the hosted page, which may first ask to press the wallet.
 * @param {any} page of Playwright's, or one in any engine @param {import("./servers.mjs").Servers} servers @param {string} wallet
 */
export async function payOnHostedPage(page, servers, wallet) {
  const code = page.getByRole("img");
  // If the wallet was selected before this page, its script presses the button.
  const button = page.locator(`main:not([data-continue]) button[value=${wallet}]`);
  await code.or(button).first().waitFor();
  if ((await code.count()) === 0) await button.click();
  await servers.phone("approve", decode(await code.first().screenshot()), wallet);
  await page.getByText(textPattern("en", "hosted_page.thanks")).first().waitFor();
}
