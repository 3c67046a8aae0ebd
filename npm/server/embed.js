// @ts-check
// The selector as HTML for the order page, from the template of the widget's build. The rules are
// those of docs/prerendered-selector.md.

/**
 * @typedef {import("./api.js").Session} Session
 * @typedef {import("./api.js").PaymentMethod} PaymentMethod
 * @typedef {{ prefix: string, suffix: string, group: string, decimal: string, digits: number }} AmountPattern
 * @typedef {Partial<Record<PaymentMethod, string>>} Pieces HTML by wallet
 * @typedef {{ html: string, description_line: string, pay_button: string, rows: Pieces, picked_rows: Pieces,
 *   details?: Pieces, picked_details?: Pieces }} Template
 * @typedef {{ version: string, styles: { file: string, css: string, integrity?: string },
 *   aliases?: Record<string, string>, locales: Record<string, { amounts: Record<string, AmountPattern>, layouts: Record<string, Template> }> }} SelectorFile
 * @typedef {{ session: Session, clientSecret: string, apiBase: string, locale: string, layout?: "accordion" | "tabs" | "list",
 *   nonce?: string, styles?: string, theme?: "auto" | "light" | "night" | "flat", variables?: { [Name in typeof VARIABLES[number]]?: string },
 *   paymentMethodOrder?: PaymentMethod[], showPayButton?: boolean, returnUrl?: string }} EmbedOptions
 *   `session`: as it was answered just now. `nonce`: of the page's Content Security Policy. `styles`:
 *   the address of the folder of the build, for a style sheet that is linked because there is no nonce
 */

const TEXTS = ["merchant", "description", "amount", "hosted_url", "theme", "version"];
const PIECES = ["rows", "details", "description_line", "pay_button"];
const THEMES = ["auto", "light", "night", "flat"];
/** The members of `appearance.variables`. */
export const VARIABLES = /** @type {const} */ ([
  "colorPrimary", "colorPrimaryText", "colorBackground", "colorText", "colorTextSecondary",
  "colorBorder", "colorDanger", "colorSuccess", "borderRadius", "fontFamily", "fontSizeBase",
]);
const SLOT = /\$\{(\w+)\}/g;
const ESCAPES = /** @type {Record<string, string>} */ ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" });

/** The templates of a build of the widget. */
export class Selector {
  /** @type {SelectorFile} */
  #file;

  /**
   * @param {SelectorFile} file the content of `selector.json`
   * @throws {TypeError} if it is not one, or needs a newer version of this package
   */
  constructor(file) {
    if (!file?.locales?.en || typeof file.version !== "string" || typeof file.styles?.css !== "string") {
      throw new TypeError("file must be the parsed selector.json of a build of the widget");
    }
    for (const { layouts } of Object.values(file.locales)) {
      for (const { html, ...pieces } of Object.values(layouts)) {
        checkSlots(html, [...TEXTS, ...PIECES]);
        checkSlots(pieces, TEXTS);
      }
    }
    this.#file = file;
  }

  /**
   * Returns `<open-cashier>` with the selector in it, or without if the session does not show one.
   * @param {EmbedOptions} options
   * @returns {string} HTML, to be written into the page as it is
   * @throws {TypeError} names the option
   */
  html(options) {
    const { session, clientSecret, apiBase, layout = "accordion", nonce, theme, variables, paymentMethodOrder, showPayButton = true, returnUrl } = options;
    const [locale, { amounts, layouts }] = this.#negotiate(options.locale);
    const template = Object.hasOwn(layouts, layout) ? layouts[layout] : undefined;
    if (!template) throw new TypeError(`layout must be one of ${Object.keys(layouts).join(", ")}`);
    if (paymentMethodOrder !== undefined && !Array.isArray(paymentMethodOrder)) throw new TypeError("paymentMethodOrder must be a list");
    if (theme !== undefined && !THEMES.includes(theme)) throw new TypeError(`theme must be one of ${THEMES.join(", ")}`);
    if (!/^https?:\/\/[^?]+$/.test(session.hosted_url)) throw new TypeError("session.hosted_url must be an http or https address without a query");
    const style = this.#style(options);
    const appearance = theme || variables ? JSON.stringify({ theme, variables }) : undefined;
    const element = attributes({
      "client-secret": clientSecret, "api-base": apiBase, locale, layout, appearance,
      "payment-method-order": paymentMethodOrder?.join(" "), "return-url": returnUrl,
      "show-pay-button": showPayButton ? undefined : "false", nonce, session: JSON.stringify(session),
    });
    const wallets = walletsOf(session, paymentMethodOrder).filter((wallet) => Object.hasOwn(template.rows, wallet));
    const amount = formatAmount(session.amount, amounts);
    const isOpen = session.status === "open" && Date.parse(session.server_time) < Date.parse(session.expires_at);
    if (!isOpen || session.payment || !wallets.length || amount === undefined) return `<open-cashier${element}></open-cashier>`;

    const texts = Object.fromEntries(Object.entries({
      merchant: session.merchant_name, description: session.description, amount,
      hosted_url: session.hosted_url, theme: theme ?? "auto", version: this.#file.version,
    }).map(([name, text]) => [name, escape(text)]));
    const isPicked = wallets.length === 1;
    const pieces = (/** @type {Pieces} */ ofWallets = {}) => wallets.map((wallet) => fill(ofWallets[wallet] ?? "", texts)).join("");
    const html = fill(template.html, {
      ...texts,
      rows: pieces(isPicked ? template.picked_rows : template.rows),
      details: pieces(isPicked ? template.picked_details : template.details),
      description_line: session.description ? fill(template.description_line, texts) : "",
      pay_button: showPayButton ? fill(template.pay_button, texts) : "",
    });
    return `<open-cashier${element}><template shadowrootmode="open" shadowrootdelegatesfocus>${style}${html}</template></open-cashier>`;
  }

  /** The templates of a language: by the whole tag, else by its first part, else English. @param {string} wanted */
  #negotiate(wanted) {
    if (!/^[\w-]{1,35}$/.test(wanted ?? "")) throw new TypeError("locale must be a language tag, such as zh-CN");
    const subtags = wanted.replaceAll("_", "-").toLowerCase().split("-");
    const locales = Object.entries(this.#file.locales);
    // The whole tag, then without its last subtags, each as a locale or an alias (RFC 4647, section 3.4).
    for (let count = subtags.length; count > 0; count -= 1) {
      const range = subtags.slice(0, count).join("-");
      const alias = this.#file.aliases?.[range];
      const found = locales.find(([name]) => name.toLowerCase() === range) ?? locales.find(([name]) => name === alias);
      if (found) return found;
    }
    const related = locales.find(([name]) => name.toLowerCase().split("-")[0] === subtags[0]);
    return related ?? /** @type {typeof locales[number]} */ (["en", this.#file.locales.en]);
  }

  /** @param {EmbedOptions} options */
  #style({ nonce, styles, variables = {} }) {
    const { css, file, integrity } = this.#file.styles;
    const declarations = Object.entries(variables).map(([name, value]) => {
      if (!(/** @type {readonly string[]} */ (VARIABLES).includes(name))) throw new TypeError(`variables knows these names only: ${VARIABLES.join(", ")}`);
      if (!isPlain(value)) throw new TypeError(`variables.${name} must be a plain CSS value, without url()`);
      return `--oc-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:${value};`;
    });
    const rule = declarations.length ? `.oc{${declarations.join("")}}` : "";
    if (nonce !== undefined) {
      if (!/^[A-Za-z0-9+/_-]{1,126}={0,2}$/.test(nonce)) throw new TypeError("nonce must be 1 to 128 characters of base64");
      return `<style${attributes({ nonce })}>${css}${rule}</style>`;
    }
    if (!styles) return `<style>${css}${rule}</style>`;
    if (rule) throw new TypeError("variables need a nonce, because they go into an inline style sheet");
    return `<link rel="stylesheet"${attributes({ href: `${styles.replace(/\/?$/, "/")}${file}`, integrity, crossorigin: integrity && "anonymous" })}>`;
  }
}

/** The offered wallets, those of `order` first. @param {Session} session @param {PaymentMethod[]} [order] */
function walletsOf({ payment_methods }, order = []) {
  return [...new Set([...order.filter((wallet) => payment_methods.includes(wallet)), ...payment_methods])];
}

/** Formats an amount; undefined if there is no pattern for its currency. @param {Session["amount"]} amount @param {Record<string, AmountPattern>} patterns */
function formatAmount({ value, currency }, patterns) {
  const pattern = Object.hasOwn(patterns, currency) ? patterns[currency] : undefined;
  if (!pattern) return undefined;
  const text = String(value).padStart(pattern.digits + 1, "0");
  const whole = text.slice(0, text.length - pattern.digits).replace(/\B(?=(\d{3})+$)/g, pattern.group);
  const minor = pattern.digits ? pattern.decimal + text.slice(-pattern.digits) : "";
  return pattern.prefix + whole + minor + pattern.suffix;
}

/** Throws if a template, or one of its pieces, has a slot that is not filled here. @param {unknown} template @param {string[]} known */
function checkSlots(template, known) {
  if (typeof template === "string") {
    for (const [slot, name = ""] of template.matchAll(SLOT)) {
      if (!known.includes(name)) throw new TypeError(`selector.json has the slot ${slot}, which this version does not know; update opencashier`);
    }
  } else {
    Object.values(template ?? {}).forEach((piece) => checkSlots(piece, known));
  }
}

/** Fills a template in one pass, so that values are not searched for slots. @param {string} template @param {Record<string, string>} slots */
const fill = (template, slots) => template.replace(SLOT, (slot, name) => slots[name] ?? slot);
/** @param {string} text */
const escape = (text) => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
/** @param {Record<string, string | undefined>} all */
const attributes = (all) => Object.entries(all).filter(([, value]) => value !== undefined).map(([name, value]) => ` ${name}="${escape(String(value))}"`).join("");

/** True if a CSS value can neither end its declaration, or take in what follows, nor load anything. @param {unknown} value */
function isPlain(value) {
  if (typeof value !== "string" || !value.trim() || !/^[\p{L}\p{N} #%.,+*/_()'-]{1,200}$/u.test(value)) return false;
  let depth = 0;
  const isBalanced = [...value].every((letter) => (depth += letter === "(" ? 1 : letter === ")" ? -1 : 0) >= 0);
  const isUnclosed = value.split("'").length % 2 === 0;
  const loads = /(url|image|set|src)\(/i.test(value.replaceAll(" ", ""));
  return isBalanced && depth === 0 && !isUnclosed && !loads && !value.includes("/*");
}
