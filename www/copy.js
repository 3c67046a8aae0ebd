// @ts-check
// Copies text to the clipboard, as far as the browser allows it.

/**
 * Copies `text`, or else selects the field below `root` that shows it, so that the shopper can copy
 * it.
 * @param {string} text
 * @param {ParentNode} root
 * @returns {Promise<boolean>} true if it is in the clipboard
 */
export async function copy(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // In-app browsers support only the older way.
    const field = /** @type {HTMLInputElement | null} */ (root.querySelector("[data-link]"));
    if (!field) return false;
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}
