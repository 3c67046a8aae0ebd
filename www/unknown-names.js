// @ts-check
// Names in a page that are almost those of options, and texts that the widget does not have. Both would
// be ignored without a word.

/**
 * Returns what the page's author should know.
 * @param {Element} host
 * @param {[string, unknown][]} translations
 * @param {Record<string, string>} texts the widget's
 * @returns {string[]}
 */
export function unknownNames(host, translations, texts) {
  const { observedAttributes } = /** @type {typeof import("./element.js").CheckoutElement} */ (host.constructor);
  // React 18 and templates of other engines write an attribute as the property, in lower case.
  const flat = (/** @type {string} */ name) => name.replace(/[-_]/g, "");
  const attributes = host.getAttributeNames().flatMap((name) => {
    const known = observedAttributes.find((known) => flat(known) === flat(name));
    return known && known !== name ? `there is no attribute ${name}; write ${known}` : [];
  });
  const keys = translations.flatMap(([key, value]) => (typeof value === "string" ? key : Object.keys(Object(value))));
  // The hosted page's texts are in the same table.
  const unknown = keys.filter((key) => !/^(lang$|hosted_page\.)/.test(key) && !Object.keys(texts).includes(key));
  return [...attributes, ...unknown.map((key) => `there is no text ${key}`)];
}
