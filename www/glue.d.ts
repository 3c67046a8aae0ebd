// Types of wasm-bindgen's output, which the build places beside `app.js`.

/** A running checkout. Every method may be called at any time, also after `unmount`. */
export interface Handle {
  update(options: object): void;
  /** Presses "pay". Returns an error code if nothing can be started. */
  confirm(): string | undefined;
  cancel(): void;
  focus(): void;
  unmount(): void;
  free(): void;
}

/** The functions that the Wasm calls. */
export interface Host {
  emit(name: string, detail: unknown, cancelable: boolean): boolean;
  /** The first real screen is in the container; called once. */
  shown(): void;
  /** Tells the page's developer about an answer of the backend, in the console. */
  log(code: string, message: string): void;
  withTabLock(name: string, callback: () => void): void;
  /** `done` gets true if the text is in the clipboard. */
  copy(text: string, done: (isCopied: boolean) => void): void;
  afterPaint(callback: () => void): void;
  /** `value` is decimal text in major units, such as `128.00`. */
  formatAmount(value: string, currency: string): string;
  /** In the shopper's time zone. */
  formatTime(unixMs: number, lang: string): string;
}

/** Throws the name of an option that is not of the strict form. */
export function mount(
  container: Element,
  host: Host,
  options: object,
  prefetched: Promise<Response> | undefined,
): Handle;

export default function initialise(options: { module_or_path: Response }): Promise<unknown>;
