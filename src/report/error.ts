import { describeCause, StepError, UserError } from "../errors.ts";
import { withFlags } from "./words.ts";

/**
 * An error as a person sees it: what failed, and what to do next; with `verbose`, where.
 * @param peerctl the program with this run's flags, for the commands in the remedy
 */
export function formatError(error: unknown, verbose: boolean, peerctl = "peerctl"): string {
  const lines = [`peerctl: ${describeCause(error)}`];
  const remedy = remedyOf(error);
  if (remedy) lines.push(`  ${withFlags(remedy, peerctl)}`);
  if (verbose && error instanceof Error && error.stack) lines.push(error.stack);
  return lines.join("\n");
}

/** The innermost remedy: it is nearest to what went wrong. */
function remedyOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const own = error instanceof UserError || error instanceof StepError ? error.remedy : undefined;
  const { cause } = error;
  const inner = error instanceof StepError && !isCall(cause) ? remedyOf(cause) : undefined;
  // A call outside of any step: what was asked about the stack before it was touched.
  const ofCall = isCall(error) ? "mend that, then run the same command again" : undefined;
  return inner ?? own ?? ofCall;
}

function isCall(error: unknown): boolean {
  return error instanceof Error && "action" in error;
}
