import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { Ui } from "../report/ui.ts";

/** One invocation of peerctl, as `start.ts` sets it up. */
export interface Run {
  config: Config;
  ui: Ui;
  clock: Clock;
  env: NodeJS.ProcessEnv;
  /** Aborted by SIGINT, SIGTERM and by the first failure. */
  signal: AbortSignal;
  abort(cause: unknown): void;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  /** The subcommand and its arguments, for the lock's holder. */
  command: string;
}
