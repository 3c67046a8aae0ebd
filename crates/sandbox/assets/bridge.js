// @ts-check
// Emulates the bridges of the wallets' apps in a browser whose user agent is WeChat's or Alipay's.
// A test may put a function `sandboxBridgeCall(path, body)` on `window` to carry the calls past the
// page's Content-Security-Policy; without it the script fetches them itself.
(() => {
  "use strict";
  const BASE_URL = "@BASE_URL@";
  const READY_MS = Number("@READY_MS@");
  const agent = navigator.userAgent;
  /** @type {any} */
  const page = window;

  /** @param {string} path @param {object} body */
  async function call(path, body) {
    if (typeof page.sandboxBridgeCall === "function") return page.sandboxBridgeCall(path, body);
    const response = await fetch(BASE_URL + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.json();
  }

  /** @param {string} name @param {() => void} define */
  function later(name, define) {
    setTimeout(() => {
      define();
      document.dispatchEvent(new Event(name));
    }, READY_MS);
  }

  /**
   * The app's payment sheet, drawn over the page. Styles are set by script: no policy forbids that.
   * @param {string} title @param {string} color @param {{ amount: number, description: string }} order
   * @returns {Promise<string>} what the shopper chose
   */
  function sheet(title, color, order) {
    return new Promise((resolve) => {
      const host = document.createElement("div");
      host.dataset.sandboxSheet = "";
      const root = host.attachShadow({ mode: "open" });
      const box = document.createElement("div");
      box.setAttribute("role", "dialog");
      box.setAttribute("aria-modal", "true");
      box.setAttribute("aria-label", title);
      Object.assign(box.style, {
        position: "fixed", inset: "auto 0 0 0", zIndex: "2147483647", padding: "20px 16px",
        background: "#fff", color: "#14181f", borderTop: `6px solid ${color}`, textAlign: "center",
        font: "16px/1.5 system-ui, sans-serif", boxShadow: "0 0 0 100vmax rgb(0 0 0 / 45%)",
      });
      const yuan = `¥${Math.trunc(order.amount / 100)}.${String(order.amount % 100).padStart(2, "0")}`;
      for (const text of [title, yuan, order.description]) {
        const line = document.createElement("p");
        line.textContent = text;
        line.style.margin = "0 0 8px";
        box.append(line);
      }
      /** @param {string} decision @param {string} label */
      const button = (decision, label) => {
        const node = document.createElement("button");
        node.type = "button";
        node.textContent = label;
        Object.assign(node.style, {
          minHeight: "48px", margin: "4px", padding: "8px 16px", font: "inherit",
          border: "2px solid #7b8593", borderRadius: "12px", background: "#fff", color: "#14181f",
        });
        node.addEventListener("click", () => {
          host.remove();
          resolve(decision);
        });
        box.append(node);
        return node;
      };
      const first = button("ok", "Pay 确认支付");
      button("cancel", "Cancel 取消");
      button("fail", "Fail 失败");
      root.append(box);
      document.body.append(host);
      first.focus();
    });
  }

  /**
   * Asks the sandbox, shows the sheet if it is to be shown, and asks again with the decision.
   * @param {string} path @param {object} body @param {string} title @param {string} color
   */
  async function pay(path, body, title, color) {
    const answer = await call(path, body);
    if (!answer.ask) return answer;
    const decision = await sheet(title, color, answer.ask);
    return call(path, { ...body, decision });
  }

  if (agent.includes("MicroMessenger")) {
    later("WeixinJSBridgeReady", () => {
      page.WeixinJSBridge = {
        /** @param {string} name @param {object} params @param {(result: object) => void} [done] */
        invoke(name, params, done) {
          const tell = (/** @type {object} */ result) => done && done(result);
          if (name !== "getBrandWCPayRequest") return tell({ err_msg: `${name}:fail_nosupport` });
          if (agent.includes("miniProgram")) return tell({ err_msg: "system:access_denied" });
          pay("/bridge/wechat_pay", { params }, "WeChat Pay 微信支付", "#07c160").then(tell, (error) =>
            tell({ err_msg: "get_brand_wcpay_request:fail", err_desc: String(error) }));
        },
        on() {},
        call() {},
      };
    });
  }

  if (agent.includes("AlipayClient")) {
    later("AlipayJSBridgeReady", () => {
      page.AlipayJSBridge = {
        /** @param {string} name @param {any} params @param {(result: object) => void} [done] */
        call(name, params, done) {
          const tell = (/** @type {object} */ result) => done && done(result);
          if (name !== "tradePay") return tell({ error: 1, errorMessage: "接口不存在" });
          if (agent.includes("MiniProgram")) return tell({ resultCode: "4", memo: "无权限调用" });
          pay("/bridge/alipay", { params }, "Alipay 支付宝", "#1677ff").then(tell, () =>
            tell({ resultCode: "6002", memo: "网络连接出错", callbackUrl: "", result: "" }));
        },
      };
    });
  }
})();
