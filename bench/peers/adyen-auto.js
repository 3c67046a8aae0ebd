// @ts-check
// The bundle for script tags: every component registered.
import { AdyenCheckout, Dropin } from "@adyen/adyen-web/auto";

import { start } from "./adyen-page.js";

start({ AdyenCheckout, Dropin });
