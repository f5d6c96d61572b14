import { createHash, randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import * as v from "valibot";

/** Whose process ids are meant, in Linux's terms. */
export const Kernel = v.object({
  /** Which boot of which machine; no other has the same. */
  boot: v.string(),
  /** The namespace of process ids: a container has its own, in which the same id is another process. */
  pids: v.string(),
  /** The machine, over its restarts; null where it has no id of its own. */
  machine: v.nullable(v.string()),
});
export type Kernel = v.InferOutput<typeof Kernel>;

/** The namespace that no container has: that of the machine itself (PROC_PID_INIT_INO of linux/proc_ns.h). */
export const wholeMachine = "pid:[4026531836]";

/** This process's; null where there is no Linux. What cannot be read is like no other's, so that nobody takes it for theirs. */
export function thisKernel(): Kernel | null {
  if (process.platform !== "linux" && process.platform !== "android") return null;
  const machine = read("/etc/machine-id") ?? "";
  return {
    boot: read("/proc/sys/kernel/random/boot_id") ?? randomUUID(),
    // https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
    pids: orNothing(() => readlinkSync("/proc/self/ns/pid")) ?? randomUUID(),
    // It is not for others to see. https://www.freedesktop.org/software/systemd/man/latest/machine-id.html
    machine: /^[0-9a-f]{32}$/.test(machine)
      ? createHash("sha256").update(`peerctl ${machine}`).digest("hex").slice(0, 32)
      : null,
  };
}

const read = (file: string) => orNothing(() => readFileSync(file, "utf8").trim());

function orNothing<Value>(get: () => Value): Value | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}
