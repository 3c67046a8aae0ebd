// @ts-check
// The baseline: a hand-written selector and code, on the same API as OpenCashier's widget. It has none of
// the guarantees: no retries, no reload, no second tab, no countdown, one language.
import { encode } from "uqr";

const container = /** @type {HTMLElement} */ (document.getElementById("pay"));
const { secret = "", api = "" } = container.dataset;
const session = `${api}/v1/checkout/sessions/${secret.split("_secret_")[0]}`;
const headers = { Authorization: `Bearer ${secret}`, Accept: "application/json" };
const WALLETS = /** @type {Record<string, string>} */ ({ alipay: "Alipay", wechat_pay: "WeChat Pay" });

const style = document.createElement("style");
style.textContent = `.v{font:16px/1.5 system-ui;max-width:28rem}.v label{display:flex;gap:8px;align-items:center;min-height:44px;
  border:1px solid #ccd;border-radius:8px;padding:0 12px;margin:8px 0}.v button{min-height:44px;width:100%;border:0;border-radius:8px;
  background:#1d6fe0;color:#fff;font:inherit}.v svg{width:220px;background:#fff}`;
document.head.append(style);
const box = document.createElement("form");
box.className = "v";
box.textContent = "Loading…";
container.append(box);

/** @param {any} answer */
function show({ amount, payment_methods, payment, status }) {
  if (status === "complete") {
    box.innerHTML = "<h2 data-paid>Paid</h2>";
    return;
  }
  if (payment) {
    const rows = encode(payment.next_action.data, { ecc: "M", border: 0 }).data;
    const side = rows.length + 8;
    const path = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x + 4} ${y + 4}h1v1h-1z` : ""))).join("");
    box.innerHTML = `<h2>Scan with ${WALLETS[payment.payment_method]}</h2>
      <svg data-code viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path d="${path}"/></svg>`;
    return;
  }
  const price = `¥${(amount.value / 100).toFixed(2)}`;
  box.innerHTML = payment_methods
    .map((/** @type {string} */ name) => `<label><input type="radio" name="method" value="${name}" required>${WALLETS[name]}</label>`)
    .join("") + `<button>Pay ${price}</button>`;
}

box.addEventListener("submit", async (event) => {
  event.preventDefault();
  const payment_method = new FormData(box).get("method");
  const response = await fetch(`${session}/payments`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
    body: JSON.stringify({ payment_method, environment: "desktop" }),
  });
  show(await response.json());
  const events = await fetch(`${session}/events`, { headers });
  const reader = /** @type {ReadableStream} */ (events.body).pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const data = /^data: (.*)$/m.exec(part);
      if (data && JSON.parse(data[1]).status === "complete") show(JSON.parse(data[1]));
    }
  }
});

fetch(session, { headers }).then((response) => response.json()).then(show);
