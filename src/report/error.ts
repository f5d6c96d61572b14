import { describeCause, StepError, UserError } from "../errors.ts";

/** An error as a person sees it: what failed, and what to do next; with `verbose`, where. */
export function formatError(error: unknown, verbose: boolean): string {
  const lines = [`peerctl: ${describeCause(error)}`];
  const remedy = remedyOf(error);
  if (remedy) lines.push(`  ${remedy}`);
  if (verbose && error instanceof Error && error.stack) lines.push(error.stack);
  return lines.join("\n");
}

/** The innermost remedy: it is nearest to what went wrong. */
function remedyOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const own = error instanceof UserError || error instanceof StepError ? error.remedy : undefined;
  const inner = error instanceof StepError ? remedyOf(error.cause) : undefined;
  return inner ?? own;
}
