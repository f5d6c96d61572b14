import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import * as v from "valibot";
import type { Clock } from "../clock.ts";
import { Kernel, thisKernel, wholeMachine } from "./kernel.ts";
import { type StartOf, startByProc, startByPs } from "./process-start.ts";

/** Who holds a lock, as written in the lock file. */
export const Holder = v.object({
  /** Names this very lock; part of file names, so its form is checked. */
  nonce: v.pipe(v.string(), v.uuid()),
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  host: v.string(),
  /** Whose process id it is; null where there is no Linux, absent in what the first peerctl wrote. */
  kernel: v.optional(v.nullable(Kernel)),
  /** ISO 8601, UTC: when the lock was asked for. */
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  /** When the process began, in the system's own terms; null where the system does not tell. */
  processStart: v.nullable(v.string()),
  /** What it runs, e.g. `peerctl up`. */
  command: v.string(),
});
export type Holder = v.InferOutput<typeof Holder>;

/** What a process can see of others. */
export interface System {
  host: string;
  kernel: Kernel | null;
  /** Whether a process of this id is there. */
  runs(pid: number): boolean;
  startOf: StartOf;
}

export function thisSystem(): System {
  const kernel = thisKernel();
  return { host: hostname(), kernel, runs, startOf: kernel ? startByProc(kernel.boot) : startByPs };
}

export function thisProcess(command: string, clock: Clock, { host, kernel, startOf }: System): Holder {
  return {
    nonce: randomUUID(),
    pid: process.pid,
    host,
    kernel,
    startedAt: new Date(clock.now()).toISOString(),
    processStart: startOf(process.pid) ?? null,
    command,
  };
}

/**
 * Where the holder's process is, as far as can be seen from here.
 *
 * - `here`: it runs, on this machine.
 * - `gone`: it has ended for certain; only then may its lock be taken over.
 * - `unclear`: a process of that id runs here, and it may be this one or a later one.
 * - `elsewhere`: it is on another machine or in another container, or was before a restart that cannot be told from those.
 */
export type Whereabouts = "here" | "gone" | "unclear" | "elsewhere";

export function whereIs(holder: Holder, system: System): Whereabouts {
  const sight = sightOf(holder, system);
  if (sight !== "seen") return sight;
  if (!system.runs(holder.pid)) return "gone";
  // An id alone does not tell, because ids are used again.
  const start = holder.processStart === null ? undefined : system.startOf(holder.pid);
  if (start === undefined) return "unclear";
  return start === holder.processStart ? "here" : "gone";
}

/** Whether the holder's process id means the same here, or what else is known of it. */
function sightOf({ host, kernel }: Holder, system: System): "seen" | "gone" | "elsewhere" {
  if (kernel === undefined || (kernel === null && system.kernel === null))
    return host === system.host ? "seen" : "elsewhere";
  if (kernel === null || system.kernel === null) return "elsewhere";
  const { boot, pids, machine } = system.kernel;
  if (kernel.boot === boot) return kernel.pids === pids ? "seen" : "elsewhere";
  // Another boot is a restart only where it is surely the same machine. Containers share what their image holds, be it the
  // host's name or the machine's id, so of them nothing is sure.
  const isRestart =
    host === system.host &&
    machine !== null &&
    kernel.machine === machine &&
    [kernel.pids, pids].every((each) => each === wholeMachine);
  return isRestart ? "gone" : "elsewhere";
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, but it is another user's.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
