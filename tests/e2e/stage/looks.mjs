// What a page looks like to who needs large gaps in the text, or the system's own few colours.

/** @typedef {import("playwright-core").Page} Page */

/** Spreads the text of the page as WCAG 1.4.12 asks for. @param {Page} page */
export async function spreadText(page) {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }");
    const roots = [document, ...[...document.querySelectorAll("*")].flatMap(({ shadowRoot }) => shadowRoot ?? [])];
    // By the CSSOM, which no policy forbids.
    for (const root of roots) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  });
}

/**
 * Names the texts that reach over an edge: of the window, of a control or card, or of what cuts its content.
 * @param {Page} page
 */
export const cutTexts = (page) => each(page, (element) => {
  const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());
  const range = document.createRange();
  const parent = (/** @type {Element} */ at) => at.parentElement ?? /** @type {ShadowRoot} */ (at.getRootNode()).host ?? null;
  for (let at = /** @type {Element | null} */ (element); at; at = parent(at)) {
    const isWindow = at === document.documentElement;
    const isEdge = isWindow || at.matches("button, label, a, [part=root], .card, .notice") || getComputedStyle(at).overflow !== "visible";
    if (!isEdge || getComputedStyle(at).display === "inline" || at === document.body) continue;
    const { left, right, top, bottom } = isWindow ? { left: 0, right: innerWidth, top: -Infinity, bottom: Infinity } : at.getBoundingClientRect();
    for (const text of texts) {
      range.selectNodeContents(text);
      const isOut = [...range.getClientRects()].some((line) =>
        line.left < left - 1 || line.right > right + 1 || (line.top + line.bottom) / 2 < top || (line.top + line.bottom) / 2 > bottom);
      if (isOut) return `reaches out of ${at.localName}.${at.className}`;
    }
  }
  return "";
});

/** Names the texts with less contrast than level AAA asks for, and the controls without an edge. @param {Page} page */
export const faintParts = (page) => each(page, (element) => {
  /** @typedef {[number, number, number, number]} Color */
  const color = (/** @type {string} */ text) => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
    return /** @type {Color} */ ([red, green, blue, alpha]);
  };
  const parent = (/** @type {Element} */ at) => at.parentElement ?? /** @type {ShadowRoot} */ (at.getRootNode()).host ?? null;
  /** What is behind the content of an element; the page itself is the system's Canvas. @param {Element | null} at @returns {Color} */
  const behind = (at) => {
    if (!at) return color(getComputedStyle(document.documentElement).backgroundColor);
    const own = color(getComputedStyle(at).backgroundColor);
    return own[3] === 0 ? behind(parent(at)) : own;
  };
  const luminance = (/** @type {Color} */ of) => of.slice(0, 3)
    .map((channel) => channel / 255)
    .map((channel) => (channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4))
    .reduce((sum, channel, index) => sum + channel * [0.2126, 0.7152, 0.0722][index], 0);
  const contrast = (/** @type {Color} */ one, /** @type {Color} */ other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };

  const style = getComputedStyle(element);
  const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());
  const ratio = contrast(color(style.color), behind(element));
  if (hasText && ratio < 7 && !element.matches(":disabled, :disabled *")) return `${ratio.toFixed(2)}: ${style.color} on ${behind(element)}`;

  const isControl = element.matches("button, input:not([type=radio], [type=checkbox]), select, label.method, a[part~=primary], [part~=wallet]");
  const around = behind(parent(element));
  const hasBorder = style.borderTopStyle !== "none" && parseFloat(style.borderTopWidth) > 0 && contrast(color(style.borderTopColor), around) >= 3;
  return isControl && !hasBorder && contrast(behind(element), around) < 3 ? "no edge" : "";
});

/**
 * Names the visible elements, also in shadow roots, with what a function in the page says about them.
 * @param {Page} page @param {(element: Element) => string} look @returns {Promise<string[]>}
 */
function each(page, look) {
  // As one source: the page's policy forbids to compile text.
  return page.evaluate(`(() => {
    const below = (root) => [...root.querySelectorAll("*")].flatMap((element) => [element, ...(element.shadowRoot ? below(element.shadowRoot) : [])]);
    const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("svg, .live, .hidden");
    const look = ${look};
    return below(document).filter(isSeen).flatMap((element) => {
      const said = look(element);
      return said ? [element.localName + "." + element.className + " “" + element.textContent.trim().slice(0, 40) + "”: " + said] : [];
    });
  })()`);
}
