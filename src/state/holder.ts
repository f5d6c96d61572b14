import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import * as v from "valibot";
import type { Clock } from "../clock.ts";

/** Who holds a lock, as written in the lock file. */
export const Holder = v.object({
  /** Names this very lock; part of file names, so its form is checked. */
  nonce: v.pipe(v.string(), v.uuid()),
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  host: v.string(),
  /** ISO 8601, UTC: when the lock was asked for. */
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  /** When the process began, in the system's own terms; null where the system does not tell. */
  processStart: v.nullable(v.string()),
  /** What it runs, e.g. `peerctl up`. */
  command: v.string(),
});
export type Holder = v.InferOutput<typeof Holder>;

export function thisProcess(command: string, clock: Clock): Holder {
  return {
    nonce: randomUUID(),
    pid: process.pid,
    host: hostname(),
    startedAt: new Date(clock.now()).toISOString(),
    processStart: processStart(process.pid) ?? null,
    command,
  };
}

/**
 * Whether the holder's process still runs. A process id alone does not tell, because ids are used again: the start time
 * has to fit too, where the system tells it. What runs on another host cannot be seen from here.
 */
export function whereIs(holder: Holder): "here" | "gone" | "elsewhere" {
  if (holder.host !== hostname()) return "elsewhere";
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it runs, but it is another user's.
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return "gone";
  }
  if (holder.processStart === null) return "here";
  return processStart(holder.pid) === holder.processStart ? "here" : "gone";
}

/**
 * The boot and the clock ticks since it at which the process began; undefined for a process that ended (a zombie
 * too) and on systems without /proc. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function processStart(pid: number): string | undefined {
  let stat: string;
  let boot: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : `${boot}/${fields[19]}`;
}
