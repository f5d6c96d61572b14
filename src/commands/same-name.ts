import type { Config } from "../config.ts";
import { UserError } from "../errors.ts";
import type { State } from "../state/schema.ts";

/** Throws UserError where the command line names another stack than the state file is of. */
export function assertSameName({ given, name, state }: Config, known: State, remedy: string): void {
  if (given.name === undefined || name === known.stack.name) return;
  throw new UserError(`the state file ${state} is of the stack "${known.stack.name}", not "${name}"`, remedy);
}
