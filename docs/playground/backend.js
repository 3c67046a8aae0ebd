// @ts-check
// The backend of the playground: answers the widget's calls of the merchant API in the page, in the
// place of `fetch`. A script names the screen that the widget is to show.

export const API_BASE = "https://shop.example/checkout";
const LIFE_MS = 30 * 60_000;
const HEARTBEAT_MS = 15_000;

/**
 * What the backend knows at first, and which call it never answers, for each state of the widget.
 * `press`, `cancel`, `refuse`: what the shopper must do to reach the state.
 * @type {Record<string, { status?: string, payment?: string, hangs?: string, isRefused?: boolean, press?: boolean, cancel?: boolean, refuse?: boolean }>}
 */
export const SCRIPTS = {
  selecting: {},
  loading: { hangs: "read" },
  guiding: { press: true },
  starting: { press: true, hangs: "start" },
  awaiting: { payment: "requires_action" },
  confirming: { payment: "processing" },
  closing: { payment: "requires_action", hangs: "cancel", cancel: true },
  succeeded: { status: "complete", payment: "succeeded" },
  failed: { payment: "requires_action", refuse: true },
  expired: { status: "expired" },
  canceled: { status: "canceled" },
  unavailable: { isRefused: true },
};

/** One session and its payment. */
export class ScriptedBackend {
  /** @param {string} state of {@link SCRIPTS} @param {string} wallet @param {string} environment */
  constructor(state, wallet, environment) {
    this.script = SCRIPTS[state] ?? {};
    this.id = `cs_${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
    this.clientSecret = `${this.id}_secret_playground`;
    this.environment = environment;
    this.status = this.script.status ?? "open";
    this.revision = 1;
    this.payments = 0;
    this.expiresAt = Date.now() + LIFE_MS;
    /** @type {any} */
    this.payment = null;
    /** Sends the session to each open stream. @type {Set<() => void>} */
    this.streams = new Set();
    if (this.script.payment) this.start(wallet, this.script.payment);
  }

  /** The session as the browser sees it. */
  view() {
    return {
      id: this.id,
      status: this.status,
      revision: this.revision,
      amount: { value: 12_800, currency: "CNY" },
      description: "Longjing tea, 250 g",
      merchant_name: "Lakeside Tea",
      payment_methods: ["alipay", "wechat_pay"],
      ...(this.payment && { payment: this.payment }),
      expires_at: new Date(this.expiresAt).toISOString(),
      server_time: new Date().toISOString(),
      hosted_url: `${API_BASE}/pay/${this.id}`,
    };
  }

  /** Starts a payment. @param {string} wallet @param {string} [status] @param {string} [flow] as the page asks for it */
  start(wallet, status = "requires_action", flow = this.flow()) {
    const id = `pay_${++this.payments}`;
    this.payment = {
      id,
      payment_method: wallet,
      flow,
      status,
      ...(status === "requires_action" && { next_action: nextAction(wallet, flow, id) }),
      created_at: new Date().toISOString(),
    };
    this.changed();
  }

  /** The flow that a backend would choose. */
  flow() {
    if (/desktop/.test(this.environment)) return "qr_code";
    return /^(wechat|alipay)$/.test(this.environment) ? "jsapi" : "redirect";
  }

  /** Does what the shopper does in the wallet. @param {"succeeded" | "failed" | "canceled"} status */
  settle(status) {
    if (!this.payment || this.status !== "open") return;
    delete this.payment.next_action;
    this.payment.status = status;
    if (status === "failed") this.payment.failure_code = "gateway_rejected";
    if (status === "succeeded") this.status = "complete";
    this.changed();
  }

  changed() {
    this.revision += 1;
    for (const send of this.streams) send();
  }

  /** Answers a call of the widget. @param {Request} request @returns {Promise<Response>} */
  async answer(request) {
    const [, id, rest = ""] = /\/v1\/checkout\/sessions\/(\w+)(\/.*)?$/.exec(new URL(request.url).pathname) ?? [];
    const verb = /^\/payments\/\w+\/(\w+)$/.exec(rest)?.[1];
    const call = verb ?? (rest === "" ? "read" : rest === "/payments" ? "start" : "events");
    if (this.script.hangs === call) return untilAborted(request.signal);
    if (this.script.isRefused || id !== this.id) return refusal();
    if (call === "events") return this.stream(request.signal);
    if (call === "start") {
      const body = await request.json();
      this.start(body.payment_method, "requires_action", body.flow);
    } else if (call === "refresh") {
      this.start(this.payment.payment_method, "requires_action", this.payment.flow);
    } else if (call === "cancel") {
      this.settle("canceled");
    }
    return json(this.view());
  }

  /** @param {AbortSignal} signal */
  stream(signal) {
    const encoder = new TextEncoder();
    let stop = () => {};
    const body = new ReadableStream({
      start: (controller) => {
        const write = (/** @type {string} */ text) => controller.enqueue(encoder.encode(text));
        const send = () => write(`id: ${this.revision}\nevent: session.updated\ndata: ${JSON.stringify(this.view())}\n\n`);
        const timer = setInterval(send, HEARTBEAT_MS);
        this.streams.add(send);
        stop = () => {
          clearInterval(timer);
          this.streams.delete(send);
        };
        signal.addEventListener("abort", () => {
          stop();
          controller.error(signal.reason);
        });
        send();
      },
      cancel: () => stop(),
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }
}

/** @param {string} wallet @param {string} flow @param {string} id */
function nextAction(wallet, flow, id) {
  const isAlipay = wallet === "alipay";
  if (flow === "qr_code") return { type: "display_qr_code", data: `${isAlipay ? "https://qr.alipay.com/" : "weixin://wxpay/bizpayurl?pr="}playground${id}` };
  if (flow === "redirect") {
    const page = isAlipay ? "https://openapi.alipay.com/gateway.do?method=" : "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=";
    return { type: "redirect_to_url", url: `${page}playground` };
  }
  const fields = isAlipay ? ["tradeNO"] : ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"];
  return { type: isAlipay ? "invoke_alipay_jsapi" : "invoke_wechat_jsapi", fields: fields.map((name) => ({ name, value: "playground" })) };
}

/** @param {unknown} body @param {number} [status] @param {string} [type] */
function json(body, status = 200, type = "application/json") {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": type, "Request-Id": "req_playground" } });
}

function refusal() {
  return json({
    type: "urn:opencashier:problem:authentication_error", title: "Authentication failed", status: 401, detail: "the client secret opens no session",
    code: "client_secret_invalid", retryable: false, request_id: "req_playground",
  }, 401, "application/problem+json");
}

/** Never answers. @param {AbortSignal | null} signal @returns {Promise<never>} */
function untilAborted(signal) {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}
