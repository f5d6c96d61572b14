import type { StaticOperationSchema } from "@smithy/types";
import type { Tables, World } from "./world.ts";

/** What an action knows beside its input. */
export interface Call {
  world: World;
  /** The caller's account, from the access key: twelve digits name it, anything else is 123456789012. */
  account: string;
  /** From the signature's credential scope. */
  region: string;
  /** The tables of `account` in `region`. */
  tables: Tables;
  requestId: string;
}

/**
 * One API action. `schema` is the SDK's own (`CreateVpc$`), from which the protocol reads the request, checks required
 * members and writes the reply; `run` is synchronous, so that an action is atomic, and throws Ec2Error before it changes
 * anything. `DryRun`, throttling, faults and latency are the server's business.
 */
export interface Action<Input = never, Output = unknown> {
  schema: StaticOperationSchema;
  effect: "reads" | "changes";
  run(input: Input, call: Call): Output;
}

/** The actions of one file, by EC2's name for each. */
export type Actions = Readonly<Record<string, Action>>;

export function reads<Input, Output>(
  schema: StaticOperationSchema,
  run: (input: Input, call: Call) => Output,
): Action {
  return { schema, effect: "reads", run } as Action;
}

export function changes<Input, Output>(
  schema: StaticOperationSchema,
  run: (input: Input, call: Call) => Output,
): Action {
  return { schema, effect: "changes", run } as Action;
}
