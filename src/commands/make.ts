import { plural } from "../report/words.ts";
import { applySteps } from "../steps/runner.ts";
import type { Step } from "../steps/step.ts";
import { confirmMaking } from "./confirm.ts";
import { openStack } from "./open-stack.ts";
import type { Run } from "./run.ts";

/** Runs making steps, one or all, and reports what they made. Resolves with the exit code. */
export async function make(run: Run, steps: readonly Step[]): Promise<number> {
  const began = run.clock.now();
  const ctx = await openStack(run, steps, true);
  try {
    await confirmMaking(ctx, steps);
    await applySteps(ctx, steps);
  } finally {
    ctx.ui.idle();
    await ctx.store.close();
    ctx.aws.close();
  }
  const count = (what: string) => run.ui.events.filter((event) => event.what === what).length;
  const made = count("made");
  const found = count("adopted");
  const seconds = (run.clock.now() - began) / 1000;
  const summary = [
    made === 0 ? "nothing to make, all is there" : `made ${made}`,
    found > 0 ? `adopted ${found}` : "",
    made > 0 && count("kept") > 0 ? `${count("kept")} were there` : "",
  ];
  const how = `${plural(ctx.aws.calls.length, "call")}, ${seconds.toFixed(1)} s`;
  run.ui.say(`${summary.filter(Boolean).join(", ")} (${how})`);
  const { stack, region, account, endpoint, resources } = ctx.store.state;
  run.ui.result(
    {
      stack,
      account,
      region,
      endpoint,
      made,
      adopted: found,
      calls: ctx.aws.calls.length,
      seconds,
      resources,
    },
    "",
  );
  return 0;
}
