import { CreateSubnetCommand, DeleteSubnetCommand } from "@aws-sdk/client-ec2";
import { tagSpecifications } from "../aws/tags.ts";
import type { Context } from "../context.ts";
import type { VpcSpec } from "../topology.ts";
import { ensure } from "./ensure.ts";
import { findTagged } from "./find.ts";
import { key } from "./keys.ts";
import type { Removal } from "./removal.ts";

/** @param full zones that have no room for the instance */
export async function makeSubnet(ctx: Context, { name, subnetCidr }: VpcSpec, full: readonly string[] = []) {
  const subnetKey = key.subnet(name);
  // A new subnet needs the answer, and it can come while the VPC is made. Where there is none, `create` says so.
  if (!ctx.look && !ctx.store.get(subnetKey)) ctx.offer(undefined, full).catch(() => {});
  const vpc = await ctx.board.need(key.vpc(name));
  await ensure(ctx, {
    key: subnetKey,
    step: "create-vpcs",
    detail: subnetCidr,
    find: async (id) => {
      const found = await findTagged(ctx, "subnet", subnetKey, id, ({ AvailabilityZone }) => ({
        attributes: { zone: AvailabilityZone! },
      }));
      // One in a zone without room was deleted a moment ago, and may still be shown.
      return full.includes(found?.attributes?.zone ?? "") ? undefined : found;
    },
    create: async () => {
      // Not every zone offers every type: the subnet goes where the instance can.
      const { zone } = await ctx.offer(undefined, full);
      const { Subnet } = await ctx.aws.ec2(
        new CreateSubnetCommand({
          VpcId: vpc.id,
          CidrBlock: subnetCidr,
          AvailabilityZone: zone,
          TagSpecifications: tagSpecifications(ctx.stack, subnetKey, "subnet"),
        }),
        { uncertain: "throw", fresh: true },
      );
      return { id: Subnet!.SubnetId!, attributes: { zone: Subnet!.AvailabilityZone ?? zone } };
    },
  });
}

export function removeSubnet(removal: Removal, name: string) {
  const command = (SubnetId: string) => new DeleteSubnetCommand({ SubnetId });
  return removal.remove(key.subnet(name), command, [key.instance(name)]);
}
