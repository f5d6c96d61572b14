import type { Clock } from "../clock.ts";
import { UserError } from "../errors.ts";
import type { FoundLock } from "./found-lock.ts";
import { type Holder, type System, whereIs } from "./holder.ts";

/** The error for a state file that `holder` keeps locked: who it is, and what can safely be done. */
export function inUse(path: string, holder: FoundLock["holder"], clock: Clock, system: System): UserError {
  const problem = `the state file ${path} is ${use(holder, clock)}`;
  const remove = `remove the lock: rm '${path}.lock'`;
  if (holder === "unknown") return new UserError(problem, `if nothing uses it, ${remove}`);
  const { pid, host } = holder;
  switch (whereIs(holder, system)) {
    case "here":
      return new UserError(problem, `wait until it is done, or stop it: kill ${pid}`);
    case "elsewhere":
      return new UserError(
        problem,
        host === system.host
          ? `it runs in another container, or ran before a restart of ${host}: if it is gone, ${remove}`
          : `if that process is gone, ${remove}`,
      );
    default:
      return new UserError(
        problem,
        `wait until it is done; if process ${pid} is none of peerctl's, ${remove}`,
      );
  }
}

/** `in use by ..., for 4 min`. */
export function use(holder: Holder | "unknown", clock: Clock): string {
  if (holder === "unknown") return "locked by something that is not this peerctl";
  const { pid, host, command, startedAt } = holder;
  return `in use by \`${command}\`, process ${pid} on ${host}, for ${age(clock.now() - Date.parse(startedAt))}`;
}

function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
