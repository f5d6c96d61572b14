import { type Instance, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { ending, instancePoller } from "../aws/instance-poller.ts";
import { deadInstance, describeKind } from "../aws/live.ts";
import type { Owned, Removal } from "./removal.ts";
import { together } from "./together.ts";

/** Ends the instances, and all others that carry the stack's tag; each key is gone when AWS shows it as terminated. */
export async function terminate(removal: Removal, owned: readonly Owned[]): Promise<void> {
  if (owned.length === 0) return;
  const end = async (rows: readonly Instance[]) => {
    const InstanceIds = rows.map(({ InstanceId }) => InstanceId!);
    if (InstanceIds.length > 0) await removal.send(new TerminateInstancesCommand({ InstanceIds }));
  };
  // One id that is not there any more would make EC2 refuse all of them. Those that do not show our tag are asked for by id.
  const tagged = await removal.live.rows("instance");
  const shown = new Set(tagged.map(({ InstanceId }) => InstanceId));
  const Values = owned.flatMap(({ ids }) => ids).filter((id) => !shown.has(id));
  const others =
    Values.length > 0 ? await describeKind.instance(removal.aws, [{ Name: "instance-id", Values }]) : [];
  const alive = [...tagged, ...others];
  await end(alive);
  const now = removal.clock.now();
  const up = new Set(alive.filter(isUp).map(({ InstanceId }) => InstanceId));
  // One that was stopped ends at once, and one that was on its way out before may end any moment.
  const since = (id: string) => (up.has(id) ? now : 0);
  // One made just now may have been missed: not shown, or not known yet, at which EC2 refuses all.
  const instances = instancePoller(removal, ending, (rows) => end(rows.filter(isAlive)));
  const ended = (row: Instance | undefined) =>
    row === undefined ? removal.clock.now() >= removal.settled : row.State?.Name === "terminated";
  await together(
    removal,
    ...owned.map(({ key }) =>
      removal.removeBy(key, async (id) => {
        await instances.until(id, ended, { since: since(id) });
      }),
    ),
  );
}

function isUp({ State }: Instance): boolean {
  return State?.Name !== "stopped";
}

function isAlive({ State }: Instance): boolean {
  return !deadInstance.has(State?.Name ?? "");
}
