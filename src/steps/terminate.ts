import { type Instance, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { instancePoller } from "../aws/instance-poller.ts";
import { deadInstance, describeKind } from "../aws/live.ts";
import type { Owned, Removal } from "./removal.ts";
import { together } from "./together.ts";

/** No instance ends in less than some seventeen seconds; then it may be any moment. */
const rhythm = { first: 17_000, growth: 0.045, longest: 10_000 };

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
  await end([...tagged, ...others]);
  // One made just now may have been missed: not shown, or not known yet, at which EC2 refuses all.
  const instances = instancePoller(removal, rhythm, (rows) => end(rows.filter(isAlive)));
  const ended = (row: Instance | undefined) =>
    row === undefined ? removal.clock.now() >= removal.settled : row.State?.Name === "terminated";
  await together(
    removal,
    ...owned.map(({ key }) =>
      removal.removeBy(key, async (id) => {
        await instances.until(id, ended);
      }),
    ),
  );
}

function isAlive({ State }: Instance): boolean {
  return !deadInstance.has(State?.Name ?? "");
}
