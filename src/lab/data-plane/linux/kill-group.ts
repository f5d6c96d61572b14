import type { ChildProcess } from "node:child_process";

/**
 * Signals a child that was spawned `detached`, and all that it has started in its group. Nothing happens where it has ended:
 * it may be gone already when its "exit" has yet to be told.
 */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
