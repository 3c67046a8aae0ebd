// @ts-check
// What script tags get: every component registered.
import { AdyenCheckout, Dropin } from "@adyen/adyen-web/auto";

import { start } from "./adyen-page.js";

start({ AdyenCheckout, Dropin });
