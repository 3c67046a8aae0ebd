// @ts-check
// The names of the public API. Types, documents and the npm package's manifest are generated from
// these lists or checked against them.

/** Every option, as a property; the attribute is the same in kebab case. */
export const OPTIONS = /** @type {const} */ ([
  "clientSecret", "apiBase", "returnUrl", "redirectHosts", "locale", "translations", "paymentMethods",
  "paymentMethodOrder", "layout", "appearance", "showPayButton", "desktopFlow", "mobileFlow",
  "readOnly", "environment", "cspNonce", "loader", "session",
]);

/** Every event; dispatched as `cashier-<name>`. */
export const EVENTS = /** @type {const} */ ([
  "ready", "load-error", "change", "submit", "action-handled", "before-redirect", "state-change",
  "expired", "refreshed", "payment-completed", "payment-failed", "payment-pending", "cancel", "error",
]);

export const METHODS = /** @type {const} */ ([
  "mount", "unmount", "update", "destroy", "confirm", "cancel", "focus", "on", "once", "off",
]);

/** The members of `appearance.variables`; the custom property is `--oc-` and the name in kebab case. */
export const VARIABLES = /** @type {const} */ ([
  "colorPrimary", "colorPrimaryText", "colorBackground", "colorText", "colorTextSecondary",
  "colorBorder", "colorDanger", "colorSuccess", "borderRadius", "fontFamily", "fontSizeBase",
]);

/** The parts that `::part()` and `appearance.rules` can style. */
export const PARTS = /** @type {const} */ ([
  "root", "summary", "merchant", "amount", "description", "screen", "methods", "heading", "method",
  "selected", "mark", "pay-button", "busy", "primary", "secondary", "quiet", "link", "qr-code",
  "countdown", "field", "sign", "notice", "banner",
]);

/** @typedef {typeof OPTIONS[number]} OptionName */
/** @typedef {typeof EVENTS[number]} EventName */

/** @param {string} name */
export const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The property that takes a callback for an event. @param {string} name */
export const callbackOf = (name) => `on${`-${name}`.replace(/-(.)/g, (_, letter) => letter.toUpperCase())}`;

/** Properties of the element other than its methods. @type {readonly string[]} */
export const PROPERTIES = [...OPTIONS, ...EVENTS.map(callbackOf)];
