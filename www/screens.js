// @ts-check
// The screens that stand before, or instead of, the Wasm's: skeleton and failures.

const WORDS = {
  en: {
    loading: "Loading checkout…",
    title: "Checkout is not available",
    option_invalid: "The shop has not set up this checkout correctly. Please tell the shop.",
    wasm_blocked: "This page does not allow the checkout to run.",
    load_failed: "The checkout could not be loaded. Check your connection and try again.",
    internal: "Something went wrong here. If you have paid, your payment is safe: reload the page to check it.",
    retry: "Try again",
    reload: "Reload page",
    hosted: "Pay on the shop’s payment page",
  },
  "zh-CN": {
    loading: "正在加载收银台…",
    title: "暂时无法付款",
    option_invalid: "商家的收银台配置有误，请联系商家。",
    wasm_blocked: "当前页面不允许收银台运行。",
    load_failed: "收银台加载失败，请检查网络后重试。",
    internal: "页面出了点问题。如果您已付款，款项是安全的：请刷新页面查看结果。",
    retry: "重试",
    reload: "刷新页面",
    hosted: "前往商家付款页面",
  },
};

/**
 * @param {string} tag
 * @param {string} part
 * @param {string} [text]
 */
function make(tag, part, text) {
  const element = document.createElement(tag);
  element.className = part;
  element.setAttribute("part", part);
  if (text) element.textContent = text;
  return element;
}

/**
 * @param {string} state
 * @param {string} lang
 */
function frame(state, lang) {
  const root = make("section", "root");
  root.dataset.state = state;
  root.lang = lang;
  return root;
}

/** @param {string} lang one of the locales */
const wordsOf = (lang) => WORDS[/** @type {"en"} */ (lang)] || WORDS.en;

/** @param {string} lang */
export function skeleton(lang) {
  const root = frame("loading", lang);
  const box = make("div", "skeleton");
  box.setAttribute("aria-busy", "true");
  box.append(make("p", "live", wordsOf(lang).loading), ...[0, 1, 2].map(() => document.createElement("i")));
  root.append(box);
  return root;
}

/**
 * @param {string} lang
 * @param {import("./loader.js").Fault} fault
 * @param {(() => void) | null} retry
 * @param {Promise<string>} hostedUrl an http address, or empty
 */
export function failure(lang, fault, retry, hostedUrl) {
  const words = wordsOf(lang);
  const root = frame("unavailable", lang);
  root.setAttribute("role", "alert");
  const box = make("div", "ended");
  const actions = make("div", "actions");
  const text = words[/** @type {"internal"} */ (fault.code)] || words.load_failed;
  const isCrash = fault.code === "internal";
  if (retry) {
    const button = make("button", "primary", isCrash ? words.reload : words.retry);
    button.setAttribute("type", "button");
    button.addEventListener("click", retry);
    actions.append(button);
  }
  hostedUrl.then((url) => {
    if (!url) return;
    const link = /** @type {HTMLAnchorElement} */ (make("a", "link", words.hosted));
    link.href = url;
    link.target = "_top";
    actions.append(link);
  });
  box.append(make("h2", "heading", words.title), make("p", "text", text), actions, make("p", "reference", fault.message));
  root.append(box);
  return root;
}
