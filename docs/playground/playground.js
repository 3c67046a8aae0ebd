// @ts-check
// The playground: controls on one side, the live widget on the other, the code below.

import { API_BASE, SCRIPTS, ScriptedBackend } from "./backend.js";
import { FORMS } from "./code.js";
// @ts-ignore: the built widget, which the build lays beside this folder
import { OpenCashier } from "../opencashier/opencashier.js";

const ENVIRONMENTS = [
  "auto", "desktop", "mobile_browser", "wechat", "wechat_desktop", "wecom", "alipay", "wechat_mini_program", "alipay_mini_program",
  "taobao", "tmall", "jd", "qq", "weibo", "douyin", "xiaohongshu", "dingtalk", "in_app",
];
const LOCALES = ["auto", "ar", "en", "es", "fr", "id", "ja", "ko", "ms", "pt-BR", "ru", "th", "vi", "zh-Hans", "zh-Hant-HK", "zh-Hant-TW"];
const COLORS = ["colorPrimary", "colorPrimaryText", "colorBackground", "colorText", "colorTextSecondary", "colorBorder", "colorDanger", "colorSuccess"];
const LENGTHS = ["borderRadius", "fontFamily", "fontSizeBase"];
const SELECTS = ["locale", "layout", "paymentMethods", "paymentMethodOrder", "desktopFlow", "mobileFlow", "loader", "environment"];
const EVENTS = [
  "ready", "load-error", "change", "submit", "action-handled", "before-redirect", "state-change", "expired", "refreshed",
  "payment-completed", "payment-failed", "payment-pending", "cancel", "error",
];
/** Limit of the wait for a screen that a press follows. */
const STEP_TIMEOUT_MS = 10_000;

const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (document.querySelector(selector));
const form = /** @type {HTMLFormElement} */ (find("#controls"));
const control = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** @type {ScriptedBackend} */
let backend;
/** @type {any} */
let checkout = null;
let codeForm = "html";

const realFetch = window.fetch;
window.fetch = (input, init) => {
  const request = input instanceof Request ? input : new Request(new URL(String(input), document.baseURI), init);
  return request.url.startsWith(`${API_BASE}/`) ? backend.answer(request) : realFetch.call(window, input, init);
};

/** Adds the choices that are lists of names. */
function fill() {
  for (const [name, values] of Object.entries({ state: Object.keys(SCRIPTS), environment: ENVIRONMENTS, locale: LOCALES })) {
    for (const value of values) control(name).append(Object.assign(document.createElement("option"), { textContent: value }));
  }
  for (const name of [...COLORS, ...LENGTHS]) {
    const input = Object.assign(document.createElement("input"), { name, placeholder: "default", spellcheck: false });
    const label = document.createElement("label");
    label.append(`${name} `, input);
    find("#variables").append(label);
  }
}

/** The chosen options; one that has its default is left out. */
function chosen() {
  /** @type {Record<string, unknown>} */
  const options = {};
  for (const name of SELECTS) {
    const { value } = control(name);
    if (value && value !== "auto" && !(name === "layout" && value === "accordion")) options[name] = value;
  }
  if (!control("showPayButton").checked) options.showPayButton = false;
  if (control("readOnly").checked) options.readOnly = true;
  const entries = [...COLORS, ...LENGTHS].map((name) => [name, control(name).value.trim()]).filter(([, value]) => value);
  const theme = control("theme").value;
  const appearance = { ...(theme !== "auto" && { theme }), ...(entries.length && { variables: Object.fromEntries(entries) }) };
  if (Object.keys(appearance).length) options.appearance = appearance;
  return options;
}

/** The options for the widget: those that are not chosen are undefined, which is the default. */
function widgetOptions() {
  const names = [...SELECTS, "showPayButton", "readOnly", "appearance"];
  const options = chosen();
  return Object.fromEntries(names.map((name) => [name, name === "environment" ? environment() : options[name]]));
}

/** The environment of the widget: a screen that guides elsewhere needs the other wallet's app. */
function environment() {
  const { value } = control("environment");
  if (control("state").value === "guiding" && value === "auto") return control("wallet").value === "alipay" ? "wechat" : "alipay";
  return value === "auto" ? "desktop" : value;
}

/** Begins with a new session, and does what leads to the chosen screen. */
async function restart() {
  const wallet = control("wallet").value;
  const { press, cancel, refuse } = SCRIPTS[control("state").value];
  backend = new ScriptedBackend(control("state").value, wallet, environment());
  if (checkout) checkout.destroy();
  find("#events").replaceChildren();
  checkout = OpenCashier({ clientSecret: backend.clientSecret, apiBase: API_BASE, ...widgetOptions() });
  const current = checkout;
  for (const name of EVENTS) checkout.on(name, (/** @type {CustomEvent} */ event) => note(name, event));
  checkout.mount("#preview");
  showCode();
  if (press && (await reaches(current, "selecting"))) {
    current.shadowRoot.querySelector(`input[value=${wallet}]`).click();
    current.confirm().catch(() => {});
  }
  if ((cancel || refuse) && (await reaches(current, "awaiting"))) {
    if (refuse) backend.settle("failed");
    else current.cancel().catch(() => {});
  }
}

/** Waits for a state of the widget. @param {any} element @param {string} state @returns {Promise<boolean>} */
function reaches(element, state) {
  const isThere = () => element.getAttribute("data-state") === state && !!element.shadowRoot.querySelector(`[data-state="${state}"]`);
  return new Promise((done) => {
    const observer = new MutationObserver(() => isThere() && finish(true));
    const timer = setTimeout(() => finish(false), STEP_TIMEOUT_MS);
    const finish = (/** @type {boolean} */ value) => {
      observer.disconnect();
      clearTimeout(timer);
      done(value && element === checkout);
    };
    observer.observe(element, { attributes: true });
    observer.observe(element.shadowRoot, { childList: true, subtree: true });
    if (isThere()) finish(true);
  });
}

/** Shows an event, and keeps the page here. @param {string} name @param {CustomEvent} event */
function note(name, event) {
  if (name === "before-redirect") event.preventDefault();
  const item = document.createElement("li");
  item.textContent = `${name} ${JSON.stringify(event.detail)}`;
  find("#events").prepend(item);
  find("#state").textContent = checkout.getAttribute("data-state");
}

function showCode() {
  find("#code").textContent = FORMS[codeForm](chosen());
  for (const button of document.querySelectorAll("[data-code]")) {
    button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.code === codeForm));
  }
}

fill();
form.addEventListener("input", ({ target }) => {
  const { name } = /** @type {HTMLInputElement} */ (target);
  if (["state", "wallet", "environment"].includes(name)) return void restart();
  checkout.update(widgetOptions());
  showCode();
});
form.addEventListener("submit", (event) => event.preventDefault());
// After the reset itself, which follows the listeners.
form.addEventListener("reset", () => setTimeout(restart));
document.addEventListener("click", ({ target }) => {
  const { act, code } = /** @type {HTMLElement} */ (target).dataset ?? {};
  if (code) {
    codeForm = code;
    showCode();
  }
  if (act === "pay") backend.settle("succeeded");
  if (act === "refuse") backend.settle("failed");
  if (act === "confirm" || act === "cancel") {
    checkout[act]().then(
      (/** @type {any} */ outcome) => act === "confirm" && note("confirm()", new CustomEvent("confirm", { detail: outcome })),
      (/** @type {any} */ { code: reason }) => note(`${act}() rejects`, new CustomEvent(act, { detail: { code: reason } })),
    );
  }
});
restart();
