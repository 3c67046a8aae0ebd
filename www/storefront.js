// @ts-check
// The shop's page, as a merchant would write it. It gets prices and orders from its own server,
// passes the client secret to the widget, and trusts only its own server about whether an order is
// paid.

/**
 * @typedef {{ order_id: string, status: string, client_secret: string, api_base: string, session: { payment?: { payment_method: string } },
 *   amount: { value: number }, items: Record<string, number> }} Order
 * @typedef {{ products: { id: string, price: number }[], phone_url: string }} Shop
 */

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const cart = /** @type {HTMLFormElement} */ (element("cart"));
const checkOutButton = /** @type {HTMLButtonElement} */ (element("check-out"));

const isChinese = (navigator.language || "en").toLowerCase().startsWith("zh");

const TEXTS = {
  thanks: ["Thank you. We’ll pack it today and email you when it ships.", "感谢惠顾。我们今天打包，发货后会通知您。"],
  empty: ["Your cart is empty: choose at least one thing.", "购物车是空的，请至少选一件。"],
  unreachable: ["The shop does not answer. Check your connection and try again.", "商店没有响应，请检查网络后重试。"],
  unknownOrder: ["We do not know this order. Start again from the cart.", "找不到这个订单，请从购物车重新下单。"],
};

/** The prices in fen, from the server. @type {Map<string, number>} */
const prices = new Map();

const MONEY = new Intl.NumberFormat(isChinese ? "zh-CN" : "en", { style: "currency", currency: "CNY" });

/** An amount as the widget beside it shows it: English has CN¥, as ¥ may be yen. @param {number} fen */
const yuan = (fen) => MONEY.format(fen / 100);

/** The shop's own colors, by day and by night. */
const VARIABLES = {
  colorPrimary: "var(--leaf)",
  colorPrimaryText: "var(--on-leaf)",
  colorBackground: "var(--card)",
  colorText: "var(--ink)",
  colorTextSecondary: "var(--soft)",
  colorBorder: "var(--line)",
};

const WALLETS = { alipay: ["Alipay", "支付宝"], wechat_pay: ["WeChat Pay", "微信支付"] };

/** @param {Order} order */
const walletOf = ({ session }) => session.payment && session.payment.payment_method;

/** @param {keyof typeof TEXTS} name */
const text = (name) => TEXTS[name][isChinese ? 1 : 0];

/**
 * The cart of this visit: what it holds, and the order that was made of it. A cart is one order until
 * that is paid, so that a second code never stays payable beside the first.
 * @typedef {{ items: Record<string, number>, orderId?: string }} Cart
 */
const CART = "qinghe.cart";

/** @returns {Cart | null} */
function storedCart() {
  try {
    return JSON.parse(sessionStorage.getItem(CART) || "null");
  } catch {
    return null; // Storage is forbidden: each checkout is an order of its own.
  }
}

/** @param {Cart} cart */
function storeCart(cart) {
  try {
    sessionStorage.setItem(CART, JSON.stringify(cart));
  } catch {
    // Storage is forbidden: each checkout is an order of its own.
  }
}

/** @param {keyof typeof TEXTS | null} name */
function showAlert(name) {
  element("alert").textContent = name ? text(name) : "";
  element("alert").hidden = !name;
}

/** @param {string} path @param {object} [body] @returns {Promise<unknown>} */
async function ask(path, body) {
  const init = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(path, init || undefined);
  if (!response.ok) throw response;
  return response.json();
}

/** @param {string} id */
const quantity = (id) => /** @type {HTMLInputElement} */ (cart.elements.namedItem(id));

/** The chosen products and their counts. */
function items() {
  /** @type {Record<string, number>} */
  const counted = {};
  // Chromium 72 has no `Object.fromEntries`.
  for (const id of prices.keys()) {
    const count = Number(quantity(id).value);
    if (count > 0) counted[id] = count;
  }
  return counted;
}

function showTotal() {
  let total = 0;
  for (const [id, count] of Object.entries(items())) total += (prices.get(id) || 0) * count;
  element("goods").textContent = yuan(total);
  element("total").textContent = yuan(total);
}

async function showCart() {
  const shop = /** @type {Shop} */ (await ask("/shop.json"));
  const stored = storedCart();
  for (const { id, price } of shop.products) {
    prices.set(id, price);
    if (stored) quantity(id).value = String(stored.items[id] || 0);
    const label = document.querySelector(`[data-product="${id}"] .price`);
    if (label) label.textContent = yuan(price);
  }
  const phone = /** @type {HTMLAnchorElement} */ (element("phone"));
  phone.href = shop.phone_url;
  phone.hidden = false;
  showTotal();
}

async function checkOut() {
  const chosen = items();
  if (Object.keys(chosen).length === 0) return showAlert("empty");
  checkOutButton.disabled = true;
  try {
    const { orderId } = storedCart() || {};
    const request = { items: chosen, lang: document.documentElement.lang, ...(orderId && { order_id: orderId }) };
    const order = /** @type {Order} */ (await ask("/orders", request));
    storeCart({ items: chosen, orderId: order.order_id });
    // The server draws the order's page, with the selector in it.
    location.assign(`/?order=${encodeURIComponent(order.order_id)}`);
  } catch {
    showAlert("unreachable");
    checkOutButton.disabled = false;
  }
}

/** @param {Order} order */
function showOrder(order) {
  cart.hidden = true;
  element("order").hidden = false;
  element("order-number").textContent = order.order_id;
  element("order-total").textContent = yuan(order.amount.value);
  element("order-items").textContent = "";
  element("order-items").append(...boughtItems(order.items));
  if (order.status === "complete") {
    element("paid").hidden = false;
    return showPaid(order.order_id, walletOf(order));
  }
  const checkout = document.createElement("open-cashier");
  checkout.clientSecret = order.client_secret;
  checkout.apiBase = order.api_base;
  checkout.session = order.session;
  checkout.returnUrl = location.href;
  checkout.appearance = { variables: VARIABLES };
  followPayment(checkout, order.order_id);
  element("pay").textContent = "";
  element("pay").append(checkout);
}

/**
 * The widget shows that it is paid; the shop's server decides about the delivery by reading the
 * session.
 * @param {Element} checkout
 * @param {string} id
 */
function followPayment(checkout, id) {
  checkout.addEventListener("cashier-payment-completed", () => readOrder(id));
}

/** In the order of the cart. @param {Record<string, number>} counts */
function boughtItems(counts) {
  return [...document.querySelectorAll("[data-product]")].flatMap((product) => {
    const count = counts[product.getAttribute("data-product") || ""];
    const name = product.querySelector("h2");
    if (!count || !name) return [];
    const item = document.createElement("li");
    item.append(...name.cloneNode(true).childNodes, ` × ${count}`);
    return [item];
  });
}

/**
 * Shows that the order is paid; the cart is empty from now on.
 * @param {string} id @param {string} [wallet]
 */
function showPaid(id, wallet) {
  const names = wallet === "alipay" ? WALLETS.alipay : WALLETS.wechat_pay;
  if (wallet) element("order-wallet").textContent = names[isChinese ? 1 : 0];
  for (const name of ["order-heading", "to-cart"]) element(name).hidden = true;
  for (const name of ["paid-heading", "order-sum", "to-shop"]) element(name).hidden = false;
  const stored = storedCart();
  if (stored && stored.orderId === id) storeCart({ items: {} });
}

/** @param {string} id */
async function readOrder(id) {
  try {
    const order = /** @type {Order} */ (await ask(`/orders/${encodeURIComponent(id)}`));
    if (order.status === "complete" && element("pay").childElementCount > 0) {
      // The widget shows the success; the shop adds what comes next.
      element("thanks").textContent = text("thanks");
      showPaid(id, walletOf(order));
    } else {
      showOrder(order);
    }
  } catch (problem) {
    const isUnknown = problem instanceof Response && problem.status === 404;
    cart.hidden = false;
    showAlert(isUnknown ? "unknownOrder" : "unreachable");
  }
}

/** Shows the order or the cart, by the address. */
function show() {
  const id = new URLSearchParams(location.search).get("order");
  if (!id) {
    cart.hidden = false;
    return;
  }
  const embedded = document.querySelector("#pay open-cashier");
  if (embedded) followPayment(embedded, id);
  else if (element("order").hidden) readOrder(id);
  else if (!element("paid").hidden) showPaid(id);
}

document.documentElement.lang = isChinese ? "zh-CN" : "en";
cart.addEventListener("input", () => {
  showTotal();
  showAlert(null);
});
cart.addEventListener("submit", (event) => {
  event.preventDefault();
  checkOut();
});
// A page that is restored from the back-forward cache can be used again.
addEventListener("pageshow", () => (checkOutButton.disabled = false));
showCart().catch(() => showAlert("unreachable"));
show();
