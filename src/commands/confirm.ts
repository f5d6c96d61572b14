import type { Context } from "../context.ts";
import { UserError } from "../errors.ts";
import { hourlyCost, usd } from "../report/cost.ts";
import { plural } from "../report/words.ts";
import type { Step } from "../steps/step.ts";
import { type Going, goingText } from "./going.ts";
import type { Run } from "./run.ts";

/** Shows what would be made on a real account, with what it costs, and asks. Throws UserError for a no. */
export async function confirmMaking(ctx: Context, steps: readonly Step[]): Promise<void> {
  if (!onRealAccount(ctx.store.state.endpoint) || ctx.config.yes) return;
  const types = new Set(steps.flatMap(({ makes }) => makes));
  const { vpcs, peerings } = ctx.topology;
  const connecting = vpcs.filter(({ connects }) => connects).length;
  const parts = [
    types.has("vpc") ? plural(vpcs.length, "VPC") : "",
    types.has("peering") ? plural(peerings.length, "peering connection") : "",
    types.has("instance") ? plural(vpcs.length, "instance") : "",
    types.has("address") ? plural(connecting, "Elastic IP") : "",
  ].filter(Boolean);
  if (parts.length === 0) return;
  const cost = hourlyCost({
    instances: types.has("instance") ? vpcs.length : 0,
    addresses: types.has("address") ? connecting : 0,
  });
  const { account, region } = ctx.store.state;
  await ask(ctx, `Make ${parts.join(", ")} in account ${account}, ${region}: at most ${usd(cost)} an hour.`);
}

/** The same for what would be deleted, which is found out only where it is asked about. */
export async function confirmRemoval(
  run: Pick<Run, "ui" | "config">,
  place: { account: string; region: string; endpoint: string },
  wouldRemove: () => Promise<readonly Going[]>,
): Promise<void> {
  if (!onRealAccount(place.endpoint) || run.config.yes) return;
  const going = await wouldRemove();
  if (going.length === 0) return;
  run.ui.say(goingText(going));
  await ask(run, `Delete these ${going.length} in account ${place.account}, ${place.region}.`);
}

/** The same for what `doctor --fix` would run. */
export async function confirmFix(
  run: Pick<Run, "ui" | "config">,
  place: { account: string; region: string; endpoint: string },
  commands: readonly string[],
): Promise<void> {
  if (!onRealAccount(place.endpoint) || run.config.yes) return;
  for (const command of commands) run.ui.say(`- ${command}`);
  await ask(run, `Run this in account ${place.account}, ${place.region}.`);
}

/** https://docs.aws.amazon.com/general/latest/gr/rande.html: dual-stack endpoints and some partitions have names of their own. */
const awsHost = /\.(amazonaws\.(com|com\.cn|eu)|api\.aws|api\.amazonwebservices\.com\.cn)$/;

function onRealAccount(endpoint: string): boolean {
  return endpoint === "aws" || (endpoint !== "lab" && awsHost.test(new URL(endpoint).hostname));
}

async function ask({ ui }: Pick<Run, "ui">, text: string): Promise<void> {
  if (!ui.interactive) throw new UserError(`this would ask first: ${text}`, "go ahead without asking: --yes");
  if (!(await ui.confirm(`${text} Go ahead?`)))
    throw new UserError("nothing was changed", "say yes to go ahead");
}
