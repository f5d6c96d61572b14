import type { Aws } from "./aws/aws.ts";
import type { Offer } from "./aws/instance-types.ts";
import type { Live } from "./aws/live.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { Ui } from "./report/ui.ts";
import type { StateStore } from "./state/store.ts";
import type { Board } from "./steps/board.ts";
import type { Topology } from "./topology.ts";

/** What a run works with; built once a command, by `commands/open-stack.ts`. There is no other shared state. */
export interface Context {
  config: Config;
  topology: Topology;
  stack: { name: string; uuid: string };
  store: StateStore;
  aws: Aws;
  live: Live;
  ui: Ui;
  clock: Clock;
  /** Only look: `ensure` says how things stand, and nothing is made or written. */
  look: boolean;
  /** What a printed command of the AWS CLI ends with: `--region ...` and the like. */
  awsFlags: string;
  /** How long after a create its resource may not be shown yet, in milliseconds. */
  consistencyMs: number;
  /** The HTTP proxy that port 22 is reached through, if any. */
  sshProxy: URL | undefined;
  /** Aborted by Ctrl-C and by the first step that fails: no call is started any more, what is under way is recorded. */
  signal: AbortSignal;
  /** Ends the run for `cause`; the first cause counts. */
  abort(cause: unknown): void;
  /** Who makes what in this run, and what is made. */
  board: Board;
  /** The caller's public IPv4 address as AWS will see it, asked once. */
  callerAddress(): Promise<string>;
  /**
   * The instance type to launch and a zone that offers it (`zone`, where the subnet is there already; never one of
   * `full`); AWS is asked once. Rejects with a UserError where there is none.
   */
  offer(zone?: string, full?: readonly string[]): Promise<Offer>;
}
