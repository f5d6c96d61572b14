import type { Context } from "../context.ts";
import type { Removal } from "./removal.ts";

/** The making subcommands, in the order of the tutorial. The order of work comes from the data, never from here. */
export type StepName = "create-vpcs" | "peer" | "route" | "launch" | "eip" | "open-icmp";

/** One subcommand that makes something: how, and how it is undone. */
export interface Step {
  name: StepName;
  /** The steps whose resources this one builds on: what must exist before, and what cannot be undone while this stands. */
  needs: readonly StepName[];
  /** The types of key that it makes, e.g. `vpc` for `vpc/vpc-1`. */
  makes: readonly string[];
  /** Makes what the topology wants and is not there yet; a second run makes nothing. */
  apply(ctx: Context): Promise<void>;
  /** Removes all that the step made, as soon as what depends on it is gone. */
  undo(removal: Removal): Promise<void>;
}
