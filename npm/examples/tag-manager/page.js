// The page's own script. It may run before the widget is there: properties that are set on the
// element earlier are taken over when it is defined.
const element = document.getElementById("pay");
element.appearance = { theme: "light", variables: { colorPrimary: "#2f6b4a" } };
element.onReady = () => {
  document.body.dataset.ready = "true";
};
element.addEventListener("cashier-payment-completed", () => {
  document.querySelector("h1").textContent = "Thank you";
});
