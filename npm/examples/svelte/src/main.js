import { mount } from "svelte";
import "opencashier";
import Pay from "./Pay.svelte";

const order = await (await fetch("/api/checkout")).json();
mount(Pay, { target: document.getElementById("root"), props: order });
