import type { LockWait } from "../state/lock.ts";
import type { Run } from "./run.ts";

/** How long this run waits for another peerctl that uses its state file, saying once for whom. */
export function lockWait({ config, ui }: Run): LockWait {
  const { lockTimeout, state } = config;
  return {
    ms: lockTimeout * 1000,
    tell: (use) => ui.say(`waiting, for ${lockTimeout} s at the most: the state file ${state} is ${use}`),
  };
}
