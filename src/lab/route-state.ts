import type { Route, RouteTable } from "@aws-sdk/client-ec2";
import type { Tables, World } from "./world.ts";

/**
 * A route is a blackhole while its target cannot take packets: a gateway that is not attached to the table's VPC, a
 * peering that is not active, an interface that no running instance has, or a target that is gone.
 * https://docs.aws.amazon.com/vpc/latest/APIReference/API_Route.html
 */
function routeState(world: World, table: RouteTable, route: Route): "active" | "blackhole" {
  return reachesTarget(world, table, route) ? "active" : "blackhole";
}

/** The table with its routes' states as of now; rows of `Tables.routeTables` have none. Without Tags. */
export function withRouteStates(world: World, table: RouteTable): RouteTable {
  const Routes = table.Routes?.map((route) => ({ ...route, State: routeState(world, table, route) }));
  return { ...table, Routes };
}

function reachesTarget(world: World, table: RouteTable, route: Route): boolean {
  const { GatewayId, VpcPeeringConnectionId, NetworkInterfaceId } = route;
  if (GatewayId === "local") return true;
  if (VpcPeeringConnectionId) {
    return world.peerings.get(VpcPeeringConnectionId)?.Status?.Code === "active";
  }
  const tables = tablesHolding(world, table);
  if (GatewayId) {
    const gateway = tables?.internetGateways.get(GatewayId);
    return gateway?.Attachments?.some((each) => each.VpcId === table.VpcId) ?? false;
  }
  const { Attachment } = tables?.networkInterfaces.get(NetworkInterfaceId ?? "") ?? {};
  const instance = tables?.instances.get(Attachment?.InstanceId ?? "");
  return instance?.instance.State?.Name === "running";
}

/** The tables that a route table is in: its targets, other than peerings, are in the same account and Region. */
function tablesHolding(world: World, { RouteTableId }: RouteTable): Tables | undefined {
  for (const tables of world.tables.values()) if (tables.routeTables.has(RouteTableId!)) return tables;
  return undefined;
}
