// @ts-check
// The wallet phone: lists waiting codes, scans one, approves or refuses it. It talks to its own origin only.
"use strict";

/** @param {string} id @returns {any} */
const element = (id) => document.getElementById(id);

const NAMES = { wechat_pay: "WeChat", alipay: "Alipay" };
const REFRESH_MS = 1500;

/** The code on the phone's screen. @type {{ code: string, amount: number } | null} */
let scanned = null;
let shownCodes = "";
let isBusy = false;

/** @returns {"wechat_pay" | "alipay"} */
function wallet() {
  const checked = document.querySelector("input[name=wallet]:checked");
  return checked instanceof HTMLInputElement && checked.value === "alipay" ? "alipay" : "wechat_pay";
}

/** @param {string} name */
function chooseWallet(name) {
  for (const radio of document.querySelectorAll("input[name=wallet]")) {
    if (radio instanceof HTMLInputElement) radio.checked = radio.value === name;
  }
  document.body.dataset.wallet = wallet();
}

/** Fen as yuan, without floats. @param {number} fen */
function money(fen) {
  return `¥${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
}

/** @param {"scan" | "order" | "result" | "settings"} name */
function show(name) {
  for (const view of ["scan", "order", "result", "settings"]) element(`${view}-view`).hidden = view !== name;
  element(`${name}-heading`).focus();
}

/** @param {string} text @param {boolean} isBad */
function say(text, isBad) {
  element("message").textContent = text;
  element("message").classList.toggle("bad", isBad && text !== "");
}

/** Calls the sandbox. A refusal throws an Error with the wallet's own words. @param {string} path @param {object} [body] */
async function call(path, body) {
  const init = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  let response;
  try {
    response = await fetch(path, init || undefined);
  } catch {
    throw new Error("The sandbox does not answer. Is it still running?");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.title ? `${answer.title}. ${answer.detail}` : `HTTP ${response.status}`);
  return answer;
}

/** Runs one action at a time and shows what went wrong. @param {() => Promise<void>} action */
async function act(action) {
  if (isBusy) return;
  isBusy = true;
  say("", false);
  try {
    await action();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), true);
  } finally {
    isBusy = false;
  }
}

/** @param {string} code */
function scan(code) {
  return act(async () => {
    if (code === "") throw new Error("Paste a code first, or pick one of the waiting codes.");
    const order = await call("/sandbox/scan", { code, wallet: wallet(), user: element("user").value, by: element("by").value });
    scanned = order;
    element("order-amount").textContent = money(order.amount);
    element("order-merchant").textContent = order.merchant;
    element("order-description").textContent = order.description;
    element("order-number").textContent = order.out_trade_no;
    show("order");
  });
}

/** @param {"approve" | "refuse" | "leave"} verb @param {string} title @param {(fen: number) => string} text */
function decide(verb, title, text) {
  return act(async () => {
    if (!scanned) return show("scan");
    const request = { code: scanned.code, wallet: wallet(), user: element("user").value };
    const order = await call(`/sandbox/${verb}`, request).catch((error) => {
      // Expired, closed or paid meanwhile: nothing is left to decide here.
      show("scan");
      throw error;
    });
    element("result-heading").textContent = title;
    element("result-text").textContent = text(order.amount);
    element("result-seal").classList.toggle("idle", verb !== "approve");
    say(`${title}.`, false);
    show("result");
  });
}

/** @param {string} kind @param {string} className @param {string} text */
function part(kind, className, text) {
  const node = document.createElement(kind);
  node.className = className;
  node.textContent = text;
  return node;
}

/** @param {{ code: string, wallet: "wechat_pay" | "alipay", amount: number, description: string, out_trade_no: string }} waiting */
function waitingItem(waiting) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "waiting";
  const dot = part("span", `dot ${waiting.wallet}`, "");
  dot.setAttribute("aria-hidden", "true");
  button.append(
    dot,
    part("span", "what", waiting.description),
    part("span", "sum", money(waiting.amount)),
    part("span", "whose", `${NAMES[waiting.wallet]} · ${waiting.out_trade_no}`),
  );
  button.addEventListener("click", () => {
    chooseWallet(waiting.wallet);
    element("code").value = waiting.code;
    scan(waiting.code);
  });
  const item = document.createElement("li");
  item.append(button);
  return item;
}

async function refreshCodes() {
  try {
    if (!document.hidden && !element("scan-view").hidden) {
      const codes = await call("/sandbox/codes");
      const seen = JSON.stringify(codes);
      // Redrawing takes the focus away: only when something changed.
      if (seen !== shownCodes) {
        shownCodes = seen;
        element("codes").replaceChildren(...codes.map(waitingItem));
        element("no-codes").hidden = codes.length > 0;
      }
    }
  } catch {
    // The next round tries again; an action by the visitor says what is wrong.
  }
  setTimeout(refreshCodes, REFRESH_MS);
}

element("scan-form").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  scan(element("code").value.trim());
});
for (const radio of document.querySelectorAll("input[name=wallet]")) {
  radio.addEventListener("change", () => {
    chooseWallet(wallet());
    // A code on the screen belongs to the wallet that scanned it.
    if (!element("order-view").hidden) show("scan");
    say("", false);
  });
}
element("approve").addEventListener("click", () =>
  decide("approve", "Payment successful 支付成功", (fen) => `${money(fen)} paid. The shop is being notified.`));
element("refuse").addEventListener("click", () =>
  decide("refuse", "Payment refused 已拒绝", () => "The order stays unpaid at the gateway. It can be scanned again."));
element("leave").addEventListener("click", () =>
  decide("leave", "Left without paying 已离开", () => "The order stays unpaid at the gateway. It can be scanned again."));
element("again").addEventListener("click", () => {
  scanned = null;
  element("code").value = "";
  say("", false);
  show("scan");
});

const given = new URLSearchParams(location.search).get("code");
if (given) {
  element("code").value = given;
  chooseWallet(/^(https:\/\/qr\.alipay\.com\/|alipays:)/.test(given) ? "alipay" : "wechat_pay");
}
chooseWallet(wallet());
refreshCodes();
