// @ts-check
// From what a page's author may write, in attributes, properties or scripts, to the strict
// form that the Wasm accepts. Nothing here throws; what is wrong is told as a problem.

import { environmentOf } from "./environment.js";

/** Every option, as a property; the attribute is the same in kebab case. */
export const OPTIONS = [
  "clientSecret", "apiBase", "returnUrl", "locale", "translations", "paymentMethods",
  "paymentMethodOrder", "layout", "appearance", "showPayButton", "desktopFlow", "mobileFlow",
  "readOnly", "cspNonce", "loader", "session",
];

/** @param {string} name */
export const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const VARIABLES = [
  "colorPrimary", "colorPrimaryText", "colorBackground", "colorText", "colorTextSecondary",
  "colorBorder", "colorDanger", "colorSuccess", "borderRadius", "fontFamily", "fontSizeBase",
];

/**
 * @typedef {{ name: string, message: string, isFatal: boolean }} Problem
 * @typedef {{ strict: Record<string, any>, locale: string, translations: Record<string, any>,
 *   theme: string, variables: [string, string][], rules: [string, [string, string][]][],
 *   loader: string, cspNonce: string }} Settings
 */

/**
 * @param {(name: string) => unknown} get the option as it was given; undefined where it was not
 * @returns {{ settings: Settings, problems: Problem[] }}
 */
export function readOptions(get) {
  /** @type {Problem[]} */
  const problems = [];
  const refuse = (/** @type {string} */ name, /** @type {string} */ must, isFatal = false) => {
    problems.push({ name, isFatal, message: `option ${name} (${kebab(name)}) ${must}` });
  };
  const isGiven = (/** @type {unknown} */ value) =>
    value !== undefined && value !== null && !(typeof value === "string" && !value.trim());
  const text = (/** @type {string} */ name, isFatal = false) => {
    const value = get(name);
    if (!isGiven(value)) return "";
    if (typeof value === "string") return value.trim();
    refuse(name, "must be a text", isFatal);
    return "";
  };
  const choice = (/** @type {string} */ name, /** @type {string[]} */ choices) => {
    const value = text(name);
    if (!value || choices.includes(value)) return value || choices[0];
    refuse(name, `must be one of ${choices.join(", ")}`);
    return choices[0];
  };
  const flag = (/** @type {string} */ name, /** @type {boolean} */ usual) => {
    const value = get(name);
    if (value === undefined || value === null) return usual;
    if (value === "" || value === true || value === "true" || value === kebab(name)) return true;
    if (value === false || value === "false") return false;
    refuse(name, "must be true or false");
    return usual;
  };
  const methods = (/** @type {string} */ name) => {
    const value = get(name);
    if (!isGiven(value)) return [];
    const list = typeof value === "string" ? value.split(/[\s,]+/).filter(Boolean) : value;
    if (Array.isArray(list) && list.every((item) => item === "alipay" || item === "wechat_pay")) return list;
    refuse(name, "must name only alipay and wechat_pay", true);
    return [];
  };
  const record = (/** @type {string} */ name) => {
    let value = get(name);
    if (!isGiven(value)) return {};
    if (typeof value === "string") {
      try {
        value = JSON.parse(value);
      } catch {
        value = null;
      }
    }
    if (value && typeof value === "object" && !Array.isArray(value)) return /** @type {Record<string, any>} */ (value);
    refuse(name, "must be an object, or JSON of one");
    return {};
  };
  const address = (/** @type {string} */ name) => {
    const value = text(name, true);
    if (!value) return null;
    try {
      const url = new URL(value, document.baseURI);
      if (/^https?:$/.test(url.protocol) && !url.username && !url.password) return url;
    } catch {
      // Told below.
    }
    refuse(name, "must be an http or https address", true);
    return null;
  };

  const clientSecret = text("clientSecret", true);
  if (!/^cs_\w+_secret_\w+$/.test(clientSecret)) {
    refuse("clientSecret", "must be the cs_…_secret_… that the merchant's server got when it opened the session", true);
  }
  const session = record("session");
  const isItsSession = clientSecret.startsWith(`${session.id}_secret_`);
  if (!isItsSession && Object.keys(session).length) {
    refuse("session", "must be the session of this client secret, as the merchant's server read it");
  }
  const base = address("apiBase");
  if (!base) {
    if (!isGiven(get("apiBase"))) refuse("apiBase", "must be the address of the merchant's backend", true);
  } else if (base.search || base.hash) {
    refuse("apiBase", "must have no query and no fragment", true);
  }
  const returnUrl = address("returnUrl");
  const here = /^https?:/.test(location.href) ? location.href.split("#")[0] : undefined;
  const { userAgent, maxTouchPoints } = navigator;
  const environment = environmentOf(userAgent, maxTouchPoints, /** @type {any} */ (globalThis).__wxjs_environment);
  const desktopFlow = choice("desktopFlow", ["auto", "qr_code", "redirect"]);
  const mobileFlow = choice("mobileFlow", ["auto", "redirect", "qr_code", "jsapi"]);
  const flow = /desktop/.test(environment) ? desktopFlow : mobileFlow;
  const look = readAppearance(record("appearance"), (must) => refuse("appearance", must));

  return {
    problems,
    settings: {
      strict: {
        clientSecret,
        session: isItsSession ? JSON.stringify(session) : undefined,
        apiBase: base ? base.href.replace(/\/+$/, "") : "",
        apiOrigin: base ? base.origin : "",
        returnUrl: returnUrl ? returnUrl.href : here,
        environment,
        flow: flow === "auto" ? undefined : flow,
        paymentMethods: methods("paymentMethods"),
        paymentMethodOrder: methods("paymentMethodOrder"),
        layout: choice("layout", ["accordion", "tabs", "list"]),
        showPayButton: flag("showPayButton", true),
        readOnly: flag("readOnly", false),
      },
      locale: text("locale") || "auto",
      translations: record("translations"),
      loader: choice("loader", ["auto", "always", "never"]),
      cspNonce: text("cspNonce"),
      ...look,
    },
  };
}

/**
 * @param {Record<string, any>} appearance
 * @param {(must: string) => void} refuse
 */
function readAppearance(appearance, refuse) {
  const { theme = "auto", variables = {}, rules = {} } = appearance;
  const themes = ["auto", "light", "night", "flat"];
  if (!themes.includes(theme)) refuse(`must have a theme of ${themes.join(", ")}`);
  // A value may not fetch anything: the widget contacts nobody but its backend.
  const isPlain = (/** @type {unknown} */ value) => !/(url|image|set|src)\s*\(|[{};\\@]/i.test(String(value));
  /** @type {[string, string][]} */
  const plainVariables = [];
  for (const [name, value] of Object.entries(variables || {})) {
    if (VARIABLES.includes(name) && isPlain(value)) plainVariables.push([`--oc-${kebab(name)}`, String(value)]);
    else refuse(`has a variable ${name} that is not known or not plain`);
  }
  /** @type {[string, [string, string][]][]} */
  const plainRules = [];
  for (const [selector, declarations] of Object.entries(rules || {})) {
    const match = /^\.([a-z][a-z-]*)((?::[a-z-]+)?)$/.exec(selector);
    const pairs = /** @type {[string, string][]} */ (
      Object.entries(declarations || {}).map(([name, value]) => [kebab(name), String(value)])
    );
    if (match && pairs.every(([, value]) => isPlain(value))) plainRules.push([`[part~="${match[1]}"]${match[2]}`, pairs]);
    else refuse(`has a rule ${selector} that is not .part or .part:state, or a value that is not plain`);
  }
  return { theme: themes.includes(theme) ? theme : "auto", variables: plainVariables, rules: plainRules };
}
