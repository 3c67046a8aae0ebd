// opencashier.d.ts and the scripts agree on every option, event, callback and method. Checked by
// `tsc`; nothing here runs.
import type { CheckoutElement } from "../../www/element.js";
import type { EVENTS, METHODS, OPTIONS, PARTS, VARIABLES } from "../../www/names.js";
import type {
  AppearanceVariables, CheckoutCallbacks, CheckoutError, CheckoutOptions, EventName, OpenCashierElement, PartName, TextKey,
} from "../../www/opencashier.js";
import type { Fault } from "../../www/fault.js";
import type english from "../../www/locales/en.json";

type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;
type Capital<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Capitalize<Head>}${Capital<Tail>}`
  : Capitalize<Name>;
type Signature<Method> = Method extends (...parameters: infer Parameters) => infer Result
  ? [Parameters["length"], Result extends Promise<infer Value> ? ["promise", Value] : Result extends HTMLElement ? "this" : Result]
  : never;

export const agreements: [
  Same<Exclude<keyof CheckoutOptions, keyof CheckoutCallbacks>, (typeof OPTIONS)[number]>,
  Same<EventName, (typeof EVENTS)[number]>,
  Same<keyof CheckoutCallbacks, `on${Capital<EventName>}`>,
  Same<Fault, CheckoutError>,
  // Declared and implemented methods are the same.
  Same<Exclude<keyof OpenCashierElement, keyof HTMLElement | keyof CheckoutOptions>, Exclude<keyof CheckoutElement, keyof HTMLElement | Reactions>>,
  Same<Exclude<keyof OpenCashierElement, keyof HTMLElement | keyof CheckoutOptions> | "focus", (typeof METHODS)[number]>,
  Same<keyof AppearanceVariables, (typeof VARIABLES)[number]>,
  Same<TextKey, Exclude<keyof typeof english, `hosted_page.${string}`>>,
  Same<PartName, (typeof PARTS)[number]>,
] = [true, true, true, true, true, true, true, true, true];

/** Lifecycle callbacks of the browser. */
type Reactions = "connectedCallback" | "disconnectedCallback" | "connectedMoveCallback" | "attributeChangedCallback";

type Method = "mount" | "unmount" | "destroy" | "confirm" | "cancel" | "focus" | "update";
export const signatures: { [Name in Method]: Same<Signature<OpenCashierElement[Name]>, Signature<CheckoutElement[Name]>> } = {
  mount: true, unmount: true, destroy: true, confirm: true, cancel: true, focus: true, update: true,
};
