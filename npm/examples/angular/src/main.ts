import { CUSTOM_ELEMENTS_SCHEMA, Component, provideZonelessChangeDetection, signal } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { OpenCashier } from "opencashier";

// Angular's build copies no files that a package names by `new URL`: angular.json copies them here.
OpenCashier.assetBase = "/opencashier/";
let order = { clientSecret: "", apiBase: "" };

@Component({
  selector: "shop-pay",
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <h1>{{ isPaid() ? "Thank you" : "Pay for your order" }}</h1>
    <p [hidden]="isReady()">One moment…</p>
    <open-cashier
      [clientSecret]="order.clientSecret"
      [apiBase]="order.apiBase"
      [appearance]="appearance"
      (cashier-ready)="isReady.set(true)"
      (cashier-payment-completed)="isPaid.set(true)"
    ></open-cashier>
  `,
})
class Pay {
  readonly order = order;
  readonly appearance = { variables: { colorPrimary: "#2f6b4a" } };
  readonly isReady = signal(false);
  readonly isPaid = signal(false);
}

fetch("/api/checkout")
  .then((answer) => answer.json())
  .then((answer) => {
    order = answer;
    return bootstrapApplication(Pay, { providers: [provideZonelessChangeDetection()] });
  });
