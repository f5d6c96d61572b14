import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import type { EC2 } from "@aws-sdk/client-ec2";
import fc from "fast-check";
import type { Fault } from "../../../src/lab/faults.ts";
import type { Tables } from "../../../src/lab/world.ts";
import { peerctl } from "./peerctl.ts";
import type { Place } from "./place.ts";
import { addTheirs, asSomebody, removeTheirs } from "./theirs.ts";

/** One thing that happens to a stack, by peerctl or to it. */
export type Act =
  | { kind: "run"; args: string[] }
  /** The run is cut off for good at that call; what was sent before may still take effect. */
  | { kind: "crash"; args: string[]; action?: string; nth: number; side: "before" | "after" }
  | { kind: "fault"; args: string[]; fault: Fault["fault"]; nth: number }
  /** Somebody deletes something of the stack: the `pick`-th of what can be deleted. */
  | { kind: "delete"; pick: number }
  /** Somebody puts something of their own into the stack's VPCs. */
  | { kind: "add"; pick: number }
  /** Somebody stops an instance: the `pick`-th. */
  | { kind: "stop"; pick: number }
  | { kind: "lose the file" };

const stepNames = ["create-vpcs", "peer", "route", "launch", "eip", "open-icmp"] as const;

const args: fc.Arbitrary<string[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<string[]>(["up"]) },
  { weight: 4, arbitrary: fc.constantFrom(...stepNames).map((name): string[] => [name]) },
  { weight: 2, arbitrary: fc.constantFrom(...stepNames).map((name): string[] => ["teardown", name]) },
  { weight: 1, arbitrary: fc.constant<string[]>(["down"]) },
);

const nth = fc.integer({ min: 1, max: 45 });

export const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("run" as const), args }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("crash" as const),
      args,
      nth,
      side: fc.constantFrom("before" as const, "after" as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("fault" as const),
      args,
      fault: fc.constantFrom<Fault["fault"]>(
        "throttle",
        "error-500",
        "drop-before",
        "drop-after",
        "truncated",
        { code: "UnauthorizedOperation", message: "no", status: 403 },
      ),
      nth,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), pick: fc.nat({ max: 1000 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("add" as const), pick: fc.nat({ max: 1000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("stop" as const), pick: fc.nat({ max: 1000 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "lose the file" as const }) },
);

/** A chain, a star or a mesh of 2 to 5 VPCs, as flags. */
export const topology: fc.Arbitrary<string[]> = fc
  .record({ vpcs: fc.integer({ min: 2, max: 5 }), shape: fc.constantFrom("chain", "star", "mesh") })
  .map(({ vpcs, shape }) => {
    const names = Array.from({ length: vpcs }, (_, n) => `net-${n + 1}`);
    const pairs = names.flatMap((a, i) =>
      names.slice(i + 1).flatMap((b, d) => {
        const wanted = shape === "mesh" || (shape === "chain" ? d === 0 : i === 0);
        return wanted ? [`${a}~${b}`] : [];
      }),
    );
    return [
      ...names.flatMap((name, n) => ["--cidr", `${name}=10.${n + 1}.0.0/16`]),
      ...pairs.flatMap((pair) => ["--peering", pair]),
    ];
  });

/** Lets it happen. What peerctl answers is its own affair here: what counts is what stands when all is over. */
export async function play(place: Place, flags: string[], act: Act): Promise<void> {
  const full = (args: readonly string[]) =>
    args[0] === "teardown" || args[0] === "down" ? [...args] : [...args, ...flags];
  if (act.kind === "run") await peerctl(place, full(act.args));
  else if (act.kind === "fault") {
    await place.faults([{ action: "*", nth: act.nth, fault: act.fault }]);
    await peerctl(place, full(act.args));
    await place.faults([]);
  } else if (act.kind === "crash") await crash(place, full(act.args), act);
  else if (act.kind === "delete") await deleteOne(place, act.pick);
  else if (act.kind === "add") await addTheirs(place, act.pick);
  else if (act.kind === "stop") await stopOne(place, act.pick);
  else if (existsSync(place.statePath)) {
    rmSync(place.statePath);
    const { code, stderr } = await peerctl(place, ["recover", ...flags]);
    // No stack, or no VPC of it, is nothing to recover; what little there is goes by name.
    if (code !== 0) {
      await removeTheirs(place);
      const down = await peerctl(place, ["down"]);
      if (down.code !== 0) throw new Error(`${stderr}\n${down.stderr}`);
    }
  }
}

/**
 * As good as kill -9, within this process: at that call the state file is taken away and everything that the run does
 * from then on goes to a file that nobody reads; its lock, as that of a process that ended, is no more.
 */
async function crash(
  place: Place,
  args: string[],
  { action = "*", nth, side }: { action?: string; nth: number; side: string },
) {
  await place.faults([{ action, nth, fault: side === "before" ? "hang-before" : "hang-after" }]);
  const seen = place.lab.log.entries.length;
  const abort = new AbortController();
  const saved = `${place.folder}/at-the-crash`;
  const ended = peerctl(place, args, { signal: abort.signal });
  let over = false;
  void ended.finally(() => {
    over = true;
  });
  const held = () => place.lab.log.entries.slice(seen).some(({ fault }) => fault?.startsWith("hang-"));
  while (!over && !held()) await new Promise((resolve) => setTimeout(resolve, 1));
  if (held()) {
    const there = existsSync(place.statePath);
    if (there) copyFileSync(place.statePath, saved);
    abort.abort(new Error("crashed"));
    // Its hanging call is cut; or it would be waited for as long as AWS itself, and the next run not come at once.
    await place.faults([]);
    await ended;
    if (there) renameSync(saved, place.statePath);
    else rmSync(place.statePath, { force: true });
  }
  await ended;
  await place.faults([]);
}

function deleteOne(place: Place, pick: number): Promise<void> {
  return asSomebody(place, async (ec2) => {
    const all = [...place.lab.world.tables.values()].flatMap((tables) => deletions(ec2, tables, place));
    // One that something depends on is refused, as it would be to a person.
    await all[pick % Math.max(1, all.length)]?.().catch(() => undefined);
  });
}

function stopOne(place: Place, pick: number): Promise<void> {
  return asSomebody(place, async (ec2) => {
    const ids = [...place.lab.world.tables.values()].flatMap(({ instances }) => [...instances.keys()]);
    if (ids.length === 0) return;
    // One that has ended cannot be stopped.
    await ec2.stopInstances({ InstanceIds: [ids[pick % ids.length]!] }).catch(() => undefined);
  });
}

/** What a person may do to a stack in the console. */
function deletions(ec2: EC2, tables: Tables, { lab }: Place): (() => Promise<unknown>)[] {
  const ours = (id: string) => tables.tags.get(id)?.has("peerctl:stack") === true;
  const of = (table: ReadonlyMap<string, unknown>) => [...table.keys()].filter(ours);
  return [
    ...of(tables.instances).map((id) => () => ec2.terminateInstances({ InstanceIds: [id] })),
    ...of(lab.world.peerings).map(
      (id) => () => ec2.deleteVpcPeeringConnection({ VpcPeeringConnectionId: id }),
    ),
    ...[...tables.addresses.values()]
      .filter(({ AllocationId }) => ours(AllocationId!))
      .map(({ AssociationId, AllocationId }) => async () => {
        if (AssociationId) await ec2.disassociateAddress({ AssociationId });
        await ec2.releaseAddress({ AllocationId });
      }),
    ...[...tables.routeTables.values()]
      .filter(({ RouteTableId }) => ours(RouteTableId!))
      .flatMap(({ RouteTableId, Routes, Associations }) => [
        ...(Routes ?? [])
          .filter(({ GatewayId }) => GatewayId !== "local")
          .map(
            ({ DestinationCidrBlock }) =>
              () =>
                ec2.deleteRoute({ RouteTableId, DestinationCidrBlock }),
          ),
        ...(Associations ?? []).map(
          ({ RouteTableAssociationId }) =>
            () =>
              ec2.disassociateRouteTable({ AssociationId: RouteTableAssociationId }),
        ),
      ]),
    ...[...tables.securityGroupRules.values()]
      .filter(({ GroupId, IsEgress }) => ours(GroupId!) && !IsEgress)
      .map(
        ({ GroupId, SecurityGroupRuleId }) =>
          () =>
            ec2.revokeSecurityGroupIngress({ GroupId, SecurityGroupRuleIds: [SecurityGroupRuleId!] }),
      ),
    ...of(tables.securityGroups).map((GroupId) => () => ec2.deleteSecurityGroup({ GroupId })),
    ...of(tables.subnets).map((SubnetId) => () => ec2.deleteSubnet({ SubnetId })),
  ];
}
