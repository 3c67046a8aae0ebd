"use client";

import { useEffect, useState } from "react";
import { OpenCashier } from "opencashier/react";

export default function Page() {
  const [order, setOrder] = useState(null);
  const [isReady, setReady] = useState(false);
  const [isPaid, setPaid] = useState(false);
  useEffect(() => {
    fetch("/api/checkout").then((answer) => answer.json()).then(setOrder);
  }, []);
  return (
    <>
      <h1>{isPaid ? "Thank you" : "Pay for your order"}</h1>
      <p hidden={isReady}>One moment…</p>
      {order && <OpenCashier {...order} onReady={() => setReady(true)} onPaymentCompleted={() => setPaid(true)} />}
    </>
  );
}
