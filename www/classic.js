// @ts-check
// The classic script tag: loads the module beside it and inserts a checkout after the tag.
// <script src="…/opencashier-classic.js" data-client-secret="…" data-api-base="…" async></script>

(() => {
  // Only valid now, while the script runs for the first time.
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  if (!script) return;
  import(new URL("opencashier.js", script.src).href).then(
    () => {
      const element = document.createElement("open-cashier");
      for (const { name, value } of script.attributes) {
        if (name.startsWith("data-")) element.setAttribute(name.slice(5), value);
      }
      if (script.nonce) /** @type {any} */ (element).cspNonce = script.nonce;
      script.after(element);
    },
    (reason) => {
      // No element exists that could report it, so the page's error reports do.
      script.dispatchEvent(new CustomEvent("cashier-load-error", { bubbles: true, detail: { code: "load_failed" } }));
      throw reason;
    },
  );
})();
