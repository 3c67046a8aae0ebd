/** The type of `<open-cashier>` in JSX of Solid: add `"opencashier/types/solid"` to `types` in tsconfig.json. */

import type { JSX as Base } from "solid-js";
import type { CheckoutElementProps, CheckoutEvent, EventName, OpenCashierElement } from "../dist/index.js";

/** Solid sets properties by `prop:name` and listens by `on:name`. */
type Properties = { [Name in keyof CheckoutElementProps as `prop:${Name & string}`]: CheckoutElementProps[Name] };
type Listeners = { [Name in EventName as `on:cashier-${Name}`]?: (event: CheckoutEvent<Name>) => void };

declare module "solid-js" {
  namespace JSX {
    interface IntrinsicElements {
      "open-cashier": Omit<Base.HTMLAttributes<OpenCashierElement>, keyof CheckoutElementProps> & CheckoutElementProps & Properties & Listeners;
    }
  }
}
