import vue from "@vitejs/plugin-vue";

export default {
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === "open-cashier" } } })],
  // The shop's server, `../shop-server.js`.
  server: { proxy: { "/api": "http://127.0.0.1:4321" } },
  // The development server bundles dependencies ahead, which would lose the files of the widget.
  optimizeDeps: { exclude: ["opencashier"] },
};
