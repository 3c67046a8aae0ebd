import react from "@vitejs/plugin-react";

export default {
  plugins: [react()],
  // The development server bundles dependencies ahead, which would lose the files of the widget.
  optimizeDeps: { exclude: ["opencashier"] },
};
