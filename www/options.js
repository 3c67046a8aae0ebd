// @ts-check
// Converts the options of a page's author, in attributes, properties or scripts, to the strict form
// that all other code uses. Nothing here throws; an invalid option is reported as a problem.
// Inherited members of an object are not read.

import { readAppearance } from "./appearance.js";
import { ENVIRONMENTS } from "./environment.js";
import { kebab } from "./names.js";
import { bare, own } from "./own.js";

/** @typedef {import("./names.js").OptionName} OptionName */

/**
 * @typedef {{ name: string, message: string, isFatal: boolean }} Problem
 * @typedef {{ clientSecret: string, apiBase: string, apiOrigin: string, returnUrl: string | undefined,
 *   redirectHosts: string[], desktopFlow: string, mobileFlow: string, paymentMethods: string[], paymentMethodOrder: string[],
 *   layout: string, showPayButton: boolean, readOnly: boolean, environment: string }} Strict what the Wasm reads
 * @typedef {import("./appearance.js").Look & { strict: Strict, locale: string,
 *   translations: [string, unknown][], loader: string, cspNonce: string }} Settings
 * @typedef {{ value: unknown, text: string }} PageSession a session that came with the page;
 *   `text` is empty where it was not given as JSON
 */

/**
 * @param {(name: OptionName) => unknown} get returns the option as given; undefined if it is not
 * set
 * @returns {{ settings: Settings, session: PageSession | null, problems: Problem[] }}
 */
export function readOptions(get) {
  /** @type {Problem[]} */
  const problems = [];
  const refuse = (/** @type {OptionName} */ name, /** @type {string} */ must, isFatal = false) => {
    problems.push({ name, isFatal, message: `option ${name} (${kebab(name)}) ${must}` });
  };
  const reader = new Reader(get, refuse);
  const clientSecret = reader.text("clientSecret", true);
  if (!/^cs_\w+_secret_\w+$/.test(clientSecret)) {
    refuse("clientSecret", "must be the cs_…_secret_… that the merchant's server got with the session", true);
  }
  const base = reader.address("apiBase");
  if (!base) {
    if (!isGiven(get("apiBase"))) refuse("apiBase", "must be the address of the merchant's backend", true);
  } else if (base.search || base.hash) {
    refuse("apiBase", "must have no query and no fragment", true);
  }
  const returnUrl = reader.address("returnUrl", true);
  const session = reader.record("session");
  const id = own(session, "id");
  const isItsSession = typeof id === "string" && clientSecret.startsWith(`${id}_secret_`);
  if (!isItsSession && session && Object.keys(session).length) {
    refuse("session", "must be the session of this client secret");
  }
  const given = get("session");
  /** @type {Strict} */
  const strict = {
    clientSecret,
    apiBase: base ? base.href.replace(/\/+$/, "") : "",
    apiOrigin: base ? base.origin : "",
    returnUrl: returnUrl ? returnUrl.href : thisPage(),
    redirectHosts: reader.hosts("redirectHosts"),
    desktopFlow: reader.choice("desktopFlow", ["auto", "qr_code", "redirect"]),
    mobileFlow: reader.choice("mobileFlow", ["auto", "redirect", "qr_code", "jsapi"]),
    paymentMethods: reader.methods("paymentMethods"),
    paymentMethodOrder: reader.methods("paymentMethodOrder"),
    layout: reader.choice("layout", ["accordion", "tabs", "list"]),
    showPayButton: reader.flag("showPayButton", true),
    readOnly: reader.flag("readOnly", false),
    environment: reader.choice("environment", ["auto", ...ENVIRONMENTS]),
  };
  return {
    problems,
    session: isItsSession ? { value: session, text: typeof given === "string" ? given : "" } : null,
    settings: {
      strict: bare(strict),
      locale: reader.text("locale") || "auto",
      translations: Object.entries(reader.record("translations") || {}),
      loader: reader.choice("loader", ["auto", "always", "never"]),
      cspNonce: reader.text("cspNonce"),
      ...readAppearance(reader.record("appearance"), (must) => refuse("appearance", must)),
    },
  };
}

/** Limit of a return address in bytes: less than the backends' limit. */
const LONGEST_ADDRESS = 2000;

/**
 * Returns the address of this page: with its fragment if the page routes by it, and without its
 * query if that makes it too long, as tracking parameters do.
 */
function thisPage() {
  const [page, fragment] = location.href.split(/#(.*)/s);
  if (!/^https?:/.test(page)) return undefined;
  const route = /^!?\//.test(fragment || "") ? `#${fragment}` : "";
  return [page + route, page.split("?")[0] + route, page.split("?")[0]].find((address) => address.length <= LONGEST_ADDRESS);
}

/** @param {unknown} value */
const isGiven = (value) => value !== undefined && value !== null && !(typeof value === "string" && !value.trim());

/** The schemes that browsers handle themselves; all others are of apps. */
const OF_BROWSERS = /^(about|blob|data|file|filesystem|ftp|javascript|vbscript|wss?):$/;

/** Reads options by type, and reports those of another type. */
class Reader {
  /**
   * @param {(name: OptionName) => unknown} get
   * @param {(name: OptionName, must: string, isFatal?: boolean) => void} refuse
   */
  constructor(get, refuse) {
    this.get = get;
    this.refuse = refuse;
  }

  /** @param {OptionName} name @param {boolean} [isFatal] */
  text(name, isFatal) {
    const value = this.get(name);
    if (!isGiven(value)) return "";
    if (typeof value === "string") return value.trim();
    this.refuse(name, "must be a text", isFatal);
    return "";
  }

  /** @param {OptionName} name @param {string[]} choices the first is the default */
  choice(name, choices) {
    const value = this.text(name);
    if (!value || choices.includes(value)) return value || choices[0];
    this.refuse(name, `must be one of ${choices.join(", ")}`);
    return choices[0];
  }

  /** @param {OptionName} name @param {boolean} byDefault */
  flag(name, byDefault) {
    const value = this.get(name);
    if (value === undefined || value === null) return byDefault;
    if (value === "" || value === true || value === "true" || value === kebab(name)) return true;
    if (value === false || value === "false") return false;
    this.refuse(name, "must be true or false");
    return byDefault;
  }

  /** @param {OptionName} name @returns {string[]} */
  methods(name) {
    const value = this.get(name);
    if (!isGiven(value)) return [];
    const list = typeof value === "string" ? value.split(/[\s,]+/).filter(Boolean) : value;
    if (Array.isArray(list) && list.every((item) => item === "alipay" || item === "wechat_pay")) return list;
    this.refuse(name, "must name only alipay and wechat_pay", true);
    return [];
  }

  /** @param {OptionName} name @returns {string[]} */
  hosts(name) {
    const value = this.get(name);
    if (!isGiven(value)) return [];
    const list = typeof value === "string" ? value.split(/[\s,]+/).filter(Boolean) : value;
    const isHost = (/** @type {unknown} */ item) => typeof item === "string" && /^[a-z\d-]+(\.[a-z\d-]+)+$/.test(item);
    if (Array.isArray(list) && list.every(isHost)) return list;
    this.refuse(name, "must name hosts in lower case, such as cashier.example");
    return [];
  }

  /** @param {OptionName} name @returns {object | null} */
  record(name) {
    let value = this.get(name);
    if (!isGiven(value)) return null;
    if (typeof value === "string") {
      try {
        value = JSON.parse(value);
      } catch {
        value = null;
      }
    }
    if (value && typeof value === "object" && !Array.isArray(value)) return value;
    this.refuse(name, "must be an object, or JSON of one");
    return null;
  }

  /** @param {OptionName} name @param {boolean} [mayBeApps] if an address of an app's own scheme is allowed */
  address(name, mayBeApps) {
    const value = this.text(name, true);
    if (!value) return null;
    try {
      const url = new URL(value, document.baseURI);
      const isWeb = /^https?:$/.test(url.protocol);
      if ((isWeb || (mayBeApps && !OF_BROWSERS.test(url.protocol))) && !url.username && !url.password) return url;
    } catch {
      // Refused below.
    }
    this.refuse(name, `must be an http or https address${mayBeApps ? ", or one of an app" : ""}`, true);
    return null;
  }
}
