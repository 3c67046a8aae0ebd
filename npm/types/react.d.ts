/** The type of `<open-cashier>` in JSX of React: add `"opencashier/types/react"` to `types` in tsconfig.json. */

import type { ClassAttributes, HTMLAttributes } from "react";
import type { CheckoutElementProps, CheckoutEvent, EventName, OpenCashierElement } from "../dist/index.js";

type Listeners = { [Name in EventName as `oncashier-${Name}`]?: (event: CheckoutEvent<Name>) => void };

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "open-cashier": ClassAttributes<OpenCashierElement> & Omit<HTMLAttributes<HTMLElement>, keyof CheckoutElementProps> & CheckoutElementProps & Listeners;
    }
  }
}
