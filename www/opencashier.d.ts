/** Types of the public API. docs/embedding.md describes each option. */

export type PaymentMethod = "alipay" | "wechat_pay";
export type Layout = "accordion" | "tabs" | "list";
export type Theme = "auto" | "light" | "night" | "flat";
export type State =
  | "loading" | "selecting" | "guiding" | "starting" | "awaiting" | "confirming" | "closing"
  | "succeeded" | "failed" | "expired" | "canceled" | "unavailable";
export type Environment =
  | "desktop" | "mobile_browser" | "wechat" | "wechat_desktop" | "wecom" | "wechat_mini_program" | "alipay"
  | "alipay_mini_program" | "taobao" | "tmall" | "jd" | "qq" | "weibo" | "douyin" | "xiaohongshu" | "dingtalk" | "in_app";
export type ErrorType =
  | "api_connection_error" | "api_error" | "authentication_error" | "invalid_request_error"
  | "idempotency_error" | "rate_limit_error" | "integration_error" | "wallet_error";

export interface AppearanceVariables {
  colorPrimary?: string;
  colorPrimaryText?: string;
  colorBackground?: string;
  colorText?: string;
  colorTextSecondary?: string;
  colorBorder?: string;
  colorDanger?: string;
  colorSuccess?: string;
  borderRadius?: string;
  fontFamily?: string;
  fontSizeBase?: string;
}

export interface Appearance {
  theme?: Theme;
  variables?: AppearanceVariables;
  /** `.part` or `.part:state`, as in `{ ".primary:hover": { backgroundColor: "#123" } }`. */
  rules?: Record<string, Record<string, string>>;
}

export interface CheckoutError {
  type: ErrorType;
  /** Stable; branch on it. The loader's own are `wasm_blocked`, `browser_too_old`, `load_failed`, `internal`, `option_invalid` and `destroyed`. */
  code: string;
  /** English, for the developer. */
  message: string;
  retryable: boolean;
  requestId: string;
  docUrl: string;
}

/** The outcome of a press of "pay". */
export interface ConfirmOutcome {
  /** `awaiting`: the shopper must act, by a code or on another page. `selecting` or `failed`: neither was reached. */
  state: State;
  /** The error, if neither was reached. If it is retryable, the payment may have been started all the same. */
  error?: CheckoutError;
}

export interface PaymentDetail {
  sessionId: string | null;
  paymentId: string | null;
  paymentMethod: PaymentMethod | null;
}

export interface EventDetails {
  ready: { paymentMethods: PaymentMethod[] };
  "load-error": CheckoutError;
  change: { paymentMethod: PaymentMethod };
  /** Cancelable: if prevented, nothing is started. */
  submit: { paymentMethod: PaymentMethod };
  "action-handled": { action: "qr-code-loaded" | "status-waiting" | "performing-redirect" | "app-opened" };
  /** Cancelable: if prevented, the page goes to `url` by itself. */
  "before-redirect": { url: string };
  "state-change": { from: State; to: State; reason: string };
  expired: PaymentDetail;
  refreshed: PaymentDetail;
  "payment-completed": PaymentDetail;
  "payment-failed": PaymentDetail & { code: string };
  "payment-pending": PaymentDetail;
  cancel: PaymentDetail;
  error: CheckoutError;
}
export type EventName = keyof EventDetails;
export type CheckoutEvent<N extends EventName> = CustomEvent<EventDetails[N]>;

export interface CheckoutCallbacks {
  onReady?: (event: CheckoutEvent<"ready">) => void;
  onLoadError?: (event: CheckoutEvent<"load-error">) => void;
  onChange?: (event: CheckoutEvent<"change">) => void;
  onSubmit?: (event: CheckoutEvent<"submit">) => void;
  onActionHandled?: (event: CheckoutEvent<"action-handled">) => void;
  onBeforeRedirect?: (event: CheckoutEvent<"before-redirect">) => void;
  onStateChange?: (event: CheckoutEvent<"state-change">) => void;
  onExpired?: (event: CheckoutEvent<"expired">) => void;
  onRefreshed?: (event: CheckoutEvent<"refreshed">) => void;
  onPaymentCompleted?: (event: CheckoutEvent<"payment-completed">) => void;
  onPaymentFailed?: (event: CheckoutEvent<"payment-failed">) => void;
  onPaymentPending?: (event: CheckoutEvent<"payment-pending">) => void;
  onCancel?: (event: CheckoutEvent<"cancel">) => void;
  onError?: (event: CheckoutEvent<"error">) => void;
}

export interface CheckoutOptions extends CheckoutCallbacks {
  /** `cs_…_secret_…`, as the merchant's server got it. */
  clientSecret?: string;
  /** The session as the merchant's server read it, or JSON of it: shown until the widget has read it itself. */
  session?: object | string;
  /** Address of the merchant's backend; relative to the page. */
  apiBase?: string;
  /** Address that a redirect returns to; this page if absent. */
  returnUrl?: string;
  /** Hosts that a redirect may lead to besides the gateways' own, such as another cashier of a gateway. */
  redirectHosts?: string[] | string;
  /** A BCP 47 tag, or `auto`: the page's language, then the shopper's. */
  locale?: string;
  /** The page's own texts, by key, or by language and key; `lang` names the language of the former. */
  translations?: Record<string, string | Record<string, string>>;
  paymentMethods?: PaymentMethod[] | string;
  paymentMethodOrder?: PaymentMethod[] | string;
  layout?: Layout;
  appearance?: Appearance;
  showPayButton?: boolean;
  desktopFlow?: "auto" | "qr_code" | "redirect";
  mobileFlow?: "auto" | "redirect" | "qr_code" | "jsapi";
  readOnly?: boolean;
  /** The environment of the page, for an app whose web view is not recognized; `auto`: by the user agent. */
  environment?: "auto" | Environment;
  cspNonce?: string;
  loader?: "auto" | "always" | "never";
}

/** The options, as a framework sets them on the element in markup. Callbacks are listeners there, such as `oncashier-ready`. */
export type CheckoutElementProps = Omit<CheckoutOptions, keyof CheckoutCallbacks>;

/** `<open-cashier>`. Every option is a property, and an attribute in kebab case. */
export interface OpenCashierElement extends Omit<HTMLElement, "focus">, CheckoutOptions {
  update(options: CheckoutOptions): this;
  mount(target: string | Element): this;
  unmount(): this;
  /** Ends the checkout, removes the element from the page and its `on` listeners. Mounted again, it starts a new checkout. */
  destroy(): void;
  /**
   * Acts like a press of "pay". Resolves with the state that it led to; rejects if it could start
   * nothing, with the code `nothing_selected`, `read_only` or `nothing_to_pay`, or if there is no checkout.
   */
  confirm(): Promise<ConfirmOutcome>;
  /** Cancels the payment; resolves when taken. */
  cancel(): Promise<void>;
  /** Moves the focus to the first field or the heading. */
  focus(): Promise<void>;
  on<N extends EventName>(name: N, listener: (event: CheckoutEvent<N>) => void): this;
  once<N extends EventName>(name: N, listener: (event: CheckoutEvent<N>) => void): this;
  off<N extends EventName>(name: N, listener?: (event: CheckoutEvent<N>) => void): this;
}

/** Creates a checkout that is not on the page yet; `mount` inserts it. */
export declare function OpenCashier(options?: CheckoutOptions): OpenCashierElement;
export declare namespace OpenCashier {
  /** Loads the files of a checkout ahead of time; false if they could not be loaded. */
  function preload(options?: { locale?: string }): Promise<boolean>;
  /** Address of the folder with the widget's files, where a bundler does not copy them. Set it before a checkout starts. */
  let assetBase: string;
  /** True if this tab left for a wallet's page and its payment has not been concluded here. */
  function hasReturned(): boolean;
}

/** The events by their DOM names. */
export type CheckoutEventMap = { [Name in EventName as `cashier-${Name}`]: CheckoutEvent<Name> };

declare global {
  interface GlobalEventHandlersEventMap extends CheckoutEventMap {}
  interface HTMLElementTagNameMap {
    "open-cashier": OpenCashierElement & HTMLElement;
  }
}
