/** The type of `<open-cashier>` in JSX of Preact: add `"opencashier/types/preact"` to `types` in tsconfig.json. */

import type { ClassAttributes, HTMLAttributes } from "preact";
import type { CheckoutElementProps, CheckoutEvent, EventName, OpenCashierElement } from "../dist/index.js";

type Listeners = { [Name in EventName as `oncashier-${Name}`]?: (event: CheckoutEvent<Name>) => void };

declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      "open-cashier": ClassAttributes<OpenCashierElement> & Omit<HTMLAttributes<OpenCashierElement>, keyof CheckoutElementProps> & CheckoutElementProps & Listeners;
    }
  }
}
