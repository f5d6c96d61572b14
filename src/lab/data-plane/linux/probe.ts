import { readFileSync } from "node:fs";
import { type Clock, systemClock } from "../../../clock.ts";
import { type Holder, openHolder } from "./holder.ts";
import { tryPlane } from "./trial.ts";

export interface ProbeOptions {
  clock?: Clock;
  /** Ends the trial. */
  signal?: AbortSignal;
  /** Milliseconds after which the trial has failed: a machine that needs longer for so little would be no joy. */
  limit?: number;
  open?: () => Holder;
  platform?: NodeJS.Platform;
  /** Reads a setting of the kernel's, as below /proc/sys; undefined where there is no such one. */
  setting?: (name: string) => string | undefined;
}

/**
 * A holder, after all that the plane needs has worked in another like it, or why there is none, in one line. Takes about as
 * long as an instance's start.
 */
export async function probe(options: ProbeOptions = {}): Promise<Holder | { lacks: string }> {
  const {
    clock = systemClock,
    signal,
    limit = 3000,
    open = openHolder,
    platform = process.platform,
  } = options;
  if (platform !== "linux") return { lacks: "it needs Linux" };
  let holder: Holder | undefined;
  const over = new AbortController();
  const stop = () => over.abort(signal?.reason);
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  try {
    holder = open();
    const late = clock.sleep(limit, over.signal).then(() => {
      throw new Error(`trying it took longer than ${limit / 1000} s`);
    });
    await Promise.race([tryPlane(holder), late]);
  } catch (error) {
    return { lacks: withRemedy((error as Error).message, options.setting ?? readSetting) };
  } finally {
    over.abort();
    signal?.removeEventListener("abort", stop);
    await holder?.close();
  }
  return open();
}

/** Settings by which systems keep ordinary users from having namespaces, and the value that does. */
const hindrances = [
  { name: "kernel.apparmor_restrict_unprivileged_userns", forbids: "1", allows: "0" },
  { name: "kernel.unprivileged_userns_clone", forbids: "0", allows: "1" },
  { name: "user.max_user_namespaces", forbids: "0", allows: "10000" },
];

/** https://ubuntu.com/blog/ubuntu-23-10-restricted-unprivileged-user-namespaces and others */
function withRemedy(message: string, setting: (name: string) => string | undefined): string {
  const line = message.trim().split("\n")[0] || "namespaces cannot be made";
  if (!/not permitted|denied|No space left/i.test(line)) return line;
  const found = hindrances.find(({ name, forbids }) => setting(name) === forbids);
  if (!found) return line;
  return `${line} (the system forbids it; it is allowed by: sudo sysctl -w ${found.name}=${found.allows})`;
}

function readSetting(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll(".", "/")}`, "utf8").trim();
  } catch {
    return undefined; // This kernel does not know it.
  }
}
