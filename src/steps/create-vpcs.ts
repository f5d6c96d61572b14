import { CreateVpcCommand, DeleteVpcCommand } from "@aws-sdk/client-ec2";
import { tagSpecifications } from "../aws/tags.ts";
import type { Context } from "../context.ts";
import type { VpcSpec } from "../topology.ts";
import { ensure } from "./ensure.ts";
import { findTagged } from "./find.ts";
import { attachGateway, makeGateway, removeGateway } from "./internet-gateway.ts";
import { key } from "./keys.ts";
import type { Removal } from "./removal.ts";
import { associateRouteTable, makeRouteTable, removeRouteTable, routeToInternet } from "./route-table.ts";
import type { Step } from "./step.ts";
import { makeSubnet, removeSubnet } from "./subnet.ts";
import { together } from "./together.ts";

/**
 * The VPCs themselves, each with a public subnet: a subnet whose route table leads to an internet gateway.
 * https://docs.aws.amazon.com/vpc/latest/userguide/configure-your-vpc.html
 */
export const createVpcs: Step = {
  name: "create-vpcs",
  needs: [],
  makes: ["vpc", "subnet", "internet-gateway", "attachment", "route-table", "association", "internet-route"],
  apply: (ctx) => together(ctx, ...ctx.topology.vpcs.flatMap((vpc) => publicVpc(ctx, vpc))),
  undo: (removal) =>
    together(
      removal,
      ...removal.owned("subnet").map((subnet) => removeSubnet(removal, subnet.name)),
      ...removal.owned("internet-gateway").map((gateway) => removeGateway(removal, gateway.name)),
      ...removal.owned("route-table").map((table) => removeRouteTable(removal, table.name)),
      ...removal.owned("vpc").map((vpc) => removeVpc(removal, vpc.name)),
    ),
};

function publicVpc(ctx: Context, spec: VpcSpec): Promise<unknown>[] {
  return [
    makeVpc(ctx, spec),
    makeGateway(ctx, spec),
    attachGateway(ctx, spec),
    makeSubnet(ctx, spec),
    makeRouteTable(ctx, spec),
    associateRouteTable(ctx, spec),
    routeToInternet(ctx, spec),
  ];
}

function makeVpc(ctx: Context, { name, cidr }: VpcSpec) {
  const vpcKey = key.vpc(name);
  return ensure(ctx, {
    key: vpcKey,
    step: "create-vpcs",
    detail: cidr,
    find: (id) => findTagged(ctx, "vpc", vpcKey, id),
    create: async () => {
      const { Vpc } = await ctx.aws.ec2(
        new CreateVpcCommand({
          CidrBlock: cidr,
          TagSpecifications: tagSpecifications(ctx.stack, vpcKey, "vpc"),
        }),
        { uncertain: "throw" },
      );
      return { id: Vpc!.VpcId! };
    },
  });
}

function removeVpc(removal: Removal, name: string) {
  const inIt = [key.subnet, key.internetGateway, key.routeTable, key.securityGroup, key.instance];
  const after = [...inIt.map((each) => each(name)), ...removal.peeringsOf(name)];
  return removal.remove(key.vpc(name), (VpcId) => new DeleteVpcCommand({ VpcId }), after);
}
