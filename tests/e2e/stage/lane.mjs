// A slow and unreliable line between the browser and a server, by TCP: pieces come late, and in order as
// TCP delivers them, so that a lost piece also delays those behind it. The same seed gives the same line.
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * `delay` and `jitter` in milliseconds for each direction, `rate` in bytes a second, `loss` as the
 * probability that a piece has to be sent again.
 * @typedef {{ delay: number, jitter?: number, rate: number, loss?: number, seed?: number }} Weather
 */

/** The payload of a packet, in bytes. */
const PIECE = 1_400;
/** TCP sends a lost piece again after a round trip, or if nothing follows it after a second. */
const RESEND_MS = [300, 1_000];

export class Lane {
  #listener;
  #random;
  /** @type {Set<import("node:net").Socket>} */
  #sockets = new Set();
  /** The number of lost pieces. */
  losses = 0;

  /**
   * Listens at the address that the browser knows.
   * @param {string} known @param {string} own the server's address @param {Weather} weather
   */
  static async open(known, own, weather) {
    const lane = new Lane(own, weather);
    const { hostname, port } = new URL(known);
    await new Promise((resolve, reject) => {
      lane.#listener.once("error", reject);
      lane.#listener.listen(Number(port), hostname, () => resolve(null));
    });
    return lane;
  }

  /** @param {string} own @param {Weather} weather */
  constructor(own, weather) {
    const { hostname, port } = new URL(own);
    this.#random = mulberry(weather.seed ?? 1);
    this.#listener = createServer((near) => {
      const far = connect(Number(port), hostname);
      for (const [from, to] of [[near, far], [far, near]]) {
        this.#sockets.add(from);
        from.on("error", () => {});
        from.on("close", () => this.#sockets.delete(from));
        this.#carry(from, to, weather);
      }
    });
  }

  close() {
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /**
   * Carries one direction of a connection.
   * @param {import("node:net").Socket} from @param {import("node:net").Socket} to
   * @param {Weather} weather
   */
  async #carry(from, to, { delay, jitter = 0, rate, loss = 0 }) {
    let sentAt = 0;
    let arrivesAt = 0;
    /** Pieces arrive one after the other. */
    let arrived = Promise.resolve();
    try {
      for await (const chunk of from) {
        for (let start = 0; start < chunk.length; start += PIECE) {
          const piece = chunk.subarray(start, start + PIECE);
          const isLost = this.#random() < loss;
          const late = isLost ? between(RESEND_MS, this.#random()) : 0;
          if (isLost) this.losses += 1;
          sentAt = Math.max(sentAt + (piece.length / rate) * 1_000, Date.now());
          arrivesAt = Math.max(arrivesAt, sentAt + delay + jitter * this.#random() + late);
          await until(sentAt);
          const at = arrivesAt;
          arrived = arrived.then(() => until(at)).then(() => void (to.destroyed || to.write(piece)));
        }
      }
      arrived.then(() => to.end());
    } catch {
      to.destroy(); // The other side has ended the connection.
    }
  }
}

/** @param {number} moment */
const until = (moment) => sleep(Math.max(0, moment - Date.now()));

/** @param {number[]} range @param {number} part */
const between = ([low, high], part) => low + (high - low) * part;

/** Repeatable numbers from 0 to 1 (mulberry32). @param {number} seed */
function mulberry(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
