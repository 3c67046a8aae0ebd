// Handlers for Playwright's `route`.

/** @typedef {import("playwright-core").Route} Route */

/** Modifies the session in the backend's answer. @param {(session: any) => unknown} change */
export function rewriteSession(change) {
  return async (/** @type {Route} */ route) => {
    if (route.request().method() === "OPTIONS") return route.continue();
    const response = await route.fetch();
    const session = await response.json();
    change(session);
    return route.fulfill({ response, json: session });
  };
}
