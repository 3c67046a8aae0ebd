// @ts-check
// Detects the environment from the browser (gateways.md A11.4 and C). It only decides what is shown
// and requested: a browser with a false user agent gets another screen, nothing more.

/** A desktop system. An iPad reports the user agent of a Mac, but has a touch screen. */
const COMPUTER = String.raw`^(?!.*(?:Android|Mobile))(?=.*(?:Windows NT|Macintosh(?!.*\+touch)|X11|CrOS|(?:PC|2in1); ?OpenHarmony))`;

/**
 * Environments with a pattern of their user agents, in any letter case; the first match counts.
 * `+touch` in an agent means a touch screen, `miniprogram` also WeChat's global.
 * @type {[string, string | RegExp][]}
 */
const RULES = [
  // Before WeChat, because its mini programs name WeChat's engine.
  ["qq", /\bQQ\/\d|V1_(?:AND|IPH)_SQ/],
  ["wechat_mini_program", /^(?=.*MicroMessenger).*miniprogram/],
  ["alipay_mini_program", /^(?=.*AlipayClient).*miniprogram/],
  ["wechat_desktop", `WindowsWechat|MacWechat|${COMPUTER}.*MicroMessenger`],
  ["desktop", COMPUTER],
  ["wecom", /wxwork/],
  ["wechat", /MicroMessenger/],
  ["alipay", /AlipayClient|AliApp\(AP\//],
  ["taobao", /AliApp\((?:TB|LT)/],
  ["tmall", /AliApp\(TM/],
  ["dingtalk", /DingTalk/],
  ["jd", /jdapp|jdltapp|jdpingou/],
  ["weibo", /weibo/],
  ["douyin", /aweme|douyin/],
  ["xiaohongshu", /xhs|xiaohongshu/],
  // Apps that the later patterns would classify as a browser.
  ["in_app", /AliApp|TBS\/|BiliApp|Kwai|ksNebula|baiduboxapp|NewsArticle|musical_ly|trill|BytedanceWebview|FBA[NV]|Instagram|\bLine\/|Twitter|Snapchat/],
  ["mobile_browser", /(?:Browser|Quark|DuckDuckGo|EdgA)\//],
  // A web view: Android marks it, iOS omits Safari, HarmonyOS names no browser.
  ["in_app", /; wv\)|ArkWeb|(?:iPhone|iPad|iPod|Macintosh)(?!.*Safari\/)/],
  ["mobile_browser", /Android|iPhone|iPad|iPod|Macintosh|Harmony|Mobile/],
];

/** The environments that a page may set. */
export const ENVIRONMENTS = [...new Set(RULES.map(([environment]) => environment))];

/** Returns the environment that the page's author has set, or that of this browser. @param {string} given */
export function environmentFor(given) {
  if (given !== "auto") return given;
  const { userAgent, maxTouchPoints } = navigator;
  return environmentOf(userAgent, maxTouchPoints, /** @type {any} */ (globalThis).__wxjs_environment);
}

/**
 * @param {string} userAgent
 * @param {number} maxTouchPoints
 * @param {unknown} [wxEnvironment] `__wxjs_environment`, a global of WeChat's mini programs
 * @returns {string} one of the contract's environments
 */
export function environmentOf(userAgent, maxTouchPoints, wxEnvironment) {
  const agent = `${userAgent}${maxTouchPoints > 1 ? " +touch" : ""} ${wxEnvironment || ""}`;
  for (const [environment, means] of RULES) if (new RegExp(means, "i").test(agent)) return environment;
  return "desktop";
}
