import vue from "@vitejs/plugin-vue";

export default {
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === "open-cashier" } } })],
  // The development server bundles dependencies ahead, which would lose the files of the widget.
  optimizeDeps: { exclude: ["opencashier"] },
};
