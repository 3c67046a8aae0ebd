/** Types of the public API. See docs for what each option does. */

export type PaymentMethod = "alipay" | "wechat_pay";
export type Layout = "accordion" | "tabs" | "list";
export type Theme = "auto" | "light" | "night" | "flat";
export type State =
  | "loading" | "selecting" | "guiding" | "starting" | "awaiting" | "confirming" | "closing"
  | "succeeded" | "failed" | "expired" | "canceled" | "unavailable";
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
  /** Stable; branch on it. */
  code: string;
  /** English, for the developer. */
  message: string;
  retryable: boolean;
  requestId: string;
  docUrl: string;
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
  /** Cancelable: prevented, nothing is started. */
  submit: { paymentMethod: PaymentMethod };
  "action-handled": { action: "qr-code-loaded" | "status-waiting" | "performing-redirect" | "app-opened" };
  /** Cancelable: prevented, the page goes to `url` by itself. */
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
  /** The session as the merchant's server read it: shown until the widget has read it itself. */
  session?: Record<string, unknown> | string;
  /** Where the merchant's backend answers; relative to the page. */
  apiBase?: string;
  /** Where a redirect comes back to; this page where absent. */
  returnUrl?: string;
  /** A BCP 47 tag, or `auto`: the page's language, then the shopper's. */
  locale?: string;
  /** Other words, by key, or by language and key. */
  translations?: Record<string, string | Record<string, string>>;
  paymentMethods?: PaymentMethod[] | string;
  paymentMethodOrder?: PaymentMethod[] | string;
  layout?: Layout;
  appearance?: Appearance;
  showPayButton?: boolean;
  desktopFlow?: "auto" | "qr_code" | "redirect";
  mobileFlow?: "auto" | "redirect" | "qr_code" | "jsapi";
  readOnly?: boolean;
  cspNonce?: string;
  loader?: "auto" | "always" | "never";
}

/** `<open-cashier>`. Every option is a property, and an attribute in kebab case. */
export interface OpenCashierElement extends Omit<HTMLElement, "focus">, CheckoutOptions {
  update(options: CheckoutOptions): this;
  mount(target: string | Element): this;
  unmount(): this;
  /** For good: its listeners go too. */
  destroy(): void;
  /** As if the shopper pressed "pay"; resolves when taken, rejects if there is no checkout. */
  confirm(): Promise<void>;
  cancel(): Promise<void>;
  focus(): Promise<void>;
  on<N extends EventName>(name: N, listener: (event: CheckoutEvent<N>) => void): this;
  once<N extends EventName>(name: N, listener: (event: CheckoutEvent<N>) => void): this;
  off<N extends EventName>(name: N, listener?: (event: CheckoutEvent<N>) => void): this;
}

/** A checkout that is not on the page yet; `mount` puts it there. */
export declare function OpenCashier(options?: CheckoutOptions): OpenCashierElement;
export declare namespace OpenCashier {
  /** Fetches what a checkout needs ahead of time; resolves to whether it is there. */
  function preload(options?: { locale?: string }): Promise<boolean>;
  /** Whether this tab left for a wallet's page and has not learned the outcome here. */
  function hasReturned(): boolean;
}

declare global {
  interface HTMLElementTagNameMap {
    "open-cashier": OpenCashierElement & HTMLElement;
  }
}
