import { EC2 } from "@aws-sdk/client-ec2";
import { onTestFinished } from "vitest";
import type { LabOptions } from "../../../src/lab/server.ts";
import { labForTest } from "../start.ts";

export const linux = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

/** A lab whose clock stands still but for `pass`, and clients of any account and Region in it. */
export async function awsForTest(options: Partial<LabOptions> = {}) {
  let now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const lab = await labForTest({ clock: { now: () => now, sleep: async () => undefined }, ...options });
  const at = (account = "123456789012", region = "us-east-1"): EC2 => {
    const client = new EC2({
      endpoint: lab.url,
      region,
      maxAttempts: 1,
      credentials: { accessKeyId: account, secretAccessKey: "x" },
    });
    onTestFinished(() => client.destroy());
    return client;
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { lab, ec2: at(), at, pass };
}

/** A VPC with one /24 subnet in the zone, and its default security group and network ACL. */
export async function network(ec2: EC2, cidr = "10.1.0.0/16", zone = "a") {
  const { Vpc } = await ec2.createVpc({ CidrBlock: cidr });
  const VpcId = Vpc?.VpcId ?? "";
  const region = await ec2.config.region();
  const CidrBlock = cidr.replace(/\/\d+$/, "/24");
  const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock, AvailabilityZone: `${region}${zone}` });
  const Filters = [{ Name: "vpc-id", Values: [VpcId] }];
  const { SecurityGroups } = await ec2.describeSecurityGroups({ Filters });
  const { NetworkAcls } = await ec2.describeNetworkAcls({ Filters });
  return {
    VpcId,
    SubnetId: Subnet?.SubnetId ?? "",
    defaultGroup: SecurityGroups?.[0]?.GroupId ?? "",
    defaultAcl: NetworkAcls?.[0]?.NetworkAclId ?? "",
  };
}

export async function gatewayFor(ec2: EC2, VpcId: string): Promise<string> {
  const { InternetGateway } = await ec2.createInternetGateway({});
  const InternetGatewayId = InternetGateway?.InternetGatewayId ?? "";
  await ec2.attachInternetGateway({ InternetGatewayId, VpcId });
  return InternetGatewayId;
}

/** Starts one t3.micro of Amazon Linux. */
export async function launch(ec2: EC2, input: Partial<Parameters<EC2["runInstances"]>[0]> = {}) {
  const { Instances } = await ec2.runInstances({
    ImageId: linux,
    InstanceType: "t3.micro",
    MinCount: 1,
    MaxCount: 1,
    ...input,
  });
  const [instance] = Instances ?? [];
  return {
    instance,
    InstanceId: instance?.InstanceId ?? "",
    NetworkInterfaceId: instance?.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? "",
  };
}

export async function instanceNow(ec2: EC2, InstanceId: string) {
  const { Reservations } = await ec2.describeInstances({ InstanceIds: [InstanceId] });
  return Reservations?.[0]?.Instances?.[0];
}
