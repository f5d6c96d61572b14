import type { NetworkInterface } from "@aws-sdk/client-ec2";
import { liveKinds } from "../aws/live.ts";
import { type Surroundings, surroundings } from "../aws/surroundings.ts";
import type { Context } from "../context.ts";
import type { ResourceEvent } from "../report/ui.ts";
import type { State } from "../state/schema.ts";
import { steps } from "../steps/index.ts";
import { key as keyFor } from "../steps/keys.ts";
import { applySteps } from "../steps/runner.ts";
import { lookAtKnown } from "./open-stack.ts";
import { recordedIn } from "./owned.ts";
import type { Run } from "./run.ts";
import { isLaunched, theirsIn } from "./theirs.ts";

export interface StatusRow {
  key: string;
  /** Empty for what is not made. */
  id: string;
  /** `changed` and `stopped`: it is there, and not as peerctl made it. `not ours`: somebody else added it, or took it over. */
  standing: "live" | "missing" | "unrecorded" | "not made" | "changed" | "stopped" | "not ours";
  detail: string;
}

const standings: Partial<Record<ResourceEvent["what"], StatusRow["standing"]>> = {
  kept: "live",
  missing: "missing",
  taken: "not ours",
  unrecorded: "unrecorded",
  absent: "not made",
};

/** Whether this is not as peerctl made it, and made it to be. */
export function differs({ standing }: StatusRow): boolean {
  return standing !== "live" && standing !== "not made";
}

export function byKey(a: StatusRow, b: StatusRow): number {
  return a.key < b.key ? -1 : 1;
}

/** The stack of the state file as it stands now, and all that others have in its VPCs. */
export async function standingNow(run: Run, known: State): Promise<StatusRow[]> {
  const events: ResourceEvent[] = [];
  const ui = { ...run.ui, event: (event: ResourceEvent) => events.push(event) };
  const { ctx, assertOwner } = await lookAtKnown({ ...run, ui }, known, steps);
  try {
    const recorded = recordedIn(known);
    const vpcs = recorded.filter(({ kind }) => kind === "vpc").map(({ id }) => id);
    const around = surroundings(ctx.aws, ctx.stack.uuid, vpcs);
    const looking = { ...ctx, live: around.live };
    const [, interfaces] = await Promise.all([applySteps(looking, steps), around.interfaces()]).catch(
      async (error) => {
        // Bad credentials say so in words of AWS's: these say what to do.
        await assertOwner(undefined);
        throw error;
      },
    );
    await assertOwner((await around.live.rows("vpc"))[0]?.OwnerId);
    const keys = new Map(recorded.map(({ id, key }) => [id, key]));
    const strays: StatusRow[] = [];
    const seen = new Set(events.map(({ id }) => id));
    for (const kind of liveKinds) {
      for (const { id, key = kind } of await around.live.all(kind)) {
        keys.set(id, key);
        if (!seen.has(id)) strays.push({ key, id, standing: "unrecorded", detail: "" });
      }
    }
    const rows = events.map(({ what, key, id = "", detail = "" }) => ({
      key,
      id,
      standing: standings[what]!,
      detail:
        what === "absent" ? "" : what === "taken" ? "it does not carry the stack's tag any more" : detail,
    }));
    const notOurs = (await theirs(looking, around, interfaces, keys)).map(
      (each): StatusRow => ({ ...each, standing: "not ours" }),
    );
    const instances = await asTheyAre(looking, rows, interfaces, keys);
    return [...instances, ...strays, ...notOurs];
  } finally {
    ctx.aws.close();
  }
}

async function theirs(
  { stack, store, topology }: Context,
  around: Surroundings,
  interfaces: readonly NetworkInterface[],
  keys: ReadonlyMap<string, string>,
) {
  const [subnets, groups, tables] = await Promise.all([
    around.all("subnet"),
    around.all("security-group"),
    around.all("route-table"),
  ]);
  const sshFrom = new Map(
    topology.vpcs.flatMap(({ name }) => {
      const cidr = store.get(keyFor.sshRule(name))?.attributes.cidr;
      return cidr === undefined ? [] : [[name, cidr] as const];
    }),
  );
  return theirsIn({ uuid: stack.uuid, subnets, groups, tables, interfaces }, keys, { topology, sshFrom });
}

/** An instance that is there may still be stopped, or without its security group. */
async function asTheyAre(
  { live, store }: Context,
  rows: readonly StatusRow[],
  interfaces: readonly NetworkInterface[],
  keys: ReadonlyMap<string, string>,
): Promise<StatusRow[]> {
  const states = new Map(
    (await live.rows("instance")).map((row) => [row.InstanceId!, row.State?.Name ?? ""]),
  );
  const launched = interfaces.filter((row) => isLaunched(row, keys));
  return rows.map((row) => {
    const { key, id, standing } = row;
    if (standing !== "live" || !key.startsWith("instance/")) return row;
    const state = states.get(id) ?? "";
    if (/^stop/.test(state)) return { ...row, standing: "stopped", detail: state };
    const group = store.get(keyFor.securityGroup(key.slice(key.indexOf("/") + 1)))?.id;
    const eni = launched.find(({ Attachment }) => Attachment?.InstanceId === id);
    if (!group || !eni?.Groups || eni.Groups.some(({ GroupId }) => GroupId === group)) return row;
    return {
      ...row,
      standing: "changed",
      detail: `its interface ${eni.NetworkInterfaceId} is without ${group}`,
    };
  });
}
