// Uses of the package's types: right ones compile, and `@ts-expect-error` marks mistakes.

const OPTIONS = {
  strict: true, noEmit: true, skipLibCheck: false, target: "es2022", module: "esnext", moduleResolution: "bundler",
  lib: ["es2023", "dom", "dom.iterable"], types: /** @type {string[]} */ ([]),
};
/** @param {object} compilerOptions */
const tsconfig = (compilerOptions) => JSON.stringify({ compilerOptions: { ...OPTIONS, ...compilerOptions }, include: ["*.ts", "*.tsx"] });

/** @type {Record<string, { files: Record<string, string>, mistakes: number }>} */
export const USES = {
  "a page's script": {
    mistakes: 2,
    files: {
      "tsconfig.json": tsconfig({}),
      "use.ts": `
        import { OpenCashier, type CheckoutOptions } from "opencashier";
        const options: CheckoutOptions = { clientSecret: "cs_1_secret_2", apiBase: "/api" };
        OpenCashier.assetBase = "/static/";
        OpenCashier(options).on("payment-failed", ({ detail }) => detail.code.length).mount("#pay");
        document.querySelector("open-cashier")?.confirm();
        document.addEventListener("cashier-change", ({ detail }) => detail.paymentMethod satisfies "alipay" | "wechat_pay");
        // @ts-expect-error: no such option
        OpenCashier({ colour: "red" });
        // @ts-expect-error: no such member
        document.addEventListener("cashier-change", ({ detail }) => detail.wallet);`,
    },
  },
  "React's component": {
    mistakes: 2,
    files: {
      "tsconfig.json": tsconfig({ jsx: "react-jsx" }),
      "use.tsx": `
        import { useRef } from "react";
        import { OpenCashier } from "opencashier/react";
        import type { OpenCashierElement } from "opencashier";
        export function Pay() {
          const checkout = useRef<OpenCashierElement>(null);
          return <>
            <OpenCashier ref={checkout} clientSecret="cs_1_secret_2" apiBase="/api" className="pay" lang="zh" hidden onClick={() => {}} appearance={{ theme: "night" }}
              onPaymentCompleted={({ detail }) => detail.paymentId} />
            <button onClick={() => checkout.current?.confirm()}>Pay</button>
            {/* @ts-expect-error: no such layout */}
            <OpenCashier layout="grid" />
            {/* @ts-expect-error: no such event */}
            <OpenCashier onPaid={() => {}} />
          </>;
        }`,
    },
  },
  "React's JSX": {
    mistakes: 2,
    files: {
      "tsconfig.json": tsconfig({ jsx: "react-jsx", types: ["opencashier/types/react"] }),
      "use.tsx": `
        import "opencashier";
        export const pay = <open-cashier className="pay" clientSecret="cs_1_secret_2" api-base="/api" appearance={{ theme: "night" }} oncashier-ready={({ detail }) => void detail.paymentMethods} />;
        // @ts-expect-error: React would listen to an event "Ready"
        export const never = <open-cashier onReady={() => {}} />;
        // @ts-expect-error: no such layout
        export const grid = <open-cashier layout="grid" />;`,
    },
  },
  "Preact's JSX": {
    mistakes: 1,
    files: {
      "tsconfig.json": tsconfig({ jsx: "react-jsx", jsxImportSource: "preact", types: ["opencashier/types/preact"] }),
      "use.tsx": `
        export const pay = <open-cashier class="pay" clientSecret="cs_1_secret_2" api-base="/api" appearance={{ theme: "night" }} oncashier-ready={({ detail }) => void detail.paymentMethods} />;
        // @ts-expect-error: no such layout
        export const grid = <open-cashier layout="grid" />;`,
    },
  },
  "Solid's JSX": {
    mistakes: 1,
    files: {
      "tsconfig.json": tsconfig({ jsx: "preserve", jsxImportSource: "solid-js", types: ["opencashier/types/solid"] }),
      "use.tsx": `
        export const pay = <open-cashier class="pay" prop:clientSecret="cs_1_secret_2" prop:appearance={{ theme: "night" }} on:cashier-ready={({ detail }) => void detail.paymentMethods} />;
        // @ts-expect-error: no such layout
        export const grid = <open-cashier prop:layout="grid" />;`,
    },
  },
  "Vue's templates": {
    mistakes: 1,
    files: {
      "tsconfig.json": tsconfig({ types: ["opencashier/types/vue"], skipLibCheck: true }),
      "use.ts": `
        import type { GlobalComponents } from "vue";
        type Props = InstanceType<GlobalComponents["open-cashier"]>["$props"];
        export const right: Props = { clientSecret: "cs_1_secret_2", layout: "tabs", "onCashier-ready": ({ detail }) => void detail.paymentMethods };
        // @ts-expect-error: no such layout
        export const wrong: Props = { layout: "grid" };`,
    },
  },
  "Svelte's templates": {
    mistakes: 1,
    files: {
      "tsconfig.json": tsconfig({ types: ["opencashier/types/svelte"], skipLibCheck: true }),
      "use.ts": `
        import type { SvelteHTMLElements } from "svelte/elements";
        export const right: SvelteHTMLElements["open-cashier"] = { class: "pay", clientSecret: "cs_1_secret_2", "oncashier-ready": ({ detail }) => void detail.paymentMethods };
        // @ts-expect-error: no such layout
        export const wrong: SvelteHTMLElements["open-cashier"] = { layout: "grid" };`,
    },
  },
  "a server's script": {
    mistakes: 5,
    files: {
      "tsconfig.json": tsconfig({ module: "nodenext", moduleResolution: "nodenext" }),
      "use.ts": `
        import { Merchant, ProblemError, Selector, verifyWebhook } from "opencashier/server";
        const merchant = new Merchant({ apiBase: "https://shop.example/checkout", secretKey: "sk_1" });
        const opened = await merchant.openSession({ order_id: "1", amount: { value: 1, currency: "CNY" }, description: "Tea" }, { idempotencyKey: "1" });
        opened.client_secret.length;
        const { id, event } = await verifyWebhook({ body: "{}", headers: {}, secret: ["whsec_YQ=="] });
        if (event.type === "checkout.session.completed") id.concat(event.data.order_id, event.data.status);
        if (event.type === "refund.updated") event.data.refund.amount.value.toFixed();
        declare const file: ConstructorParameters<typeof Selector>[0];
        new Selector(file).html({ session: opened.session, clientSecret: opened.client_secret, apiBase: "/api", locale: "en", nonce: "YQ==" }).length;
        // @ts-expect-error: no such layout
        new Selector(file).html({ session: opened.session, clientSecret: "", apiBase: "/api", locale: "en", layout: "grid" });
        // @ts-expect-error: no such variable
        new Selector(file).html({ session: opened.session, clientSecret: "", apiBase: "/api", locale: "en", variables: { colour: "red" } });
        // @ts-expect-error: no such member
        opened.session.price;
        merchant.readRefund("re_1").catch((error: unknown) => error instanceof ProblemError && error.code.length);
        // @ts-expect-error: an idempotency key is missing
        merchant.refund({ payment_id: "pay_1" });
        // @ts-expect-error: no such event
        event.type === "paid";`,
    },
  },
};
