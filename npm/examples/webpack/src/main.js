import { OpenCashier } from "opencashier";

const { clientSecret, apiBase } = await (await fetch("/api/checkout")).json();
const checkout = OpenCashier({ clientSecret, apiBase });
checkout.on("payment-completed", () => {
  document.querySelector("h1").textContent = "Thank you";
});
checkout.mount("main");
