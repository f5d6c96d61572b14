import type { Instance } from "@aws-sdk/client-ec2";
import { snapshotOf } from "../aws/snapshot.ts";
import type { Context } from "../context.ts";
import { UserError } from "../errors.ts";
import { reach } from "../net/reach.ts";
import type { Probe, Snapshot, Verdict } from "../net/types.ts";
import type { PingPair } from "../ping-pairs.ts";
import { remedyFor } from "../report/remedy.ts";

/** Something in the way, and the command that clears it, where one does. */
export interface Finding {
  id: string;
  code: string;
  reason: string;
  remedy: string | undefined;
}

/** What AWS's own tables say of a pair: found on the live account, for the way there and the way back. */
export interface Diagnosis {
  /** From the caller to port 22 of the first instance. */
  ssh: Verdict;
  /** From the first instance to the second. */
  ping: Verdict;
  /** A ping that the second one would begin: not needed, but good to know. */
  reverse: Verdict;
}

export async function liveSnapshot(ctx: Context): Promise<Snapshot> {
  const { account, region } = ctx.store.state;
  const vpcs = (await ctx.live.rows("vpc")).map(({ VpcId }) => VpcId!);
  if (vpcs.length === 0) {
    throw new UserError("none of the stack's VPCs is there", "run: peerctl create-vpcs");
  }
  return snapshotOf(ctx.aws, { account, region }, vpcs);
}

export async function diagnose(
  ctx: Context,
  snapshot: Snapshot,
  ends: { from: Instance; to: Instance },
): Promise<Diagnosis> {
  const from = endOf(ends.from);
  const to = endOf(ends.to);
  const caller = { kind: "internet", address: await callerOf(ctx) } as const;
  return {
    ssh: reach(snapshot, { from: caller, to: from, protocol: "tcp", port: 22 }),
    ping: reach(snapshot, { from, to, protocol: "icmp" }),
    reverse: reach(snapshot, { from: to, to: from, protocol: "icmp" }),
  };
}

/** Every blocker once, with its remedy; `ctx` names whose it is. */
export function findings(ctx: Context, { probe, blockers }: Verdict): Finding[] {
  return blockers.map((hop) => ({
    id: named(ctx, hop.id),
    code: hop.code ?? "",
    reason: hop.reason,
    remedy: remedyFor(hop, probe),
  }));
}

export function title({ from, to }: PingPair): string {
  return `${from.name} -> ${to.name}`;
}

/** `sg-0abc (vpc-2)`: the id, and whose it is, for what the stack made. */
function named(ctx: Context, id: string): string {
  const found = Object.entries(ctx.store.state.resources).find(([, record]) => record.id === id);
  return found ? `${id} (${found[0].split("/")[1]})` : id;
}

function endOf({ InstanceId, NetworkInterfaces }: Instance): Extract<Probe["from"], { kind: "interface" }> {
  const id = NetworkInterfaces?.[0]?.NetworkInterfaceId;
  if (!id) throw new UserError(`the instance ${InstanceId} has no network interface`, "run: peerctl launch");
  return { kind: "interface", id };
}

/** Where the caller is not to be found out, it is taken to be among those that may connect. */
async function callerOf(ctx: Context): Promise<string> {
  try {
    return await ctx.callerAddress();
  } catch (error) {
    if (!(error instanceof UserError) || !ctx.config.sshFrom) throw error;
    return ctx.config.sshFrom.split("/")[0]!;
  }
}
