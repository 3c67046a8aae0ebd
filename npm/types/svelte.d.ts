/** The type of `<open-cashier>` in Svelte: add `"opencashier/types/svelte"` to `types` in tsconfig.json. */

import type { HTMLAttributes } from "svelte/elements";
import type { CheckoutElementProps, CheckoutEvent, EventName, OpenCashierElement } from "../dist/index.js";

type Listeners = { [Name in EventName as `oncashier-${Name}`]?: (event: CheckoutEvent<Name>) => void };

declare module "svelte/elements" {
  interface SvelteHTMLElements {
    "open-cashier": Omit<HTMLAttributes<OpenCashierElement>, keyof CheckoutElementProps> & CheckoutElementProps & Listeners;
  }
}
