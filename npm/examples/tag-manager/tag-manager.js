// What a tag manager does with a "custom HTML" tag: it creates the script element when its trigger
// fires. In your tag manager, the tag is this one line:
//   <script type="module" src="https://cdn.shop.example/opencashier@0.1.0/dist/opencashier.js"></script>
// Under a strict policy the tag manager passes its nonce on, or the policy has the widget's origin.
// Where the page requires Trusted Types, the tag manager has a policy of its own.
const policy = globalThis.trustedTypes?.createPolicy("tag-manager", { createScriptURL: (url) => url });

addEventListener("load", () => {
  const script = document.createElement("script");
  const address = "/npm/opencashier@0.1.0/dist/opencashier.js";
  script.type = "module";
  script.src = policy ? policy.createScriptURL(address) : address;
  document.head.append(script);
});
