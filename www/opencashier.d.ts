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

/** The codes of docs/ERRORS.md. */
export type ErrorCode =
  | "request_malformed" | "parameter_invalid" | "idempotency_key_invalid" | "idempotency_key_reused"
  | "idempotency_in_progress" | "client_secret_invalid" | "client_secret_expired" | "secret_key_invalid"
  | "session_not_found" | "session_closed" | "payment_not_found" | "payment_closed" | "refund_not_found"
  | "event_not_found" | "order_not_found" | "reconciliation_not_found" | "payment_not_refundable"
  | "refund_exceeds_payment" | "payment_method_unavailable" | "flow_unavailable" | "payment_still_open"
  | "client_secret_lost" | "order_already_paid" | "rate_limited" | "gateway_unavailable" | "gateway_rejected"
  | "gateway_misconfigured" | "body_too_large" | "not_found" | "method_not_allowed" | "request_timed_out"
  | "notification_unverified" | "notification_refused" | "internal" | "connection_failed" | "answer_timed_out"
  | "answer_unreadable" | "value_unknown" | "answer_failed" | "option_invalid" | "destroyed" | "qr_code_too_long"
  | "next_action_refused" | "random_unavailable" | "no_payment_method" | "wasm_blocked" | "browser_too_old"
  | "load_failed" | "nothing_selected" | "read_only" | "nothing_to_pay" | "submit_prevented" | "wallet_unavailable";
/** The texts of the widget, by their keys in www/locales/en.json. */
export type TextKey =
  | "checkout" | "loading" | "alipay" | "wechat_pay" | "wallet" | "alipay_app" | "wechat_pay_app" | "opens_here"
  | "opens_in_browser" | "takes_other_phone" | "choose" | "choose_first" | "method_detail" | "pay" | "read_only"
  | "guide" | "guide_browser" | "guide_phone" | "guide_mini" | "guide_there" | "guide_code" | "guide_link" | "copy"
  | "copied" | "copy_by_hand" | "starting" | "starting_slow" | "scan" | "scan_open" | "scan_how" | "scan_other"
  | "scan_pays" | "no_long_press" | "no_scan" | "link_how" | "qr_label" | "qr_failed" | "code_stale"
  | "code_refreshed" | "refreshing" | "refresh" | "waiting" | "minutes_left" | "seconds_left" | "elsewhere"
  | "elsewhere_how" | "started_elsewhere" | "leaving" | "continue" | "paid" | "switch" | "cancel" | "confirming"
  | "confirming_returned" | "confirming_time_up" | "confirming_processing" | "confirming_how" | "check" | "closing"
  | "closing_how" | "succeeded" | "succeeded_how" | "back" | "failed" | "failed_how" | "failed_gateway" | "expired"
  | "expired_how" | "canceled" | "canceled_how" | "canceled_until" | "refund_pending" | "refund_succeeded"
  | "refund_failed" | "canceled_over" | "retry" | "unavailable" | "unavailable_connection"
  | "unavailable_authentication" | "unavailable_setup" | "unavailable_how" | "reference" | "hosted" | "hosted_over"
  | "offline" | "start_failed" | "method_unavailable" | "too_fast" | "not_paid_yet" | "cancel_failed"
  | "refresh_failed" | "code_expired" | "app_not_opened" | "wallet_unavailable" | "try_again" | "reload"
  | "option_invalid" | "wasm_blocked" | "browser_too_old" | "load_failed" | "internal" | "shop_unreachable"
  | "other_tab" | "still_open";
export type Texts = { [Key in TextKey]?: string };

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

/** The parts that `::part()` and `rules` can style. */
export type PartName =
  | "root" | "summary" | "merchant" | "amount" | "description" | "screen" | "methods" | "heading" | "method"
  | "selected" | "mark" | "pay-button" | "busy" | "primary" | "secondary" | "quiet" | "link" | "qr-code"
  | "countdown" | "field" | "sign" | "notice" | "banner";

export interface Appearance {
  theme?: Theme;
  variables?: AppearanceVariables;
  /** `.part` or `.part:state`, as in `{ ".primary:hover": { backgroundColor: "#123" } }`. */
  rules?: { [Selector in `.${PartName}` | `.${PartName}:${string}`]?: Record<string, string> };
}

export interface CheckoutError {
  type: ErrorType;
  /**
   * Stable; branch on it. A newer backend may send others. The loader's own are `wasm_blocked`, `browser_too_old`, `load_failed`,
   * `internal`, `option_invalid` and `destroyed`.
   */
  code: ErrorCode | (string & {});
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
  "payment-failed": PaymentDetail & { code: ErrorCode | (string & {}) };
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
  translations?: (Texts & { lang?: string }) | { [language: string]: Texts };
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
