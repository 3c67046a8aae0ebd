// What the matrix of the places has in common: the faults that are tried on each request there, and
// what can happen to a page while its shopper is away.
import { FAULTS } from "./faults.mjs";

export const LOST = [/net::ERR_/];

/** One of each kind; the whole list is tried on the code's way, by faults-requests.test.mjs. */
export const KINDS = [
  "lost before it is served",
  "lost after it is served",
  "served, and answered late",
  "cut in the middle",
  "429 with Retry-After",
  "500 after it is served",
  "an HTML page",
  "a captive portal",
].map((name) => [name, FAULTS[name]]);

/** The fewest that differ in what the backend knows and the page hears. */
export const FEW = KINDS.filter(([name]) => /^lost|late|500/.test(name));

/** Waits until a fault is met, and lets what is late come. */
export async function meet(shopper, rule, fault) {
  await shopper.until("the fault", () => rule.hits > 0, 90_000);
  if (!fault.isLate) return;
  await shopper.until("the late answer", () => shopper.case.proxy.held > 0);
  await shopper.pass(8_000);
  rule.lift();
}

/** What happens to a page that is open at the shop, and back again. */
export const LIVES = {
  "is reloaded": async (shopper) => {
    await shopper.page.reload();
    return shopper;
  },
  "is killed and opened anew": async (shopper) => {
    await shopper.page.close();
    return shopper.case.shopper();
  },
  "is left and restored": async (shopper) => {
    await shopper.goElsewhere();
    await shopper.goBack();
    return shopper;
  },
  "is hidden for a minute": async (shopper) => {
    await shopper.hide();
    await shopper.pass(60_000);
    await shopper.show();
    return shopper;
  },
};

/** How a shopper comes back from a gateway's page without using it. */
export const WAYS_BACK = {
  "by the browser's button": async (shopper) => {
    await shopper.back();
    return shopper;
  },
  "by the shop's address": async (shopper) => {
    await shopper.returnByHand();
    return shopper;
  },
  "in another tab, as the first was killed": async (shopper) => {
    await shopper.page.close();
    const next = await shopper.case.shopper();
    await next.isHome();
    return next;
  },
};
