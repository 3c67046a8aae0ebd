// @ts-check
// Reads own members only: a page whose Object.prototype was polluted must not change the result.

const { hasOwnProperty } = Object.prototype;

/**
 * Returns an object's own member; undefined if there is none.
 * @param {unknown} object
 * @param {string} name
 * @returns {unknown}
 */
export const own = (object, name) =>
  object && hasOwnProperty.call(object, name) ? /** @type {Record<string, unknown>} */ (object)[name] : undefined;

/**
 * Removes an object's prototype, so that reads find only its own members.
 * @template {object} T
 * @param {T} object
 * @returns {T}
 */
export const bare = (object) => Object.setPrototypeOf(object, null);
