// Sessions in a JSON file, and the listeners of their changes.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";

export class Store {
  /** @type {Map<string, any>} */
  #sessions = new Map();
  /** @type {Map<string, Set<(session: any) => void>>} */
  #listeners = new Map();
  /** Runs one task per session at a time. @type {Map<string, Promise<unknown>>} */
  #work = new Map();
  #file;

  /** @param {string} file */
  constructor(file) {
    this.#file = file;
    try {
      this.#sessions = new Map(JSON.parse(readFileSync(file, "utf8")));
    } catch (error) {
      if (/** @type {any} */ (error).code !== "ENOENT") throw error;
    }
  }

  /** @param {string} id */
  session(id) {
    return this.#sessions.get(id);
  }

  /** Opens a session and returns its client secret. @param {object} members */
  open(members) {
    const id = `cs_${randomBytes(12).toString("hex")}`;
    const secret = `${id}_secret_${randomBytes(24).toString("hex")}`;
    this.#sessions.set(id, { id, status: "open", revision: 1, payments: [], keys: {}, secretHash: hash(secret), ...members });
    this.#save();
    return { id, secret };
  }

  /** True if the secret opens the session. Only its hash is stored. @param {any} session @param {string} secret */
  opens(session, secret) {
    return timingSafeEqual(Buffer.from(session.secretHash, "hex"), Buffer.from(hash(secret), "hex"));
  }

  /** Stores a change, and calls the listeners. @param {any} session */
  changed(session) {
    session.revision += 1;
    this.#save();
    for (const listener of this.#listeners.get(session.id) ?? []) listener(session);
  }

  /** Stores an idempotency key. @param {any} session @param {string} key @param {string} body */
  keep(session, key, body) {
    session.keys[hash(key)] = hash(body);
    this.#save();
  }

  /** Returns the state of a key: unknown, used with this body, or used with another. @param {any} session @param {string} key @param {string} body */
  known(session, key, body) {
    const kept = session.keys[hash(key)];
    if (kept === undefined) return "new";
    return kept === hash(body) ? "same" : "other";
  }

  /** Calls a listener at each change; the returned function removes it. @param {string} id @param {(session: any) => void} listener */
  listen(id, listener) {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Runs the tasks of a session one after the other. @template T @param {string} id @param {() => Promise<T>} work @returns {Promise<T>} */
  inTurn(id, work) {
    const done = (this.#work.get(id) ?? Promise.resolve()).then(work, work);
    this.#work.set(id, done.catch(() => {}));
    return done;
  }

  all() {
    return this.#sessions.values();
  }

  #save() {
    writeFileSync(`${this.#file}.new`, JSON.stringify([...this.#sessions]), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/** @param {string} text */
const hash = (text) => createHash("sha256").update(text).digest("hex");
