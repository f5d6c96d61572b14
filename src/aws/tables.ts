import {
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcPeeringConnectionsCommand,
  DescribeVpcsCommand,
  GetManagedPrefixListEntriesCommand,
  type IpPermission,
  type RouteTable,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import { allPages } from "./pages.ts";

/** What Describe answers for some VPCs, in EC2's own rows. */
export type Ec2Rows = Awaited<ReturnType<typeof tablesOf>>;

/**
 * The tables of these VPCs as they are on AWS now: all that can decide about a packet between them. Ten calls, all at once
 * (and one for each further page); one more for each prefix list that a rule or a route names.
 */
export async function tablesOf(aws: Aws, vpcIds: readonly string[]) {
  const Filters = [{ Name: "vpc-id", Values: [...vpcIds] }];
  const [
    vpcs,
    subnets,
    routeTables,
    internetGateways,
    vpcPeeringConnections,
    securityGroups,
    networkAcls,
    networkInterfaces,
    instances,
  ] = await Promise.all([
    allPages(
      (NextToken) => aws.ec2(new DescribeVpcsCommand({ Filters, NextToken })),
      (page) => page.Vpcs,
    ),
    allPages(
      (NextToken) => aws.ec2(new DescribeSubnetsCommand({ Filters, NextToken })),
      (page) => page.Subnets,
    ),
    allPages(
      (NextToken) => aws.ec2(new DescribeRouteTablesCommand({ Filters, NextToken })),
      (page) => page.RouteTables,
    ),
    // Without a filter: one that was detached is in no VPC, and an account has few.
    allPages(
      (NextToken) => aws.ec2(new DescribeInternetGatewaysCommand({ NextToken })),
      (page) => page.InternetGateways,
    ),
    peeringsOf(aws, vpcIds),
    allPages(
      (NextToken) => aws.ec2(new DescribeSecurityGroupsCommand({ Filters, NextToken })),
      (page) => page.SecurityGroups,
    ),
    allPages(
      (NextToken) => aws.ec2(new DescribeNetworkAclsCommand({ Filters, NextToken })),
      (page) => page.NetworkAcls,
    ),
    allPages(
      (NextToken) => aws.ec2(new DescribeNetworkInterfacesCommand({ Filters, NextToken })),
      (page) => page.NetworkInterfaces,
    ),
    allPages(
      (NextToken) => aws.ec2(new DescribeInstancesCommand({ Filters, NextToken })),
      (page) => page.Reservations?.flatMap((each) => each.Instances ?? []),
    ),
  ]);
  const prefixLists = await entriesOf(aws, prefixListsIn(securityGroups, routeTables));
  return {
    vpcs,
    subnets,
    routeTables,
    internetGateways,
    vpcPeeringConnections,
    securityGroups,
    networkAcls,
    networkInterfaces,
    instances,
    prefixLists,
  };
}

/** By either side: filters are joined by "and", so each side takes a question. */
async function peeringsOf(aws: Aws, vpcIds: readonly string[]) {
  const sides = ["requester-vpc-info.vpc-id", "accepter-vpc-info.vpc-id"];
  const found = await Promise.all(
    sides.map((Name) =>
      allPages(
        (NextToken) =>
          aws.ec2(
            new DescribeVpcPeeringConnectionsCommand({ Filters: [{ Name, Values: [...vpcIds] }], NextToken }),
          ),
        (page) => page.VpcPeeringConnections,
      ),
    ),
  );
  return [...new Map(found.flat().map((row) => [row.VpcPeeringConnectionId, row])).values()];
}

/** The lists that decide about packets: those that rules and routes name. */
function prefixListsIn(groups: readonly SecurityGroup[], tables: readonly RouteTable[]): string[] {
  const named = (rules: readonly IpPermission[] = []) =>
    rules.flatMap(({ PrefixListIds }) => PrefixListIds ?? []);
  const ids = [
    ...groups.flatMap((group) => [...named(group.IpPermissions), ...named(group.IpPermissionsEgress)]),
  ].map(({ PrefixListId }) => PrefixListId);
  const routed = tables.flatMap(({ Routes }) => Routes ?? []).map((route) => route.DestinationPrefixListId);
  return [...new Set([...ids, ...routed])].filter((id) => id !== undefined);
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html */
function entriesOf(aws: Aws, ids: readonly string[]) {
  return Promise.all(
    ids.map(async (PrefixListId) => ({
      PrefixListId,
      Entries: await allPages(
        (NextToken) => aws.ec2(new GetManagedPrefixListEntriesCommand({ PrefixListId, NextToken })),
        (page) => page.Entries,
      ),
    })),
  );
}
