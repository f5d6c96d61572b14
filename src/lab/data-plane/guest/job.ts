import type { Outlet } from "./outlet.ts";
import type { Shell } from "./shell.ts";

/** A shell at its outlet, with what it runs in the foreground. */
export interface Job {
  readonly shell: Shell;
  readonly outlet: Outlet;
  /** True while a line is running. */
  readonly running: boolean;
  /** True once `end` was called: the client is gone, or has killed the session. */
  readonly ended: boolean;
  run(line: string): Promise<void>;
  /** Stops the line that is running, as SIGINT does; the shell lives on. */
  interrupt(): void;
  /** Stops what is running, and runs nothing more. */
  end(): void;
}

export function openJob(shell: Shell, outlet: Outlet): Job {
  let running: AbortController | undefined;
  let ended = false;
  const interrupt = () => running?.abort();
  return {
    shell,
    outlet,
    get running() {
      return running !== undefined;
    },
    get ended() {
      return ended;
    },
    run: async (line) => {
      if (ended) return;
      running = new AbortController();
      await shell.run(line, { out: outlet.out, err: outlet.err, signal: running.signal });
      running = undefined;
      // A client that sends line after line takes turns with the rest of the lab.
      await new Promise((resolve) => setImmediate(resolve));
    },
    interrupt,
    end: () => {
      ended = true;
      interrupt();
    },
  };
}
