import { exitCode } from "../errors.ts";
import { table } from "../report/table.ts";
import type { ResourceEvent } from "../report/ui.ts";
import { plural } from "../report/words.ts";
import { steps } from "../steps/index.ts";
import { applySteps } from "../steps/runner.ts";
import { lookAtStack } from "./open-stack.ts";
import type { Run } from "./run.ts";

/** What `up` would make, found by looking; writes nothing and calls no action that changes anything. */
export async function planUp(run: Run): Promise<number> {
  const events: ResourceEvent[] = [];
  const ctx = await lookAtStack({ ...run, ui: { ...run.ui, event: (event) => events.push(event) } }, steps);
  try {
    await applySteps(ctx, steps);
  } finally {
    ctx.aws.close();
  }
  const wanted = events.filter(({ what }) => what === "absent" || what === "missing");
  for (const { what, key, id } of events)
    if (what === "taken")
      run.ui.say(
        `! ${key} ${id} does not carry the stack's tag any more: peerctl up stops there, and says why`,
      );
  const rows = wanted.map(({ key, detail }) => [`+ ${key}`, detail ?? ""]);
  const summary =
    wanted.length === 0 ? "nothing to make, all is there" : `would make ${plural(wanted.length, "thing")}`;
  run.ui.result(
    { wouldMake: wanted.map(({ key }) => key) },
    [table(rows), summary].filter(Boolean).join("\n"),
  );
  return exitCode.done;
}
