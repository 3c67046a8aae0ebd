// @ts-check
// The main thread's work in a page, by Chromium's own trace.

const CATEGORIES = [
  "-*", "toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "blink.user_timing", "v8", "v8.wasm", "loading",
];

export class Trace {
  /** @param {any} browser @param {any} page */
  static start(browser, page) {
    return browser.startTracing(page, { categories: CATEGORIES });
  }

  /** @param {any} browser @param {string} address part of the page's */
  static async stop(browser, address) {
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
    return new Trace(traceEvents, address);
  }

  /** @param {any[]} events @param {string} address */
  constructor(events, address) {
    const page = events.find(({ name, args }) => name === "FunctionCall" || name === "EvaluateScript" ? args?.data?.url?.includes(address) : false) ??
      events.find(({ name, args }) => name === "ResourceSendRequest" && args?.data?.url?.includes(address));
    if (!page) throw new Error(`the trace knows nothing of ${address}`);
    const main = events.find(({ pid, name, args }) => pid === page.pid && name === "thread_name" && args?.name === "CrRendererMain");
    const mine = events.filter(({ pid, tid }) => pid === page.pid && tid === (main?.tid ?? page.tid));
    // CPU time of the thread, with the slow-down in it, and without the time that another process had the core.
    const timed = mine.filter(({ ph, dur }) => ph === "X" && dur > 0).map(({ name, ts, dur, tdur, args }) => ({
      name, at: ts / 1000, end: (ts + dur) / 1000, ms: (tdur ?? dur) / 1000,
      url: String(args?.data?.url ?? args?.fileName ?? args?.data?.stackTrace?.[0]?.url ?? ""),
    }));
    /** The tasks of the main thread, in milliseconds of the trace's clock. */
    this.tasks = timed.filter(({ name }) => name === "RunTask").sort((a, b) => a.at - b.at);
    /** The parts of the tasks. */
    this.parts = timed.filter(({ name }) => !/RunTask/.test(name));
    this.events = events.filter(({ pid }) => pid === page.pid);
  }

  /** The time of a `performance.mark`. @param {string} name */
  mark(name) {
    const found = this.events.find((event) => event.name === name && /user_timing/.test(event.cat));
    return found ? found.ts / 1000 : NaN;
  }

  /** The durations of the tasks in which a `performance.mark` was made. @param {string} name */
  holding(name) {
    const marks = this.events.filter((event) => event.name === name && /user_timing/.test(event.cat)).map(({ ts }) => ts / 1000);
    return this.tasks.filter(({ at, end }) => marks.some((mark) => mark >= at && mark <= end)).map(({ ms }) => ms);
  }

  /** The time at which the last byte of an answer arrived. @param {RegExp} address */
  finished(address) {
    const sent = this.events.filter(({ name, args }) => name === "ResourceSendRequest" && address.test(args.data.url)).pop();
    const end = this.events.find(({ name, args }) => name === "ResourceFinish" && args.data.requestId === sent?.args.data.requestId);
    return end ? end.ts / 1000 : NaN;
  }

  /** The main thread's busy time in between. @param {number} from @param {number} to */
  busy(from, to) {
    return this.tasks.reduce((sum, { at, end, ms }) => {
      const inside = Math.max(0, Math.min(end, to) - Math.max(at, from));
      return sum + (ms * inside) / (end - at);
    }, 0);
  }

  /** The run time of scripts that are `isOurs` in between, with the browser's work that they caused. @param {number} from @param {number} to @param {(url: string) => boolean} isOurs */
  own(from, to, isOurs) {
    let end = from;
    return this.parts.filter(({ name, url, at }) => name === "FunctionCall" && isOurs(url) && at >= from && at <= to)
      .sort((a, b) => a.at - b.at).reduce((sum, call) => {
        if (call.at < end) return sum; // Inside of one that is counted.
        end = call.end;
        return sum + call.ms;
      }, 0);
  }

  /** Descriptions of the longest parts in between. @param {number} from @param {number} to @param {number} count */
  longest(from, to, count) {
    const inside = this.parts.filter(({ at, end }) => at >= from && end <= to).sort((a, b) => b.ms - a.ms);
    return inside.slice(0, count).map(({ name, ms, url }) => `${name} ${ms.toFixed(1)} ms ${url.split("/").pop()}`.trim());
  }

  /**
   * Tasks of more than `ms`, with what they were made of; `isOurs` where our script ran in them.
   * @param {number} ms @param {(url: string) => boolean} isOurs
   */
  long(ms, isOurs) {
    return this.tasks.filter((task) => task.ms > ms).map(({ at, end, ms }) => {
      const inside = this.parts.filter((part) => part.at >= at && part.end <= end);
      const longest = [...inside].sort((a, b) => b.ms - a.ms).slice(0, 4);
      return {
        at, ms, isOurs: inside.some(({ url }) => isOurs(url)),
        parts: longest.map(({ name, ms, url }) => `${name} ${ms.toFixed(0)} ms ${url.split("/").pop()}`.trim()),
      };
    });
  }
}
