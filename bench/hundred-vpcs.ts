import {
  AcceptVpcPeeringConnectionCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateRouteCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcPeeringConnectionCommand,
  DescribeRouteTablesCommand,
  type EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { image, labClient, zone } from "./lab-client.ts";

export interface Chain {
  instances: { id: string; address: string }[];
  groups: string[];
}

/** 10.1.0.0/16 and so on, an instance in each; each VPC is peered with the next, with routes and open groups. */
export async function chainOfVpcs(client: EC2Client, count: number): Promise<Chain> {
  const numbers = Array.from({ length: count }, (_, n) => n + 1);
  const vpcs = await Promise.all(numbers.map((n) => makeVpc(client, n)));
  await Promise.all(
    vpcs.slice(1).map(async (vpc, n) => {
      const before = vpcs[n]!;
      const pair = { VpcId: before.id, PeerVpcId: vpc.id };
      const made = await client.send(new CreateVpcPeeringConnectionCommand(pair));
      const { VpcPeeringConnectionId } = made.VpcPeeringConnection!;
      await client.send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId }));
      for (const [at, to] of [
        [before, vpc],
        [vpc, before],
      ] as const) {
        const way = { RouteTableId: at.table, DestinationCidrBlock: to.block, VpcPeeringConnectionId };
        await client.send(new CreateRouteCommand(way));
      }
    }),
  );
  return { instances: vpcs.map(({ instance }) => instance), groups: vpcs.map(({ group }) => group) };
}

async function makeVpc(client: EC2Client, n: number) {
  const block = `10.${n}.0.0/16`;
  const { Vpc } = await client.send(new CreateVpcCommand({ CidrBlock: block }));
  const VpcId = Vpc!.VpcId!;
  const subnet = await client.send(
    new CreateSubnetCommand({ VpcId, CidrBlock: `10.${n}.0.0/24`, AvailabilityZone: zone }),
  );
  const tables = await client.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: "vpc-id", Values: [VpcId] }] }),
  );
  const named = { GroupName: "open", Description: "from everywhere inside" };
  const { GroupId } = await client.send(new CreateSecurityGroupCommand({ VpcId, ...named }));
  const IpPermissions = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "10.0.0.0/8" }] }];
  await client.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  const { Instances } = await client.send(
    new RunInstancesCommand({ ...image, SubnetId: subnet.Subnet!.SubnetId!, SecurityGroupIds: [GroupId!] }),
  );
  const { InstanceId, PrivateIpAddress } = Instances![0]!;
  return {
    id: VpcId,
    block,
    table: tables.RouteTables![0]!.RouteTableId!,
    group: GroupId!,
    instance: { id: InstanceId!, address: PrivateIpAddress! },
  };
}

/** One more rule in a group. */
export async function letIn(url: string, GroupId: string): Promise<void> {
  const client = labClient(url);
  const rule = { IpProtocol: "tcp", FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
  await client.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [rule] }));
  client.destroy();
}
