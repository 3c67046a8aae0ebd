// What the build puts beside the loader: wasm-bindgen's glue, written anew by xtask/tighten.mjs.
export function init(response: Response): Promise<void>;
export function mount(...what: any[]): any;
