import {
  AcceptVpcPeeringConnectionCommand,
  CreateVpcPeeringConnectionCommand,
  DeleteVpcPeeringConnectionCommand,
  DescribeVpcPeeringConnectionsCommand,
  RejectVpcPeeringConnectionCommand,
  type VpcPeeringConnection,
} from "@aws-sdk/client-ec2";
import { deadPeering } from "../aws/live.ts";
import { type Poller, poller } from "../aws/poller.ts";
import { tagSpecifications } from "../aws/tags.ts";
import type { Context } from "../context.ts";
import { StepError, UserError } from "../errors.ts";
import type { PeeringSpec } from "../topology.ts";
import { ensure } from "./ensure.ts";
import { findTagged } from "./find.ts";
import { key } from "./keys.ts";
import type { Step } from "./step.ts";
import { together } from "./together.ts";

/**
 * The peering connections: the requester asks, the accepter agrees, and only then does it carry packets.
 * https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
 */
export const peer: Step = {
  name: "peer",
  needs: ["create-vpcs"],
  makes: ["peering", "acceptance"],
  apply: (ctx) => together(ctx, requestPeerings(ctx), acceptPeerings(ctx)),
  // One that is over stays visible for a while, and refuses to be deleted, which is fine.
  undo: (removal) =>
    together(
      removal,
      ...removal
        .owned("peering")
        .map(({ key }) =>
          removal.remove(key, (id) => new DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id })),
        ),
    ),
};

/** The requester's side alone. */
export function requestPeerings(ctx: Context): Promise<void> {
  return together(ctx, ...ctx.topology.peerings.map((peering) => request(ctx, peering)));
}

/** The accepter's side alone; resolves when the peerings are active. */
export function acceptPeerings(ctx: Context): Promise<void> {
  const peerings = peeringPoller(ctx);
  return together(ctx, ...ctx.topology.peerings.map((peering) => accept(ctx, peerings, peering)));
}

/** The accepter says no. A rejected peering cannot be used or deleted; a new one can be requested. */
export function declinePeerings(ctx: Context): Promise<void> {
  const peerings = peeringPoller(ctx);
  return together(ctx, ...ctx.topology.peerings.map((peering) => decline(ctx, peerings, peering)));
}

async function decline(ctx: Context, peerings: Poller<VpcPeeringConnection>, peering: PeeringSpec) {
  const peeringKey = key.peering(peering);
  const { id } = await ctx.board.need(peeringKey);
  // Right after the request it cannot be declined either.
  await peerings.until(id, (row) => !["", "initiating-request"].includes(row?.Status?.Code ?? ""));
  const command = new RejectVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id });
  await ctx.aws.ec2(command, { fresh: true }).catch((error) => {
    throw new StepError("peer", peeringKey, error, "only a pending one can be declined: see peerctl status");
  });
  await ctx.store.forget(peeringKey);
  ctx.ui.event({ what: "removed", key: peeringKey, id, detail: "rejected" });
}

async function request(ctx: Context, peering: PeeringSpec) {
  const peeringKey = key.peering(peering);
  const [requester, accepter] = await Promise.all([
    ctx.board.need(key.vpc(peering.requester)),
    ctx.board.need(key.vpc(peering.accepter)),
  ]);
  await ensure(ctx, {
    key: peeringKey,
    step: "peer",
    detail: `${requester.id} asks ${accepter.id}`,
    find: (id) => findTagged(ctx, "peering", peeringKey, id),
    create: async () => {
      const { VpcPeeringConnection } = await ctx.aws.ec2(
        new CreateVpcPeeringConnectionCommand({
          VpcId: requester.id,
          PeerVpcId: accepter.id,
          TagSpecifications: tagSpecifications(ctx.stack, peeringKey, "vpc-peering-connection"),
        }),
        { uncertain: "throw", fresh: true },
      );
      return { id: VpcPeeringConnection!.VpcPeeringConnectionId! };
    },
  });
}

async function accept(ctx: Context, peerings: Poller<VpcPeeringConnection>, peering: PeeringSpec) {
  const { id } = await ctx.board.need(key.peering(peering));
  const reach = async (...wanted: string[]) => {
    const codeOf = (row: VpcPeeringConnection | undefined) => row?.Status?.Code ?? "";
    const row = await peerings.until(id, (row) => [...wanted, ...deadPeering].includes(codeOf(row)));
    if (!deadPeering.has(codeOf(row))) return codeOf(row);
    await ctx.store.forget(key.peering(peering));
    throw new UserError(
      `the peering connection ${id} is ${codeOf(row)}: ${row?.Status?.Message ?? "AWS gives no reason"}`,
      codeOf(row) === "failed" ? "the VPCs' CIDRs must not overlap" : "run: peerctl peer",
    );
  };
  await ensure(ctx, {
    key: key.acceptance(peering),
    step: "peer",
    detail: "accepted",
    outdated: (recorded) => recorded.id !== id,
    find: async () => {
      const row = await ctx.live.find("peering", key.peering(peering), id);
      const code = row?.Status?.Code ?? "";
      return code === "active" || code === "provisioning" ? { id, ready: code === "active" } : undefined;
    },
    create: async () => {
      // Right after the request the peering is still `initiating-request`, and cannot be accepted.
      const standing = await reach("pending-acceptance", "provisioning", "active");
      // Somebody else has accepted it.
      if (standing !== "pending-acceptance") return { id, ready: standing === "active" };
      const { VpcPeeringConnection } = await ctx.aws.ec2(
        new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id }),
        { uncertain: "throw", fresh: true },
      );
      return { id, ready: VpcPeeringConnection?.Status?.Code === "active" };
    },
    ready: async () => {
      await reach("active");
    },
  });
}

function peeringPoller({ aws, clock, signal }: Context): Poller<VpcPeeringConnection> {
  return poller({
    clock,
    signal,
    // Its states take a second or two each. In `up` the boot takes longer, so a look less counts for more than haste.
    rhythm: { first: 1000, usual: 1800, gap: 250, longest: 5000 },
    describe: async (VpcPeeringConnectionIds) => {
      const answer = await aws.ec2(new DescribeVpcPeeringConnectionsCommand({ VpcPeeringConnectionIds }), {
        fresh: true,
      });
      return new Map(answer.VpcPeeringConnections?.map((row) => [row.VpcPeeringConnectionId!, row]));
    },
  });
}
