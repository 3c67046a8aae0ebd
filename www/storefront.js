// @ts-check
// The shop's page, as a merchant would write it. It asks its own server for prices and orders,
// gives the widget the client secret, and believes only its own server that an order is paid.

/** @param {string} id @returns {any} */
const element = (id) => document.getElementById(id);

const isChinese = (navigator.language || "en").toLowerCase().startsWith("zh");

const TEXTS = {
  empty: ["Your cart is empty: choose at least one thing.", "购物车是空的，请至少选一件。"],
  unreachable: ["The shop does not answer. Check your connection and try again.", "商店没有响应，请检查网络后重试。"],
  unknownOrder: ["We do not know this order. Start again from the cart.", "找不到这个订单，请从购物车重新下单。"],
};

/** @param {keyof typeof TEXTS} name */
const text = (name) => TEXTS[name][isChinese ? 1 : 0];

/** The prices in fen, from the server. @type {Map<string, number>} */
const prices = new Map();

/** Fen as yuan: integers to the end. @param {number} fen */
function yuan(fen) {
  return `¥${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
}

/** @param {keyof typeof TEXTS | null} name */
function complain(name) {
  element("alert").textContent = name ? text(name) : "";
  element("alert").hidden = !name;
}

/** @param {string} path @param {object} [body] @returns {Promise<any>} */
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

/** @returns {Record<string, number>} */
function items() {
  const counted = [...prices.keys()].map((id) => [id, element("cart").elements[id].valueAsNumber]);
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}

function showTotal() {
  let total = 0;
  for (const [id, count] of Object.entries(items())) total += (prices.get(id) ?? 0) * count;
  element("goods").textContent = yuan(total);
  element("total").textContent = yuan(total);
}

async function showCart() {
  const facts = await ask("/shop.json");
  for (const { id, price } of facts.products) {
    prices.set(id, price);
    const place = document.querySelector(`[data-product="${id}"] .price`);
    if (place) place.textContent = yuan(price);
  }
  element("phone").href = facts.phone_url;
  element("phone").hidden = false;
  showTotal();
}

async function checkOut() {
  const cart = items();
  if (Object.keys(cart).length === 0) return complain("empty");
  element("check-out").disabled = true;
  try {
    const order = await ask("/orders", { items: cart, lang: document.documentElement.lang });
    // The address keeps the order, so that a reload comes back to it and not to a second one.
    history.pushState(null, "", `/?order=${order.order_id}`);
    complain(null);
    showOrder(order);
    element("order-heading").focus();
  } catch {
    complain("unreachable");
  } finally {
    element("check-out").disabled = false;
  }
}

/** @param {any} order */
function showOrder(order) {
  element("cart").hidden = true;
  element("order").hidden = false;
  element("order-number").textContent = order.order_id;
  element("order-total").textContent = yuan(order.amount.value);
  element("order-items").replaceChildren(...boughtItems(order.items));
  if (order.status === "complete") return showPaid();
  element("paid").hidden = true;

  /** @type {any} */
  const cashier = document.createElement("open-cashier");
  cashier.setAttribute("client-secret", order.client_secret);
  cashier.setAttribute("api-base", order.api_base);
  cashier.session = order.session;
  cashier.setAttribute("return-url", location.href);
  dress(cashier);
  // The widget says that it is paid; what is delivered, the shop's server decides by its own look.
  cashier.addEventListener("cashier-payment-completed", () => readOrder(order.order_id));
  element("pay").replaceChildren(cashier);
}

/** Gives the widget the shop's own colour, as it is by day or by night. @param {any} cashier */
function dress(cashier) {
  const style = getComputedStyle(document.documentElement);
  const color = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  cashier.appearance = { variables: { colorPrimary: color("--leaf"), colorPrimaryText: color("--on-leaf") } };
}

/** In the order of the cart. @param {Record<string, number>} counts */
function boughtItems(counts) {
  return [...document.querySelectorAll("[data-product]")].flatMap((product) => {
    const count = counts[product.getAttribute("data-product") ?? ""];
    const name = product.querySelector("h2");
    if (!count || !name) return [];
    const item = document.createElement("li");
    item.append(...name.cloneNode(true).childNodes, ` × ${count}`);
    return [item];
  });
}

function showPaid() {
  element("paid").hidden = false;
}

/** @param {string} id */
async function readOrder(id) {
  try {
    const order = await ask(`/orders/${encodeURIComponent(id)}`);
    if (order.status === "complete" && element("pay").childElementCount > 0) showPaid();
    else showOrder(order);
  } catch (problem) {
    const isUnknown = problem instanceof Response && problem.status === 404;
    element("cart").hidden = false;
    complain(isUnknown ? "unknownOrder" : "unreachable");
  }
}

/** Shows what the address asks for: an order or the cart. */
async function route() {
  const id = new URLSearchParams(location.search).get("order");
  element("pay").replaceChildren();
  element("order").hidden = true;
  element("cart").hidden = id !== null;
  if (id) await readOrder(id);
}

document.documentElement.lang = isChinese ? "zh-CN" : "en";
element("cart").addEventListener("input", () => {
  showTotal();
  complain(null);
});
element("cart").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  checkOut();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  document.querySelectorAll("open-cashier").forEach(dress));
addEventListener("popstate", route);
showCart().catch(() => complain("unreachable"));
route();
