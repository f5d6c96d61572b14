import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcPeeringConnectionsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";

/**
 * How many of each kind there are in a Region, whoever made them: an audit that peerctl has no part in. What is over but
 * still shown does not count.
 */
export async function census(endpoint: string, region: string): Promise<Record<string, number>> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const ec2 = new EC2Client({ endpoint, region, credentials });
  try {
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    const { InternetGateways } = await ec2.send(new DescribeInternetGatewaysCommand({}));
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({}));
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({}));
    const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
    const { Addresses } = await ec2.send(new DescribeAddressesCommand({}));
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
    const { VpcPeeringConnections } = await ec2.send(new DescribeVpcPeeringConnectionsCommand({}));
    const instances = (Reservations ?? []).flatMap((each) => each.Instances ?? []);
    const kinds = {
      Vpcs,
      Subnets,
      InternetGateways,
      RouteTables,
      SecurityGroups,
      NetworkInterfaces,
      Addresses,
      instances: instances.filter(({ State }) => State?.Name !== "terminated"),
      peerings: (VpcPeeringConnections ?? []).filter(({ Status }) => Status?.Code !== "deleted"),
    };
    return Object.fromEntries(Object.entries(kinds).map(([kind, rows]) => [kind, rows?.length ?? 0]));
  } finally {
    ec2.destroy();
  }
}
