// Checks by `tsc` that correct uses compile and mistakes do not; nothing here runs.
import { OpenCashier } from "../../www/opencashier.js";

const checkout = OpenCashier({
  clientSecret: "cs_1_secret_2",
  apiBase: "/checkout",
  returnUrl: "https://shop.example/done",
  redirectHosts: ["cashier.example"],
  locale: "auto",
  translations: { choose: "Pick one", en: { pay: "Go" } },
  paymentMethods: ["alipay", "wechat_pay"],
  paymentMethodOrder: "wechat_pay alipay",
  layout: "tabs",
  appearance: { theme: "night", variables: { colorPrimary: "#123" }, rules: { ".primary:hover": { color: "red" } } },
  showPayButton: false,
  desktopFlow: "qr_code",
  mobileFlow: "jsapi",
  readOnly: true,
  environment: "mobile_browser",
  cspNonce: "n",
  loader: "never",
  session: { id: "cs_1" },
  onChange: (event) => void (event.detail.paymentMethod satisfies "alipay" | "wechat_pay"),
  onError: ({ detail }) => void [detail.code.length, detail.retryable === true],
});
checkout.on("state-change", ({ detail }) => void [detail.from, detail.to, detail.reason.length]);
checkout.once("payment-failed", ({ detail }) => void [detail.code.length, detail.paymentId]);
checkout.off("payment-failed").mount("#pay").update({ locale: "en" }).unmount().mount(document.body);
checkout.confirm().then(() => checkout.cancel());
checkout.layout = "list";
checkout.destroy();
document.createElement("open-cashier").session = "{}";
document.createElement("open-cashier").addEventListener("cashier-ready", ({ detail }) => detail.paymentMethods.length);
document.addEventListener("cashier-error", ({ detail }) => detail.code.length);
OpenCashier.assetBase = "/static/opencashier/";
OpenCashier.preload({ locale: "en" }).then((isThere) => isThere === OpenCashier.hasReturned());

// @ts-expect-error: no such option
OpenCashier({ colour: "red" });
// @ts-expect-error: no such layout
OpenCashier({ layout: "grid" });
OpenCashier({ locale: "de", translations: { lang: "de", choose: "Wählen" } });
declare const german: Record<string, string>;
OpenCashier({ translations: german }).update({ translations: { de: german } });
// @ts-expect-error: no such text
OpenCashier({ translations: { chose: "Pick one" } });
// @ts-expect-error: no such text
OpenCashier({ translations: { de: { chose: "Wählen" } } });
declare const rules: Record<string, Record<string, string>>;
OpenCashier({ appearance: { rules } });
// @ts-expect-error: no such part
OpenCashier({ appearance: { rules: { ".paybutton": { color: "red" } } } });
// @ts-expect-error: no such variable
OpenCashier({ appearance: { variables: { color: "red" } } });
// @ts-expect-error: no such event
checkout.on("paid", () => {});
// @ts-expect-error: no such member of this event
document.addEventListener("cashier-ready", ({ detail }) => detail.code);
// @ts-expect-error: no such member of this event
checkout.on("ready", ({ detail }) => detail.code);
