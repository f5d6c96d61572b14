import type { CreateRouteRequest, Route, RouteTable } from "@aws-sdk/client-ec2";
import type { Call } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { invalidValue } from "./parameters.ts";
import { stateOf } from "./peering-states.ts";

/** The part of a Route that says where packets go. */
export type RouteTarget = Pick<
  Route,
  "GatewayId" | "VpcPeeringConnectionId" | "NetworkInterfaceId" | "InstanceId" | "InstanceOwnerId"
>;

type TargetInput = Omit<CreateRouteRequest, "RouteTableId" | "DryRun"> & { LocalTarget?: boolean };

/** Kinds of target that AWS has and the lab has none of: every id of theirs is unknown here. */
const absent: Readonly<Record<string, { notFound: string; noun: string }>> = {
  NatGatewayId: { notFound: "InvalidNatGatewayID.NotFound", noun: "natGateway ID" },
  TransitGatewayId: { notFound: "InvalidTransitGatewayID.NotFound", noun: "transitGateway ID" },
  EgressOnlyInternetGatewayId: { notFound: "InvalidGatewayID.NotFound", noun: "gateway ID" },
  VpcEndpointId: { notFound: "InvalidVpcEndpointId.NotFound", noun: "Vpc Endpoint ID" },
  LocalGatewayId: { notFound: "InvalidLocalGatewayID.NotFound", noun: "localGateway ID" },
  CarrierGatewayId: { notFound: "InvalidCarrierGatewayID.NotFound", noun: "carrierGateway ID" },
  CoreNetworkArn: { notFound: "InvalidCoreNetworkArn.NotFound", noun: "core network ARN" },
  OdbNetworkArn: { notFound: "InvalidOdbNetworkArn.NotFound", noun: "ODB network ARN" },
};

const targetNames = [
  "GatewayId",
  "InstanceId",
  "NetworkInterfaceId",
  "VpcPeeringConnectionId",
  "LocalTarget",
  ...Object.keys(absent),
] as const;

/** The one target that the request names, checked as CreateRoute and ReplaceRoute do. */
export function routeTarget(call: Call, table: RouteTable, input: TargetInput): RouteTarget {
  const given = targetNames.filter((name) => input[name as keyof TargetInput]);
  const [name] = given;
  if (!name) {
    const message =
      "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, vpcPeeringConnectionId or instanceId";
    throw new Ec2Error("MissingParameter", message);
  }
  if (given.length > 1) {
    throw new Ec2Error(
      "InvalidParameterCombination",
      `The parameters ${given.map(lowerFirst).join(" and ")} cannot be used together`,
    );
  }
  if (input.GatewayId !== undefined) return gateway(call, table, input.GatewayId);
  if (input.VpcPeeringConnectionId !== undefined) return peering(call, table, input.VpcPeeringConnectionId);
  if (input.NetworkInterfaceId !== undefined) return networkInterface(call, table, input.NetworkInterfaceId);
  if (input.InstanceId !== undefined) return instance(call, table, input.InstanceId);
  if (input.LocalTarget) return { GatewayId: "local" };
  const { notFound, noun } = absent[name]!;
  throw new Ec2Error(notFound, `The ${noun} '${input[name as keyof TargetInput]}' does not exist`);
}

function gateway(call: Call, table: RouteTable, id: string): RouteTarget {
  if (id === "local") return { GatewayId: "local" };
  const found = call.tables.internetGateways.get(id);
  if (!found) throw new Ec2Error("InvalidGatewayID.NotFound", `The gateway ID '${id}' does not exist`);
  const isHere = found.Attachments?.some((each) => each.VpcId === table.VpcId);
  if (!isHere) throw otherNetwork(table, `network gateway ${id}`);
  return { GatewayId: id };
}

/** A route over a peering that is not accepted yet may be made; it is a blackhole until then. */
function peering(call: Call, table: RouteTable, id: string): RouteTarget {
  const found = find(call, "peering", id);
  const sides = [found.RequesterVpcInfo?.VpcId, found.AccepterVpcInfo?.VpcId];
  if (!sides.includes(table.VpcId)) throw otherNetwork(table, `vpc peering connection ${id}`);
  const state = stateOf(found);
  if (!["initiating-request", "pending-acceptance", "provisioning", "active"].includes(state)) {
    throw new Ec2Error(
      "InvalidStateTransition",
      `The vpcPeeringConnection ID '${id}' is in the state '${state}' and cannot be the target of a route`,
    );
  }
  return { VpcPeeringConnectionId: id };
}

function networkInterface(call: Call, table: RouteTable, id: string): RouteTarget {
  const found = find(call, "networkInterface", id);
  if (found.VpcId !== table.VpcId) throw otherNetwork(table, `interface ${id}`);
  const { InstanceId, InstanceOwnerId } = found.Attachment ?? {};
  return { NetworkInterfaceId: id, ...(InstanceId && { InstanceId, InstanceOwnerId }) };
}

function instance(call: Call, table: RouteTable, id: string): RouteTarget {
  const interfaces = find(call, "instance", id).instance.NetworkInterfaces ?? [];
  const [first, second] = interfaces;
  if (!first || second) {
    throw invalidValue(id, "instanceId", "The instance must have exactly one network interface.");
  }
  return networkInterface(call, table, first.NetworkInterfaceId!);
}

function otherNetwork(table: RouteTable, other: string): Ec2Error {
  return new Ec2Error(
    "InvalidParameterValue",
    `route table ${table.RouteTableId} and ${other} belong to different networks`,
  );
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
