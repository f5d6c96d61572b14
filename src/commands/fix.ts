import type { Remedy } from "../report/remedy/line.ts";
import { steps } from "../steps/index.ts";
import { applySteps } from "../steps/runner.ts";
import { confirmFix } from "./confirm.ts";
import { openStack } from "./open-stack.ts";
import type { Run } from "./run.ts";

/**
 * Runs the subcommands that these remedies name, all at once, after asking. What only an `aws` command or a person can mend
 * stays as it is. Resolves with the names of the steps that were run; none where there is nothing of ours to mend.
 */
export async function fix(run: Run, remedies: readonly Remedy[]): Promise<string[]> {
  const ours = remedies.filter(({ by }) => by === "peerctl");
  const wanted = new Set(ours.flatMap(({ steps: names }) => names ?? []));
  const running = steps.filter(({ name }) => wanted.has(name));
  if (running.length === 0) {
    run.ui.say(
      remedies.length > 0
        ? "no step of peerctl mends this, so --fix changed nothing: what does is at the end of the answer"
        : "there is nothing to mend in AWS's tables, so --fix changed nothing",
    );
    return [];
  }
  const ctx = await openStack(run, running, false);
  try {
    await confirmFix(
      run,
      ctx.store.state,
      ours.map(({ command }) => command!),
    );
    await applySteps(ctx, running);
  } finally {
    ctx.ui.idle();
    await ctx.store.close();
    ctx.aws.close();
  }
  return running.map(({ name }) => name);
}
