// @ts-check
// Tree-shaken: only what shows WeChat Pay's code and goes to Alipay.
import { AdyenCheckout, Dropin, Redirect, WeChat } from "@adyen/adyen-web";

import { start } from "./adyen-page.js";

start({ AdyenCheckout, Dropin, paymentMethodComponents: [WeChat, Redirect] });
