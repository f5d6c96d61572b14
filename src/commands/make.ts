import { peerctlWords } from "../config/command-words.ts";
import { plural, withFlags } from "../report/words.ts";
import type { StateStore } from "../state/store.ts";
import { applySteps } from "../steps/runner.ts";
import type { Step } from "../steps/step.ts";
import { confirmMaking } from "./confirm.ts";
import { nextCommand } from "./next.ts";
import { openStack } from "./open-stack.ts";
import type { Run } from "./run.ts";

/** Runs making steps, one or all, and reports what they made. Resolves with the exit code. */
export async function make(run: Run, running: readonly Step[]): Promise<number> {
  const began = run.clock.now();
  const ctx = await openStack(run, running, true);
  try {
    await confirmMaking(ctx, running);
    await applySteps(ctx, running);
  } finally {
    ctx.ui.idle();
    await leave(ctx.store);
    ctx.aws.close();
  }
  const count = (what: string) => run.ui.events.filter((event) => event.what === what).length;
  const made = count("made");
  const found = count("adopted");
  const declined = count("removed");
  const seconds = (run.clock.now() - began) / 1000;
  const summary = [
    declined > 0 ? `declined ${declined}` : "",
    made > 0 ? `made ${made}` : declined === 0 ? "nothing to make, all is there" : "",
    found > 0 ? `adopted ${found}` : "",
    made > 0 && count("kept") > 0 ? `${count("kept")} were there` : "",
  ];
  const how = `${plural(ctx.aws.calls.length, "call")}, ${seconds.toFixed(1)} s`;
  run.ui.say(`${summary.filter(Boolean).join(", ")} (${how})`);
  if (declined === 0)
    run.ui.say(
      run.ui.paint.dim(`next: ${withFlags(nextCommand(ctx.store.state), peerctlWords(run.config))}`),
    );
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

/** A stack that nothing was made of (somebody said no) leaves no file. */
function leave(store: StateStore): Promise<void> {
  const { resources, intents } = store.state;
  const isEmpty = Object.keys(resources).length + Object.keys(intents).length === 0;
  return isEmpty ? store.destroy() : store.close();
}
