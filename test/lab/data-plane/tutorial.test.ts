import { once } from "node:events";
import {
  AcceptVpcPeeringConnectionCommand,
  AllocateAddressCommand,
  AssociateAddressCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcPeeringConnectionCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  RebootInstancesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { EC2InstanceConnectClient, SendSSHPublicKeyCommand } from "@aws-sdk/client-ec2-instance-connect";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import type { DataPlane } from "../../../src/lab/data-plane/data-plane.ts";
import { openHolder } from "../../../src/lab/data-plane/linux/holder.ts";
import { linuxDataPlane } from "../../../src/lab/data-plane/linux/linux.ts";
import { modelDataPlane } from "../../../src/lab/data-plane/model.ts";
import { instant } from "../../../src/lab/profile.ts";
import { type Lab, startLab } from "../../../src/lab/server.ts";
import { describeOnLinux } from "./linux/on-linux.ts";
import { connectThrough, exec, keyPair, login } from "./outside.ts";

let lab: Lab;
let ec2: EC2Client;
let connect: EC2InstanceConnectClient;

const clock = systemClock;

async function start(dataPlane: DataPlane): Promise<void> {
  lab = await startLab({ clock, seed: 5, profile: instant, dataPlane });
  const options = {
    endpoint: lab.url,
    region: "eu-west-1",
    credentials: { accessKeyId: "123456789012", secretAccessKey: "x" },
  };
  ec2 = new EC2Client(options);
  connect = new EC2InstanceConnectClient(options);
}
afterEach(() => lab.stop());

/** A VPC with a subnet, a way out, and an instance in a group of its own. */
async function makeVpc(block: string, subnetBlock: string) {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: block }));
  const VpcId = Vpc!.VpcId!;
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: subnetBlock }));
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const GatewayId = InternetGateway!.InternetGatewayId!;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }));
  const { RouteTables } = await ec2.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: "vpc-id", Values: [VpcId] }] }),
  );
  const RouteTableId = RouteTables![0]!.RouteTableId!;
  await ec2.send(new CreateRouteCommand({ RouteTableId, GatewayId, DestinationCidrBlock: "0.0.0.0/0" }));
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId, GroupName: "own", Description: "own" }),
  );
  const { Images } = await ec2.send(
    new DescribeImagesCommand({
      Owners: ["amazon"],
      Filters: [{ Name: "architecture", Values: ["x86_64"] }],
    }),
  );
  const { Instances } = await ec2.send(
    new RunInstancesCommand({
      ImageId: Images![0]!.ImageId,
      InstanceType: "t3.micro",
      MinCount: 1,
      MaxCount: 1,
      SubnetId: Subnet!.SubnetId,
      SecurityGroupIds: [GroupId!],
    }),
  );
  const { InstanceId, PrivateIpAddress, NetworkInterfaces } = Instances![0]!;
  return {
    VpcId,
    RouteTableId,
    GroupId,
    InstanceId: InstanceId!,
    address: PrivateIpAddress!,
    eni: NetworkInterfaces![0]!.NetworkInterfaceId!,
  };
}

const title = "the tutorial by the SDK: both failures, then replies; sessions end with their instance";
describe("the model", () => {
  test(title, async () => {
    await start(modelDataPlane({ clock, seed: 5 }));
    await tutorial();
  });
});
describeOnLinux("real packets", () => {
  test(title, async () => {
    await start(linuxDataPlane({ holder: openHolder(), clock }));
    await tutorial();
  });
});

async function tutorial(): Promise<void> {
  const one = await makeVpc("10.1.0.0/16", "10.1.0.0/24");
  const two = await makeVpc("10.2.0.0/16", "10.2.0.0/24");
  const { VpcPeeringConnection } = await ec2.send(
    new CreateVpcPeeringConnectionCommand({ VpcId: one.VpcId, PeerVpcId: two.VpcId }),
  );
  const { VpcPeeringConnectionId } = VpcPeeringConnection!;
  await ec2.send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId }));
  for (const [RouteTableId, DestinationCidrBlock] of [
    [one.RouteTableId, "10.2.0.0/16"],
    [two.RouteTableId, "10.1.0.0/16"],
  ]) {
    await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock, VpcPeeringConnectionId }));
  }
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: one.GroupId,
      IpPermissions: [
        { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "198.51.100.7/32" }] },
      ],
    }),
  );
  const { AllocationId, PublicIp } = await ec2.send(new AllocateAddressCommand({}));
  expect(await connectThrough(lab.port, `${PublicIp}:22`, 50)).toBeUndefined();
  await ec2.send(new AssociateAddressCommand({ AllocationId, NetworkInterfaceId: one.eni }));

  const key = keyPair();
  const loggedIn = async () => {
    const pushed = { InstanceId: one.InstanceId, InstanceOSUser: "ec2-user", SSHPublicKey: key.public };
    expect((await connect.send(new SendSSHPublicKeyCommand(pushed))).Success).toBe(true);
    const answer = await connectThrough(lab.port, `${PublicIp}:22`, 5000);
    return login({ sock: answer!.socket, username: "ec2-user", privateKey: key.private });
  };
  const client = await loggedIn();
  const ping = `ping -c 2 -i 0.2 -W 0.1 ${two.address}`;
  expect(await exec(client, ping)).toMatchObject({ code: 1 });
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: two.GroupId,
      IpPermissions: [
        { IpProtocol: "icmp", FromPort: -1, ToPort: -1, IpRanges: [{ CidrIp: "10.1.0.0/16" }] },
      ],
    }),
  );
  const answered = await exec(client, ping);
  expect(answered.out).toContain("2 packets transmitted, 2 received, 0% packet loss");
  expect(answered.code).toBe(0);
  const { out } = await exec(client, "hostname; ip -4 -br addr");
  expect(out).toContain(`ip-${one.address.replaceAll(".", "-")}.eu-west-1.compute.internal\n`);
  expect(out).toMatch(new RegExp(`^ens5(@\\S+)? +UP +${one.address}/24`, "m"));

  const rebooted = once(client, "close");
  await ec2.send(new RebootInstancesCommand({ InstanceIds: [one.InstanceId] }));
  await rebooted;
  const again = await loggedIn();
  const ended = once(again, "close");
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [one.InstanceId] }));
  await ended;
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [one.InstanceId] }));
  expect(Reservations![0]!.Instances![0]!.State!.Name).toMatch(/shutting-down|terminated/);
}
