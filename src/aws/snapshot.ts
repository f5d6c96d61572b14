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
} from "@aws-sdk/client-ec2";
import { fromEc2 } from "../net/from-ec2.ts";
import type { Snapshot } from "../net/types.ts";
import type { Aws } from "./aws.ts";
import { allPages } from "./pages.ts";

/**
 * The tables of these VPCs as they are on AWS now, for the reachability model: all that can decide about a packet between
 * them. Ten calls (and one for each further page), all at once.
 */
export async function snapshotOf(
  aws: Aws,
  place: { account: string; region: string },
  vpcIds: readonly string[],
): Promise<Snapshot> {
  const Filters = [{ Name: "vpc-id", Values: [...vpcIds] }];
  const attached = [{ Name: "attachment.vpc-id", Values: [...vpcIds] }];
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
    allPages(
      (NextToken) => aws.ec2(new DescribeInternetGatewaysCommand({ Filters: attached, NextToken })),
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
  return fromEc2({
    ...place,
    vpcs,
    subnets,
    routeTables,
    internetGateways,
    vpcPeeringConnections,
    securityGroups,
    networkAcls,
    networkInterfaces,
    instances,
  });
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
