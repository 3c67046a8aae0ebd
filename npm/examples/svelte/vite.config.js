import { svelte } from "@sveltejs/vite-plugin-svelte";

export default {
  plugins: [svelte()],
  // The shop's server, `../shop-server.js`.
  server: { proxy: { "/api": "http://127.0.0.1:4321" } },
  // The development server bundles dependencies ahead, which would lose the files of the widget.
  optimizeDeps: { exclude: ["opencashier"] },
};
