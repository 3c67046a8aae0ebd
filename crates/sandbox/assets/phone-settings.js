// @ts-check
// The settings sheet of the wallet phone: every fault switch of the sandbox, its clock, and the seeded
// faults. It uses what phone.js defines: element, show, say, act, call, part.
"use strict";

/** @typedef {[string, string, (string[] | "number" | "text" | "list")?]} Switch name, label, kind */

const ANSWERS = [
  "ask", "ok", "cancel", "fail", "ok_unpaid", "cancel_paid", "processing", "unknown", "unknown_paid",
];

/** Switches in groups, in words. What the sandbox has and this list has not is shown under "More". @type {[string, Switch[]][]} */
const GROUPS = [
  ["Shopper 用户", [
    ["phone_user", "Whose phone it is (empty: shopper)", "text"],
    ["jsapi_answer", "WeChat's payment sheet in a page", ANSWERS],
    ["tradepay_answer", "Alipay's payment sheet in a page", ANSWERS],
    ["bridge_ready_ms", "Bridges in the apps are ready after, ms", "number"],
    ["h5_stays", "The H5 page does not go back by itself"],
    ["h5_domain", "Domain registered for H5 (empty: this machine)", "text"],
    ["h5_checks_client_ip", "H5 refuses 127.0.0.1 as the shopper's address"],
  ]],
  ["Answers 应答", [
    ["down", "Both gateways are down (503)"],
    ["slow_ms", "Answers come later by, ms", "number"],
    ["limited", "Too many calls: 429 and 40005"],
    ["drop_answers", "Calls are carried out, then the connection ends"],
    ["wechat_next_status", "Next WeChat Pay success is answered with this status", "number"],
    ["alipay_next_unknown", "Next Alipay success is answered 20000"],
    ["clock_skew_s", "The gateways' clocks are ahead by, s", "number"],
    ["wechat_no_auth", "WeChat Pay products without permission (native, h5, jsapi)", "list"],
    ["wechat_close_unknown_404", "WeChat Pay closes an unknown number with 404"],
    ["wechat_close_error", "WeChat Pay refuses to close with", ["", "user_paying", "trade_error"]],
    ["wechat_without_appid", "WeChat Pay's query has no appid"],
    ["alipay_open_id", "Alipay names buyers by open_id"],
    ["alipay_finished", "Alipay: TRADE_FINISHED instead of TRADE_SUCCESS"],
    ["alipay_plain_slashes", "Alipay does not escape slashes"],
  ]],
  ["Signatures 签名", [
    ["wechat_trust", "WeChat Pay signs by", ["public_key", "certificate", "both"]],
    ["wechat_unknown_serial", "WeChat Pay signs by a key that nobody knows"],
    ["signtest_response", "Probe signatures on answers (SIGNTEST)"],
    ["signtest_notification", "Probe signatures on first notifications"],
    ["alipay_certificates", "Alipay: the application is in certificate mode"],
    ["alipay_new_certificate", "Alipay: in certificate mode, sign under a new certificate"],
    ["alipay_signs_plain_slashes", "Alipay signs slashes unescaped, whatever the text has"],
    ["alipay_unsigned", "Alipay's answers are not signed"],
    ["alipay_wrong_key", "Alipay signs by a wrong key"],
  ]],
  ["Notifications 通知", [
    ["drop_notifications", "Lost"],
    ["duplicate_notifications", "Twice at the same moment"],
    ["notify_delay_ms", "Later by, ms", "number"],
    ["notify_before_answer", "Before the order's answer: it is paid at once"],
    ["payment_told_last", "A payment is told only after its refund"],
    ["notification_wrong_amount", "One fen too much"],
    ["alipay_tells_waiting", "Alipay tells of opened trades (WAIT_BUYER_PAY)"],
    ["alipay_tells_closed", "Alipay tells of trades that close unpaid (TRADE_CLOSED)"],
    ["alipay_other_seller", "Alipay: somebody else's seller_id"],
    ["alipay_short_amount", "Alipay: total_amount 1.0 in place of 1.00"],
  ]],
  ["Refunds 退款", [
    ["refund_delay_ms", "WeChat Pay's take, ms (empty: a minute by the speed)", "number"],
    ["refund_outcome", "WeChat Pay's end", ["SUCCESS", "ABNORMAL", "CLOSED"]],
    ["alipay_refund_delay_ms", "Alipay's take, ms", "number"],
    ["alipay_deposit_back", "Alipay's go to a bank card, which says", ["", "processing", "success", "failed"]],
    ["wechat_refunds_spaced", "WeChat Pay's of one order: one a minute, by the speed"],
    ["refund_not_enough", "Balance too low"],
  ]],
  ["Bills 账单", [
    ["bills_of_today", "There is a bill of the running day"],
    ["bill_fault", "What is wrong with bills", ["", "drop_line", "alter_line"]],
  ]],
];

/** Numbers and texts that may be `null`, told from those that may not by their value when all is off. */
let off = /** @type {Record<string, unknown>} */ ({});

/** How each control shows a value. @type {Map<string, (value: unknown) => void>} */
const controls = new Map();

/** Changes are sent one after another, in the order in which they were made. */
let sending = Promise.resolve();

/** @param {Switch} one */
function control([name, label, kind]) {
  const row = document.createElement("label");
  row.className = "switch";
  const text = part("span", "", label);
  if (Array.isArray(kind)) {
    const select = document.createElement("select");
    select.name = name;
    for (const option of kind) select.add(new Option(option === "" ? "nothing" : option, option));
    select.addEventListener("change", () => set(name, select.value === "" ? null : select.value));
    controls.set(name, (value) => (select.value = String(value ?? "")));
    row.append(text, select);
    return row;
  }
  const input = document.createElement("input");
  input.name = name;
  if (kind === undefined) {
    input.type = "checkbox";
    input.addEventListener("change", () => set(name, input.checked));
    controls.set(name, (value) => (input.checked = value === true));
    row.append(input, text);
    return row;
  }
  input.type = kind === "number" ? "number" : "text";
  input.addEventListener("change", () => set(name, read(kind, input.value.trim(), name)));
  controls.set(name, (value) => (input.value = String(value ?? "")));
  row.append(text, input);
  return row;
}

/** @param {string} kind @param {string} text @param {string} name */
function read(kind, text, name) {
  if (kind === "list") return text === "" ? [] : text.split(/[\s,]+/);
  if (text === "") return off[name] ?? null;
  return kind === "number" ? Number(text) : text;
}

/** @param {string} name @param {unknown} value */
function set(name, value) {
  sending = sending.then(async () => {
    try {
      controls.get(name)?.((await call("/sandbox/faults", { [name]: value }))[name]);
      say("Set.", false);
    } catch (error) {
      const now = await call("/sandbox/faults").catch(() => ({}));
      if (name in now) controls.get(name)?.(now[name]);
      say(error instanceof Error ? error.message : String(error), true);
    }
  });
}

/** @param {Record<string, unknown>} faults */
function draw(faults) {
  const known = new Set(GROUPS.flatMap(([, switches]) => switches.map(([name]) => name)));
  const others = Object.keys(faults).filter((name) => !known.has(name));
  const kind = (/** @type {unknown} */ value) => (typeof value === "boolean" ? undefined : typeof value === "number" ? "number" : "text");
  /** @type {Switch[]} */
  const more = others.map((name) => [name, name, kind(faults[name])]);
  const groups = [...GROUPS, /** @type {[string, Switch[]]} */ (["More 其他", more])];
  element("switches").replaceChildren(...groups.flatMap(([title, switches]) => {
    const shown = switches.filter(([name]) => name in faults);
    if (shown.length === 0) return [];
    const group = document.createElement("fieldset");
    group.append(part("legend", "", title), ...shown.map(control));
    return [group];
  }));
  for (const [name, update] of controls) update(faults[name]);
}

function openSettings() {
  return act(async () => {
    off = await call("/sandbox/faults/off");
    draw(await call("/sandbox/faults"));
    element("chaos").value = JSON.stringify(await call("/sandbox/chaos"), null, 1);
    show("settings");
  });
}

/** @param {string} path */
async function remove(path) {
  const response = await fetch(path, { method: "DELETE" });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
}

element("settings").addEventListener("click", openSettings);
element("settings-done").addEventListener("click", () => show("scan"));
element("all-off").addEventListener("click", () =>
  act(async () => {
    await remove("/sandbox/faults");
    draw(await call("/sandbox/faults"));
    say("All switches are off.", false);
  }));
for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", () =>
    act(async () => {
      const advance = { advance_s: Number(button instanceof HTMLElement && button.dataset.advance) };
      const { ahead_s } = await call("/sandbox/clock", advance);
      say(`The sandbox's clock is ${ahead_s} s ahead.`, false);
    }));
}
element("rotate").addEventListener("click", () =>
  act(async () => {
    const { serial_no } = await call("/sandbox/certificates/rotate", {});
    say(`The new platform certificate is ${serial_no}.`, false);
  }));
element("chaos-form").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  act(async () => {
    const { injected, ...settings } = JSON.parse(element("chaos").value);
    element("chaos").value = JSON.stringify(await call("/sandbox/chaos", settings), null, 1);
    say("Seeded faults are set.", false);
  });
});
