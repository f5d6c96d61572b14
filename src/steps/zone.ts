import { DeleteSubnetCommand } from "@aws-sdk/client-ec2";
import { isNotFound, isOutOfCapacity } from "../aws/codes.ts";
import type { Context } from "../context.ts";
import { describeCause, UserError } from "../errors.ts";
import type { ResourceRecord } from "../state/schema.ts";
import type { VpcSpec } from "../topology.ts";
import { key } from "./keys.ts";
import { associateRouteTable } from "./route-table.ts";
import { makeSubnet } from "./subnet.ts";

/**
 * Launches into the VPC's subnet and, where its zone has no room, into one with the same block in another zone, until
 * there is none left to try. A subnet cannot move: the old one, with nothing in it yet, is deleted.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html#troubleshooting-launch-capacity
 */
export async function withRoom<Row>(
  ctx: Context,
  spec: VpcSpec,
  first: ResourceRecord,
  launchInto: (subnet: ResourceRecord) => Promise<Row>,
): Promise<Row> {
  const full: string[] = [];
  for (let subnet = first; ; ) {
    try {
      return await launchInto(subnet);
    } catch (error) {
      const { zone } = subnet.attributes;
      if (!isOutOfCapacity(error) || zone === undefined) throw error;
      full.push(zone);
      const other = await ctx.offer(undefined, full).catch((none) => {
        if (!(none instanceof UserError)) throw none;
        throw new UserError(`${none.message}: ${describeCause(error)}`, none.remedy, { cause: error });
      });
      ctx.ui.say(`no room in ${zone} for the instance in ${spec.name}: trying ${other.zone}`);
      subnet = await moveSubnet(ctx, spec, subnet.id, full);
    }
  }
}

async function moveSubnet(ctx: Context, spec: VpcSpec, SubnetId: string, full: readonly string[]) {
  const subnetKey = key.subnet(spec.name);
  // The run that makes both may still be at the association, which goes with the subnet.
  await ctx.board.need(key.association(spec.name));
  await ctx.aws.ec2(new DeleteSubnetCommand({ SubnetId })).catch((error) => {
    if (!isNotFound(error)) throw error;
  });
  await Promise.all([ctx.store.forget(subnetKey), ctx.store.forget(key.association(spec.name))]);
  ctx.ui.event({ what: "removed", key: subnetKey, id: SubnetId });
  await makeSubnet(ctx, spec, full);
  await associateRouteTable(ctx, spec);
  return ctx.board.need(subnetKey);
}
