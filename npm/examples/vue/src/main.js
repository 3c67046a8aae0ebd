import { createApp } from "vue";
import "opencashier";
import Pay from "./Pay.vue";

const order = await (await fetch("/api/checkout")).json();
createApp(Pay, order).mount("#root");
