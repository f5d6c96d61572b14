import {
  AssociateRouteTableCommand,
  CreateRouteTableCommand,
  DeleteRouteTableCommand,
  DescribeRouteTablesCommand,
  DisassociateRouteTableCommand,
  ReplaceRouteTableAssociationCommand,
} from "@aws-sdk/client-ec2";
import { codeOf } from "../aws/codes.ts";
import { tagSpecifications } from "../aws/tags.ts";
import { clientToken } from "../aws/token.ts";
import type { Context } from "../context.ts";
import type { VpcSpec } from "../topology.ts";
import { ensure } from "./ensure.ts";
import { findTagged } from "./find.ts";
import { key } from "./keys.ts";
import type { Removal } from "./removal.ts";
import { ensureRoute } from "./routes.ts";
import type { Send } from "./send-delete.ts";

export async function makeRouteTable(ctx: Context, { name }: VpcSpec) {
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
    create: async () => ({ id: await associate(ctx, table.id, subnet.id) }),
  });
}

/** Resolves with the association's id. Where somebody gave the subnet another table, ours replaces it. */
async function associate({ aws }: Context, RouteTableId: string, SubnetId: string): Promise<string> {
  const command = new AssociateRouteTableCommand({ RouteTableId, SubnetId });
  try {
    return (await aws.ec2(command, { fresh: true })).AssociationId!;
  } catch (error) {
    if (codeOf(error) !== "Resource.AlreadyAssociated") throw error;
    const Filters = [{ Name: "association.subnet-id", Values: [SubnetId] }];
    const { RouteTables } = await aws.ec2(new DescribeRouteTablesCommand({ Filters }));
    const standing = RouteTables?.flatMap(({ Associations }) => Associations ?? []).find(
      (each) => each.SubnetId === SubnetId,
    );
    const AssociationId = standing?.RouteTableAssociationId;
    if (AssociationId === undefined) throw error;
    // An earlier try's, of which no answer came back.
    if (standing?.RouteTableId === RouteTableId) return AssociationId;
    const replace = new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId });
    return (await aws.ec2(replace)).NewAssociationId!;
  }
}

export async function routeToInternet(ctx: Context, { name }: VpcSpec) {
  const [table, gateway, attachment] = await Promise.all([
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
    madeUsable: attachment,
  });
}

export function removeRouteTable(removal: Removal, name: string) {
  // A table that is associated cannot be deleted; on AWS the association goes with the subnet.
  const after = [key.subnet(name)];
  const remove = async (RouteTableId: string, send: Send) => {
    const command = new DeleteRouteTableCommand({ RouteTableId });
    try {
      await removal.aws.ec2(command);
    } catch (error) {
      if (codeOf(error) === "DependencyViolation") await disassociate(removal, RouteTableId);
      await send(command);
    }
  };
  return removal.removeBy(key.routeTable(name), remove, after);
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
