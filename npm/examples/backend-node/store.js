// Sessions in a JSON file, and who wants to know of their changes.
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";

export class Store {
  /** @type {Map<string, any>} */
  #sessions = new Map();
  /** @type {Map<string, Set<(session: any) => void>>} */
  #listeners = new Map();
  /** Runs one task per session at a time. @type {Map<string, Promise<unknown>>} */
  #work = new Map();
  #file;
  #secretKey;

  /** @param {string} file @param {string} secretKey */
  constructor(file, secretKey) {
    this.#file = file;
    this.#secretKey = secretKey;
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

  /** Opens a session. @param {object} members */
  open(members) {
    const id = `cs_${randomBytes(12).toString("hex")}`;
    const session = { id, status: "open", revision: 1, payments: [], keys: {}, ...members };
    this.#sessions.set(id, session);
    this.#save();
    return session;
  }

  /** The client secret of a session: derived from the secret key, so that it need not be stored. @param {any} session */
  secret({ id }) {
    return `${id}_secret_${createHmac("sha256", this.#secretKey).update(id).digest("hex")}`;
  }

  /** True if the secret opens the session. @param {any} session @param {string} secret */
  opens(session, secret) {
    const [one, other] = [Buffer.from(hash(this.secret(session))), Buffer.from(hash(secret))];
    return timingSafeEqual(one, other);
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
