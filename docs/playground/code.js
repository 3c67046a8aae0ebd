// @ts-check
// The code to paste for a choice of options, in three forms.

const SECRET = "cs_…_secret_…";
const BASE = "https://shop.example/checkout";

/** @typedef {Record<string, unknown>} Options the options that differ from their default */

/** @type {Record<string, (options: Options) => string>} */
export const FORMS = {
  html: (options) => {
    const attributes = Object.entries(options).map(([name, value]) => `  ${kebab(name)}${attribute(value)}`);
    return `<script type="module" src="https://cdn.shop.example/opencashier/opencashier.js"></script>
<open-cashier
  client-secret="${SECRET}"
  api-base="${BASE}"
${[...attributes, ""].join("\n")}></open-cashier>`;
  },

  js: (options) => `import { OpenCashier } from "opencashier";

const checkout = OpenCashier({
  clientSecret: "${SECRET}",
  apiBase: "${BASE}",
${Object.entries(options).map(([name, value]) => `  ${name}: ${literal(value)},\n`).join("")}});
checkout.on("payment-completed", () => location.assign("/thank-you"));
checkout.mount("#pay");`,

  react: (options) => `import { OpenCashier } from "opencashier/react";

<OpenCashier
  clientSecret="${SECRET}"
  apiBase="${BASE}"
${Object.entries(options).map(([name, value]) => `  ${name}=${typeof value === "string" ? JSON.stringify(value) : `{${literal(value)}}`}\n`).join("")}  onPaymentCompleted={() => location.assign("/thank-you")}
/>`,
};

/** @param {string} name */
export const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** @param {unknown} value */
function attribute(value) {
  if (value === true) return "";
  if (typeof value === "object") return `='${JSON.stringify(value).replaceAll("&", "&amp;").replaceAll("'", "&#39;")}'`;
  return `="${String(value).replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"`;
}

/** A JavaScript literal, with plain names of members. @param {unknown} value @returns {string} */
function literal(value) {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([name, member]) => `${name}: ${literal(member)}`).join(", ")} }`;
}
