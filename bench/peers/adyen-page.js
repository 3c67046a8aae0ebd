// @ts-check
// The page's own script around Adyen's Drop-in, as its advanced flow wants it: the payment methods
// come with the page; the shop's server makes the payment and submits the details.

/** @param {{ AdyenCheckout: any, Dropin: any, paymentMethodComponents?: any[] }} adyen */
export async function start({ AdyenCheckout, Dropin, paymentMethodComponents }) {
  const { origin } = location;
  const { run } = /** @type {HTMLElement} */ (document.getElementById("pay")).dataset;
  const ask = async (/** @type {string} */ path, /** @type {unknown} */ body) => {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`${path}?run=${run}`, { method: "POST", headers, body: JSON.stringify(body) });
    return response.json();
  };
  const checkout = await AdyenCheckout({
    environment: "test",
    clientKey: "bench_key",
    locale: "en-US",
    countryCode: "CN",
    amount: { value: 12800, currency: "CNY" },
    paymentMethodsResponse: JSON.parse(/** @type {any} */ (document.getElementById("payment-methods")).textContent),
    // Both are optional, and would cost it requests and time.
    analytics: { enabled: false },
    risk: { enabled: false },
    _environmentUrls: {
      api: `${origin}/adyen-api/`,
      analytics: `${origin}/adyen-analytics/`,
      cdn: { images: `${origin}/adyen-cdn/`, translations: `${origin}/adyen-cdn/` },
    },
    onSubmit: async (/** @type {any} */ state, /** @type {any} */ _, /** @type {any} */ actions) => {
      actions.resolve(await ask("/adyen-shop/payments", state.data));
    },
    onAdditionalDetails: async (/** @type {any} */ state, /** @type {any} */ _, /** @type {any} */ actions) => {
      actions.resolve(await ask("/adyen-shop/details", state.data));
    },
    onError: (/** @type {unknown} */ error) => console.error("adyen", error),
  });
  // No wallet is preselected, as with the others.
  new Dropin(checkout, { ...(paymentMethodComponents && { paymentMethodComponents }), openFirstPaymentMethod: false }).mount("#pay");
}
