import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteInternetGatewayCommand,
  DeleteRouteTableCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeRouteTablesCommand,
  DetachInternetGatewayCommand,
  DisassociateRouteTableCommand,
} from "@aws-sdk/client-ec2";
import { codeOf } from "../aws/codes.ts";
import { tagSpecifications } from "../aws/tags.ts";
import { clientToken } from "../aws/token.ts";
import type { Context } from "../context.ts";
import type { VpcSpec } from "../topology.ts";
import { ensure, findTagged } from "./ensure.ts";
import { key } from "./keys.ts";
import type { Removal } from "./removal.ts";
import { ensureRoute } from "./routes.ts";
import type { Step } from "./step.ts";
import { together } from "./together.ts";

/**
 * The VPCs themselves, each with a public subnet: a subnet whose route table leads to an internet gateway.
 * https://docs.aws.amazon.com/vpc/latest/userguide/configure-your-vpc.html
 */
export const createVpcs: Step = {
  name: "create-vpcs",
  summary: "Make the VPCs, each with a public subnet, an internet gateway and a route table",
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

function makeGateway(ctx: Context, { name }: VpcSpec) {
  const gatewayKey = key.internetGateway(name);
  return ensure(ctx, {
    key: gatewayKey,
    step: "create-vpcs",
    find: (id) => findTagged(ctx, "internet-gateway", gatewayKey, id),
    create: async () => {
      const { InternetGateway } = await ctx.aws.ec2(
        new CreateInternetGatewayCommand({
          TagSpecifications: tagSpecifications(ctx.stack, gatewayKey, "internet-gateway"),
        }),
        { uncertain: "throw" },
      );
      return { id: InternetGateway!.InternetGatewayId! };
    },
  });
}

async function attachGateway(ctx: Context, { name }: VpcSpec) {
  const [vpc, gateway] = await Promise.all([
    ctx.board.need(key.vpc(name)),
    ctx.board.need(key.internetGateway(name)),
  ]);
  await ensure(ctx, {
    key: key.attachment(name),
    step: "create-vpcs",
    detail: `to ${vpc.id}`,
    find: async () => {
      const row = await ctx.live.find("internet-gateway", key.internetGateway(name), gateway.id);
      const attached = row?.Attachments?.some(({ VpcId }) => VpcId === vpc.id);
      return attached ? { id: gateway.id } : undefined;
    },
    create: async () => {
      await ctx.aws.ec2(
        new AttachInternetGatewayCommand({ InternetGatewayId: gateway.id, VpcId: vpc.id }),
        // Throws where the answer was lost: `find` then sees whether it was attached.
        { uncertain: "throw", fresh: true },
      );
      return { id: gateway.id };
    },
  });
}

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
    find: (id) =>
      findTagged(ctx, "subnet", subnetKey, id, ({ AvailabilityZone }) => ({
        attributes: { zone: AvailabilityZone! },
      })),
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

async function makeRouteTable(ctx: Context, { name }: VpcSpec) {
  const tableKey = key.routeTable(name);
  const vpc = await ctx.board.need(key.vpc(name));
  await ensure(ctx, {
    key: tableKey,
    step: "create-vpcs",
    find: (id) => findTagged(ctx, "route-table", tableKey, id),
    create: async (generation) => {
      const { RouteTable } = await ctx.aws.ec2(
        new CreateRouteTableCommand({
          VpcId: vpc.id,
          ClientToken: clientToken(ctx.stack.uuid, tableKey, generation),
          TagSpecifications: tagSpecifications(ctx.stack, tableKey, "route-table"),
        }),
        { fresh: true },
      );
      return { id: RouteTable!.RouteTableId! };
    },
  });
}

export async function associateRouteTable(ctx: Context, { name }: VpcSpec) {
  const [subnet, table] = await Promise.all([
    ctx.board.need(key.subnet(name)),
    ctx.board.need(key.routeTable(name)),
  ]);
  await ensure(ctx, {
    key: key.association(name),
    step: "create-vpcs",
    detail: `${table.id} with ${subnet.id}`,
    find: async () => {
      const row = await ctx.live.find("route-table", key.routeTable(name), table.id);
      const association = row?.Associations?.find(({ SubnetId }) => SubnetId === subnet.id);
      return association && { id: association.RouteTableAssociationId! };
    },
    create: async () => {
      // Repeating it is safe: AWS answers with the same association.
      const { AssociationId } = await ctx.aws.ec2(
        new AssociateRouteTableCommand({ RouteTableId: table.id, SubnetId: subnet.id }),
        { fresh: true },
      );
      return { id: AssociationId! };
    },
  });
}

async function routeToInternet(ctx: Context, { name }: VpcSpec) {
  const [table, gateway] = await Promise.all([
    ctx.board.need(key.routeTable(name)),
    ctx.board.need(key.internetGateway(name)),
    ctx.board.need(key.attachment(name)),
  ]);
  await ensureRoute(ctx, {
    key: key.internetRoute(name),
    step: "create-vpcs",
    table: { key: key.routeTable(name), id: table.id },
    destination: "0.0.0.0/0",
    target: { GatewayId: gateway.id },
  });
}

async function removeSubnet(removal: Removal, name: string) {
  await removal.gone(key.instance(name));
  await removal.remove(key.subnet(name), (SubnetId) => new DeleteSubnetCommand({ SubnetId }));
}

async function removeGateway(removal: Removal, name: string) {
  // A gateway cannot be detached while the VPC has mapped public addresses.
  await removal.gone(key.address(name));
  await removal.removeBy(key.internetGateway(name), async (gateway, send) => {
    const row = (await removal.live.rows("internet-gateway")).find(
      ({ InternetGatewayId }) => InternetGatewayId === gateway,
    );
    for (const { VpcId } of row?.Attachments ?? []) {
      await send(new DetachInternetGatewayCommand({ InternetGatewayId: gateway, VpcId }));
    }
    await send(new DeleteInternetGatewayCommand({ InternetGatewayId: gateway }));
  });
}

async function removeRouteTable(removal: Removal, name: string) {
  // A table that is associated cannot be deleted; on AWS the association goes with the subnet.
  await removal.gone(key.subnet(name));
  await removal.removeBy(key.routeTable(name), async (RouteTableId, send) => {
    const command = new DeleteRouteTableCommand({ RouteTableId });
    try {
      await removal.aws.ec2(command);
    } catch (error) {
      if (codeOf(error) === "DependencyViolation") await disassociate(removal, RouteTableId);
      await send(command);
    }
  });
}

/** Other endpoints (moto, for one) keep an association whose subnet is gone. Those with others' subnets stay. */
async function disassociate({ aws, send, ids }: Removal, RouteTableId: string) {
  const { RouteTables } = await aws.ec2(new DescribeRouteTablesCommand({ RouteTableIds: [RouteTableId] }));
  const orphans = (RouteTables?.[0]?.Associations ?? []).filter(({ SubnetId }) =>
    ids("subnet").has(SubnetId ?? ""),
  );
  for (const { RouteTableAssociationId: AssociationId } of orphans) {
    await send(new DisassociateRouteTableCommand({ AssociationId }));
  }
}

async function removeVpc(removal: Removal, name: string) {
  await Promise.all([
    ...[key.subnet, key.internetGateway, key.routeTable, key.securityGroup, key.instance].map((each) =>
      removal.gone(each(name)),
    ),
    ...removal.peeringsOf(name).map((peering) => removal.gone(peering)),
  ]);
  await removal.remove(key.vpc(name), (VpcId) => new DeleteVpcCommand({ VpcId }));
}
