import {
  CreateRouteTable$,
  type CreateRouteTableRequest,
  DeleteRouteTable$,
  type DeleteRouteTableRequest,
  DescribeRouteTables$,
  type DescribeRouteTablesRequest,
  type Route,
  type RouteTable,
  type RouteTableAssociation,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes, reads } from "../action.ts";
import { type FilterFields, select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { quota } from "../quotas.ts";
import { withRouteStates } from "../route-state.ts";
import { putTags, specifiedTags, tagList } from "../tags.ts";
import { lag } from "../transition.ts";
import { once } from "./client-token.ts";
import { newRouteTable } from "./new-vpc.ts";
import { dependencyViolation } from "./parameters.ts";
import { routeTableAssociationActions } from "./route-table-associations.ts";
import { routeActions } from "./routes.ts";

const association = (value: (each: RouteTableAssociation) => string | undefined) => (table: RouteTable) =>
  table.Associations?.map(value);
const route = (value: (each: Route) => string | undefined) => (table: RouteTable) => table.Routes?.map(value);

const filters: FilterFields<RouteTable> = {
  "association.gateway-id": association((each) => each.GatewayId),
  "association.main": association((each) => String(each.Main)),
  "association.route-table-association-id": association((each) => each.RouteTableAssociationId),
  "association.route-table-id": association((each) => each.RouteTableId),
  "association.subnet-id": association((each) => each.SubnetId),
  "owner-id": (table) => table.OwnerId,
  "route-table-id": (table) => table.RouteTableId,
  "route.destination-cidr-block": route((each) => each.DestinationCidrBlock),
  "route.destination-ipv6-cidr-block": route((each) => each.DestinationIpv6CidrBlock),
  "route.destination-prefix-list-id": route((each) => each.DestinationPrefixListId),
  "route.egress-only-internet-gateway-id": route((each) => each.EgressOnlyInternetGatewayId),
  "route.gateway-id": route((each) => each.GatewayId),
  "route.instance-id": route((each) => each.InstanceId),
  "route.nat-gateway-id": route((each) => each.NatGatewayId),
  "route.origin": route((each) => each.Origin),
  "route.state": route((each) => each.State),
  "route.transit-gateway-id": route((each) => each.TransitGatewayId),
  "route.vpc-peering-connection-id": route((each) => each.VpcPeeringConnectionId),
  "vpc-id": (table) => table.VpcId,
};

/** https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html */
export const routeTableActions: Actions = {
  ...routeTableAssociationActions,
  ...routeActions,

  CreateRouteTable: changes(CreateRouteTable$, (input: CreateRouteTableRequest, call) => {
    const { tables, world } = call;
    const vpc = find(call, "vpc", input.VpcId);
    const tags = specifiedTags(input.TagSpecifications, "routeTable");
    const id = once(call, "CreateRouteTable", input, () => {
      const siblings = [...tables.routeTables.values()].filter((each) => each.VpcId === vpc.VpcId);
      if (siblings.length >= quota(world, "routeTablesPerVpc")) {
        throw new Ec2Error("RouteTableLimitExceeded", "The maximum number of route tables has been reached.");
      }
      const made = newRouteTable(call, vpc).RouteTableId!;
      putTags(call, made, tags);
      lag(call, made);
      return made;
    });
    const table = tables.routeTables.get(id);
    return { RouteTable: table && shown(call, table), ClientToken: input.ClientToken };
  }),

  DescribeRouteTables: reads(DescribeRouteTables$, (input: DescribeRouteTablesRequest, call) => {
    const { world, tables } = call;
    const { rows, nextToken } = select(
      call,
      "routeTable",
      new Map([...tables.routeTables].map(([id, table]) => [id, withRouteStates(world, table)])),
      {
        ids: input.RouteTableIds,
        filters: input.Filters,
        maxResults: input.MaxResults,
        nextToken: input.NextToken,
      },
      filters,
    );
    return { RouteTables: rows.map(([, table]) => shown(call, table)), NextToken: nextToken };
  }),

  DeleteRouteTable: changes(DeleteRouteTable$, (input: DeleteRouteTableRequest, call) => {
    const table = find(call, "routeTable", input.RouteTableId);
    const id = table.RouteTableId!;
    if (table.Associations?.length) throw dependencyViolation("routeTable", id);
    call.tables.routeTables.delete(id);
    call.tables.tags.delete(id);
  }),
};

function shown(call: Call, table: RouteTable): RouteTable {
  return { ...withRouteStates(call.world, table), Tags: tagList(call, table.RouteTableId!) };
}
