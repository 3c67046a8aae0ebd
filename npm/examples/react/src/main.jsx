import { StrictMode, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { OpenCashier } from "opencashier/react";

function Pay({ clientSecret, apiBase }) {
  const checkout = useRef(null);
  const [wallet, setWallet] = useState("");
  const [isReady, setReady] = useState(false);
  const [isPaid, setPaid] = useState(false);
  return (
    <>
      <h1>{isPaid ? "Thank you" : "Pay for your order"}</h1>
      <p hidden={isReady}>One moment…</p>
      <OpenCashier
        ref={checkout}
        clientSecret={clientSecret}
        apiBase={apiBase}
        showPayButton={false}
        appearance={{ variables: { colorPrimary: "#2f6b4a" } }}
        onReady={() => setReady(true)}
        onChange={(event) => setWallet(event.detail.paymentMethod)}
        onPaymentCompleted={() => setPaid(true)}
      />
      {!isPaid && <button disabled={!wallet} onClick={() => checkout.current.confirm()}>Place the order</button>}
    </>
  );
}

const order = await (await fetch("/api/checkout")).json();
createRoot(document.getElementById("root")).render(<StrictMode><Pay {...order} /></StrictMode>);
