import {
  CreateRoute$,
  type CreateRouteRequest,
  DeleteRoute$,
  type DeleteRouteRequest,
  ReplaceRoute$,
  type ReplaceRouteRequest,
  type Route,
  type RouteTable,
} from "@aws-sdk/client-ec2";
import { cidr, contains, parseCidr } from "../../net/cidr.ts";
import { type Actions, type Call, changes } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { quota } from "../quotas.ts";
import { invalidValue } from "./parameters.ts";
import { type RouteTarget, routeTarget } from "./route-target.ts";

type Destination = Pick<
  CreateRouteRequest,
  "DestinationCidrBlock" | "DestinationIpv6CidrBlock" | "DestinationPrefixListId"
>;

/** https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html */
export const routeActions: Actions = {
  CreateRoute: changes(CreateRoute$, (input: CreateRouteRequest, call) => {
    const table = find(call, "routeTable", input.RouteTableId);
    const destination = destinationOf(input);
    const target = routeTarget(call, table, input);
    refuseWithinVpc(call, table, destination, target);
    if (routeTo(table, destination)) {
      throw new Ec2Error(
        "RouteAlreadyExists",
        `The route identified by ${textOf(destination)} already exists.`,
      );
    }
    if ((table.Routes?.length ?? 0) >= quota(call.world, "routesPerTable")) {
      throw new Ec2Error("RouteLimitExceeded", "The maximum number of routes has been reached.");
    }
    const route: Route = { ...destination, ...target, Origin: "CreateRoute" };
    table.Routes = [...(table.Routes ?? []), route];
    return { Return: true };
  }),

  ReplaceRoute: changes(ReplaceRoute$, (input: ReplaceRouteRequest, call) => {
    const table = find(call, "routeTable", input.RouteTableId);
    const destination = destinationOf(input);
    const present = routeTo(table, destination);
    if (!present) {
      throw new Ec2Error(
        "InvalidParameterValue",
        `There is no route defined for '${textOf(destination)}' in the route table. Use CreateRoute instead.`,
      );
    }
    const target = routeTarget(call, table, input);
    refuseWithinVpc(call, table, destination, target);
    const route: Route = { ...destination, ...target, Origin: present.Origin };
    table.Routes = table.Routes?.map((each) => (each === present ? route : each));
  }),

  DeleteRoute: changes(DeleteRoute$, (input: DeleteRouteRequest, call) => {
    const table = find(call, "routeTable", input.RouteTableId);
    const destination = destinationOf(input);
    const present = routeTo(table, destination);
    if (!present) {
      throw new Ec2Error(
        "InvalidRoute.NotFound",
        `no route with destination-cidr-block ${textOf(destination)} in route table ${table.RouteTableId}`,
      );
    }
    if (present.Origin === "CreateRouteTable") {
      throw new Ec2Error(
        "InvalidParameterValue",
        `cannot remove local route ${textOf(destination)} in route table ${table.RouteTableId}`,
      );
    }
    table.Routes = table.Routes?.filter((each) => each !== present);
  }),
};

/** The one destination that the request names, host bits cleared. */
function destinationOf(input: Destination): Destination {
  const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = input;
  const given = [DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId];
  if (given.filter((each) => each !== undefined).length !== 1) {
    throw new Ec2Error(
      "MissingParameter",
      "The request must contain exactly one of destinationCidrBlock, destinationIpv6CidrBlock or destinationPrefixListId",
    );
  }
  if (DestinationPrefixListId !== undefined) {
    throw new Ec2Error(
      "InvalidPrefixListID.NotFound",
      `The prefix list ID '${DestinationPrefixListId}' does not exist`,
    );
  }
  const family = DestinationCidrBlock === undefined ? 6 : 4;
  const block = parseCidr(DestinationCidrBlock ?? DestinationIpv6CidrBlock!);
  if (block?.family !== family) {
    const parameter = family === 4 ? "destinationCidrBlock" : "destinationIpv6CidrBlock";
    throw invalidValue(
      DestinationCidrBlock ?? DestinationIpv6CidrBlock,
      parameter,
      "This is not a valid CIDR block.",
    );
  }
  return family === 4 ? { DestinationCidrBlock: block.text } : { DestinationIpv6CidrBlock: block.text };
}

function textOf({ DestinationCidrBlock, DestinationIpv6CidrBlock }: Destination): string {
  return DestinationCidrBlock ?? DestinationIpv6CidrBlock ?? "";
}

function routeTo(table: RouteTable, destination: Destination): Route | undefined {
  return table.Routes?.find((each) => textOf(each) === textOf(destination));
}

/** Within the VPC the local route rules: only an interface may stand in its way, and only for a whole subnet. */
function refuseWithinVpc(call: Call, table: RouteTable, destination: Destination, target: RouteTarget): void {
  const { DestinationCidrBlock } = destination;
  if (DestinationCidrBlock === undefined) return;
  const wanted = cidr(DestinationCidrBlock);
  const vpc = call.tables.vpcs.get(table.VpcId!);
  const isWithin = vpc?.CidrBlockAssociationSet?.some((each) => contains(cidr(each.CidrBlock!), wanted));
  const isLocal = target.GatewayId === "local";
  if (!isWithin && isLocal) {
    throw invalidValue(
      DestinationCidrBlock,
      "destinationCidrBlock",
      "A local target needs a block of the VPC.",
    );
  }
  if (!isWithin || isLocal) return;
  if (target.NetworkInterfaceId === undefined) {
    throw new Ec2Error(
      "InvalidParameterValue",
      `The destination CIDR block ${DestinationCidrBlock} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.`,
    );
  }
  const isVpcBlock = vpc?.CidrBlockAssociationSet?.some((each) => each.CidrBlock === wanted.text);
  const isSubnet = [...call.tables.subnets.values()].some(
    (each) => each.VpcId === table.VpcId && each.CidrBlock === wanted.text,
  );
  if (!isVpcBlock && !isSubnet) {
    throw new Ec2Error(
      "InvalidParameterValue",
      `The destination CIDR block ${DestinationCidrBlock} does not match a subnet of this VPC.`,
    );
  }
}
