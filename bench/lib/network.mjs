// @ts-check
// The requests of a page, by the DevTools protocol.

/** The limit for every wait of a bench. */
const WAIT_TIMEOUT_MS = 90_000;

/** @typedef {{ url: string, startedAt: number, bytes: number, endedAt: number }} Sent */

export class Network {
  /** @type {Map<string, Sent>} */
  #all = new Map();
  #changedAt = Date.now();

  /** @param {any} cdp */
  constructor(cdp) {
    cdp.on("Network.requestWillBeSent", (/** @type {any} */ { requestId, request }) => {
      if (!/^https?:/.test(request.url)) return;
      this.#all.set(requestId, { url: request.url, startedAt: Date.now(), bytes: 0, endedAt: 0 });
      this.#changedAt = Date.now();
    });
    cdp.on("Network.dataReceived", (/** @type {any} */ { requestId, encodedDataLength }) => {
      const known = this.#all.get(requestId);
      if (known) known.bytes += encodedDataLength;
      this.#changedAt = Date.now();
    });
    const end = (/** @type {any} */ { requestId, encodedDataLength }) => {
      const known = this.#all.get(requestId);
      if (!known) return;
      known.endedAt = Date.now();
      if (encodedDataLength) known.bytes = encodedDataLength;
      this.#changedAt = Date.now();
    };
    cdp.on("Network.loadingFinished", end);
    cdp.on("Network.loadingFailed", end);
  }

  get count() {
    return this.#all.size;
  }

  /** The paths of the requests after the first `from` that started by the time `at`. @param {number} from @param {number} at */
  paths(from, at) {
    return [...this.#all.values()].slice(from).filter(({ startedAt }) => startedAt <= at).map(({ url }) => new URL(url).pathname);
  }

  /**
   * Returns the number of requests that started by the time `at`, and their bytes received so far. The
   * page itself is not counted: it is the same for all peers.
   * @param {number} at
   */
  until(at) {
    const own = [...this.#all.values()].filter(({ startedAt, url }) => startedAt <= at && !url.includes("/page/"));
    return { requests: own.length, bytes: own.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  /** Waits until only event streams have been pending for `ms`. @param {number} ms */
  quiet(ms) {
    const isBusy = () =>
      Date.now() - this.#changedAt < ms || [...this.#all.values()].some(({ url, endedAt }) => !endedAt && !/\/events/.test(url));
    return until(() => !isBusy() || null, "the page does not stop sending requests");
  }
}

/**
 * Waits until `read` returns a value, and returns it.
 * @template T
 * @param {() => T | undefined | null} read
 * @param {string} why the error's message
 * @returns {Promise<T>}
 */
export async function until(read, why) {
  const started = Date.now();
  for (;;) {
    const found = read();
    if (found) return found;
    if (Date.now() - started > WAIT_TIMEOUT_MS) throw new Error(why);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
