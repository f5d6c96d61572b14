import { cidr } from "./cidr.ts";
import type { Ec2Route } from "./ec2-shapes.ts";
import type { Route } from "./types.ts";

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html */
export function routeFrom(row: Ec2Route): Route {
  const block = row.DestinationCidrBlock ?? row.DestinationIpv6CidrBlock;
  const destination = block === undefined ? row.DestinationPrefixListId : cidr(block).text;
  if (destination === undefined) throw new TypeError("EC2 answered a route without a destination");
  return {
    destination,
    target: targetOf(row),
    state: row.State === "blackhole" ? "blackhole" : "active",
    ...(row.Origin === "EnableVgwRoutePropagation" && { propagated: true }),
  };
}

/** A blackhole may have lost its target altogether: then there is no id to tell. */
function targetOf(row: Ec2Route): Route["target"] {
  const { GatewayId, VpcPeeringConnectionId, NetworkInterfaceId } = row;
  if (GatewayId === "local") return { kind: "local", id: "local" };
  if (GatewayId?.startsWith("igw-")) return { kind: "internet-gateway", id: GatewayId };
  if (VpcPeeringConnectionId) return { kind: "peering", id: VpcPeeringConnectionId };
  if (NetworkInterfaceId) return { kind: "interface", id: NetworkInterfaceId };
  const other =
    row.NatGatewayId ??
    row.TransitGatewayId ??
    row.EgressOnlyInternetGatewayId ??
    GatewayId ??
    row.LocalGatewayId ??
    row.CarrierGatewayId ??
    row.CoreNetworkArn ??
    row.InstanceId;
  return { kind: "other", id: other ?? "unknown" };
}
