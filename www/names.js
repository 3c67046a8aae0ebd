// @ts-check
// The names of the public API: options and events.

/** Every option, as a property; the attribute is the same in kebab case. */
export const OPTIONS = /** @type {const} */ ([
  "clientSecret", "apiBase", "returnUrl", "redirectHosts", "locale", "translations", "paymentMethods",
  "paymentMethodOrder", "layout", "appearance", "showPayButton", "desktopFlow", "mobileFlow",
  "readOnly", "cspNonce", "loader", "session",
]);

/** Every event; dispatched as `cashier-<name>`. */
export const EVENTS = /** @type {const} */ ([
  "ready", "load-error", "change", "submit", "action-handled", "before-redirect", "state-change",
  "expired", "refreshed", "payment-completed", "payment-failed", "payment-pending", "cancel", "error",
]);

/** @typedef {typeof OPTIONS[number]} OptionName */
/** @typedef {typeof EVENTS[number]} EventName */

/** @param {string} name */
export const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The property that takes a callback for an event. @param {string} name */
export const callbackOf = (name) => `on${`-${name}`.replace(/-(.)/g, (_, letter) => letter.toUpperCase())}`;

/** Properties of the element besides its methods. @type {readonly string[]} */
export const PROPERTIES = [...OPTIONS, ...EVENTS.map(callbackOf)];
