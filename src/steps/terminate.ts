import { type Instance, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { describeByIds } from "../aws/by-id.ts";
import { codeOf } from "../aws/codes.ts";
import { ending, instancePoller } from "../aws/instance-poller.ts";
import { deadInstance } from "../aws/live.ts";
import { stackTag, tagOf } from "../aws/tags.ts";
import { InTheWay } from "./in-the-way.ts";
import type { Owned, Removal } from "./removal.ts";
import { together } from "./together.ts";

/**
 * Ends the instances, and all others that carry the stack's tag; each key is gone when AWS shows it as terminated. One that
 * is protected stays, and no other because of it.
 */
export async function terminate(removal: Removal, owned: readonly Owned[]): Promise<void> {
  if (owned.length === 0) return;
  const staying = new Map<string, InTheWay>();
  const end = async (rows: readonly Instance[]) => {
    const ids = rows
      .filter((row) => tagOf(row, stackTag) === removal.uuid && !staying.has(row.InstanceId!))
      .map(({ InstanceId }) => InstanceId!);
    if (ids.length > 0) for (const each of await endAll(removal, ids)) staying.set(...each);
  };
  // One id that is not there any more would make EC2 refuse all of them. Those that are not shown by tag are asked for by id.
  const tagged = await removal.live.rows("instance");
  const shown = new Set(tagged.map(({ InstanceId }) => InstanceId));
  const missing = owned.flatMap(({ ids }) => ids).filter((id) => !shown.has(id));
  const alive = [...tagged, ...(await describeByIds(removal.aws, "instance", missing))];
  await end(alive);
  const now = removal.clock.now();
  const up = new Set(alive.filter(isUp).map(({ InstanceId }) => InstanceId));
  // One that was stopped ends at once, and one that was on its way out before may end any moment.
  const since = (id: string) => (up.has(id) ? now : 0);
  // One made just now may have been missed: not shown, or not known yet, at which EC2 refuses all.
  const instances = instancePoller(removal, ending, (rows) => end(rows.filter(isAlive)));
  const isOver = (id: string, row: Instance | undefined) =>
    staying.has(id) ||
    (row === undefined ? removal.clock.now() >= removal.settled : row.State?.Name === "terminated");
  await together(
    removal,
    ...owned.map(({ key }) =>
      removal.removeBy(key, async (id) => {
        if (!staying.has(id)) await instances.until(id, (row) => isOver(id, row), { since: since(id) });
        const why = staying.get(id);
        if (why) throw why;
      }),
    ),
  );
}

function isUp({ State }: Instance): boolean {
  return State?.Name !== "stopped";
}

/**
 * Sends one call for all. Where one of them is protected, EC2 refuses others too (all, or those in the same zone): then
 * each is ended by itself, and what is protected is returned with the command that lifts the protection.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html
 */
async function endAll(removal: Removal, ids: readonly string[]): Promise<[string, InTheWay][]> {
  const end = (InstanceIds: string[]) => removal.send(new TerminateInstancesCommand({ InstanceIds }));
  try {
    await end([...ids]);
    return [];
  } catch (error) {
    if (!isProtected(error)) throw error;
  }
  const refused = ids.map(async (id): Promise<[string, InTheWay][]> => {
    try {
      await end([id]);
      return [];
    } catch (error) {
      if (!isProtected(error)) throw error;
      return [[id, protectedInstance(id, error as Error, removal.awsFlags)]];
    }
  });
  return (await Promise.all(refused)).flat();
}

function isProtected(error: unknown): boolean {
  return codeOf(error) === "OperationNotPermitted";
}

/** Stop protection keeps an instance from being terminated as well; AWS names the attribute. */
function protectedInstance(id: string, error: Error, awsFlags: string): InTheWay {
  const [attribute, flag] = /disableApiStop/i.test(error.message)
    ? ["stop protection", "--no-disable-api-stop"]
    : ["termination protection", "--no-disable-api-termination"];
  return new InTheWay(
    error,
    [{ id, type: "instance", detail: attribute }],
    `if it may go: aws ec2 modify-instance-attribute --instance-id ${id} ${flag}${awsFlags}; then run the same command again`,
  );
}

function isAlive({ State }: Instance): boolean {
  return !deadInstance.has(State?.Name ?? "");
}
