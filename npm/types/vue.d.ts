/**
 * The type of `<open-cashier>` in templates of Vue: add `"opencashier/types/vue"` to `types` in
 * tsconfig.json. Vue must know that it is a custom element: `compilerOptions.isCustomElement`.
 */

import type { DefineComponent } from "vue";
import type { CheckoutElementProps, CheckoutEvent, EventName } from "../dist/index.js";

type Emits = { [Name in EventName as `cashier-${Name}`]: (event: CheckoutEvent<Name>) => void };

declare module "vue" {
  interface GlobalComponents {
    "open-cashier": DefineComponent<CheckoutElementProps, {}, {}, {}, {}, {}, {}, Emits>;
  }
}
