// @ts-check
// CPU and memory of a process of this machine, from /proc.
import { readFileSync, readdirSync } from "node:fs";

/** Clock ticks per second of /proc: always 100 on Linux. */
const TICKS = 100;

/** Processor time of a process so far, in milliseconds. @param {number} pid */
export function cpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

/** Memory of a process, in bytes. @param {number} pid */
export const rss = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;

/** How many threads a process has. @param {number} pid */
export const threads = (pid) => Number(/Threads:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

/** How many files a process may have open. @param {number} pid */
export const maxFiles = (pid) => Number(/Max open files\s+(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1]);

/** The processes that a process has started and that still run. @param {number} pid */
export function children(pid) {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number);
  return all.filter((each) => {
    try {
      return Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${each}/status`, "utf8"))?.[1]) === pid;
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}
