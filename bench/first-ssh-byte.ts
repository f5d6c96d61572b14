import { once } from "node:events";
import {
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeInstancesCommand,
  DescribeRouteTablesCommand,
  type EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { connectThrough } from "../test/lab/data-plane/outside.ts";
import { image, labClient, zone } from "./lab-client.ts";

/** Milliseconds from RunInstances to the first byte of the instance's SSH server, for one instance after another. */
export async function firstSshByte(url: string, rounds: number): Promise<number[]> {
  const client = labClient(url);
  try {
    const at = await publicSubnet(client);
    const taken: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const began = performance.now();
      const { Instances } = await client.send(new RunInstancesCommand({ ...image, NetworkInterfaces: [at] }));
      const InstanceIds = [Instances![0]!.InstanceId!];
      await answers(Number(new URL(url).port), await addressOf(client, InstanceIds));
      taken.push(performance.now() - began);
      await client.send(new TerminateInstancesCommand({ InstanceIds }));
    }
    return taken;
  } finally {
    client.destroy();
  }
}

async function publicSubnet(client: EC2Client) {
  const { Vpc } = await client.send(new CreateVpcCommand({ CidrBlock: "10.1.0.0/16" }));
  const VpcId = Vpc!.VpcId!;
  const { InternetGateway } = await client.send(new CreateInternetGatewayCommand({}));
  const InternetGatewayId = InternetGateway!.InternetGatewayId!;
  await client.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
  const { Subnet } = await client.send(
    new CreateSubnetCommand({ VpcId, CidrBlock: "10.1.0.0/24", AvailabilityZone: zone }),
  );
  const tables = await client.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: "vpc-id", Values: [VpcId] }] }),
  );
  const { RouteTableId } = tables.RouteTables![0]!;
  const way = { DestinationCidrBlock: "0.0.0.0/0", GatewayId: InternetGatewayId };
  await client.send(new CreateRouteCommand({ RouteTableId, ...way }));
  const named = { GroupName: "ssh", Description: "SSH" };
  const { GroupId } = await client.send(new CreateSecurityGroupCommand({ VpcId, ...named }));
  const rule = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
  await client.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [rule] }));
  return { DeviceIndex: 0, SubnetId: Subnet!.SubnetId!, Groups: [GroupId!], AssociatePublicIpAddress: true };
}

async function addressOf(client: EC2Client, InstanceIds: string[]): Promise<string> {
  const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds }));
  return Reservations![0]!.Instances![0]!.PublicIpAddress!;
}

/** Through the lab's proxy, again and again until there is a server. */
async function answers(port: number, address: string): Promise<void> {
  for (;;) {
    const answer = await connectThrough(port, `${address}:22`, 10_000);
    if (answer?.status === 200) {
      const [bytes] = (await once(answer.socket, "data")) as [Buffer];
      answer.socket.destroy();
      if (!bytes.toString().startsWith("SSH-2.0-")) throw new Error(`no SSH server: ${bytes}`);
      return;
    }
    answer?.socket.destroy();
  }
}
