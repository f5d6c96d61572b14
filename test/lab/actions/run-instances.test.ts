import type { EC2, RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aws } from "../../../src/lab/profile.ts";
import { outcomeOf } from "../start.ts";
import { awsForTest, instanceNow, launch, linux, network } from "./aws.ts";

async function scene(cidr?: string, zone?: string) {
  const lab = await awsForTest();
  return { ...lab, ...(await network(lab.ec2, cidr, zone)) };
}

const run = (ec2: EC2, input: Partial<RunInstancesCommandInput>) =>
  ec2.runInstances({ ImageId: linux, InstanceType: "t3.micro", MinCount: 1, MaxCount: 1, ...input });

test("the reply: an instance that is pending, with its interface and volume", async () => {
  const { ec2, SubnetId, VpcId, defaultGroup } = await scene();
  const { instance } = await launch(ec2, { SubnetId });
  expect(instance).toMatchObject({
    InstanceId: expect.stringMatching(/^i-0[0-9a-f]{16}$/),
    ImageId: expect.stringMatching(/^ami-0/),
    InstanceType: "t3.micro",
    State: { Code: 0, Name: "pending" },
    StateReason: { Code: "pending", Message: "pending" },
    StateTransitionReason: "",
    AmiLaunchIndex: 0,
    Architecture: "x86_64",
    LaunchTime: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)),
    Placement: { AvailabilityZone: "us-east-1a", Tenancy: "default", GroupName: "" },
    PrivateIpAddress: "10.1.0.4",
    PrivateDnsName: "ip-10-1-0-4.ec2.internal",
    PublicDnsName: "",
    RootDeviceName: "/dev/xvda",
    RootDeviceType: "ebs",
    SecurityGroups: [{ GroupId: defaultGroup, GroupName: "default" }],
    SourceDestCheck: true,
    MetadataOptions: { State: "pending", HttpTokens: "required", HttpEndpoint: "enabled" },
    SubnetId,
    VpcId,
    NetworkInterfaces: [
      {
        Attachment: { DeviceIndex: 0, Status: "attaching", DeleteOnTermination: true },
        PrivateIpAddress: "10.1.0.4",
        Status: "in-use",
      },
    ],
    BlockDeviceMappings: [
      { DeviceName: "/dev/xvda", Ebs: { Status: "attaching", DeleteOnTermination: true } },
    ],
  });
  expect(instance?.PublicIpAddress).toBeUndefined();
  const running = await instanceNow(ec2, instance?.InstanceId ?? "");
  expect(running).toMatchObject({
    State: { Code: 16, Name: "running" },
    MetadataOptions: { State: "applied" },
    NetworkInterfaces: [{ Attachment: { Status: "attached" } }],
    BlockDeviceMappings: [{ Ebs: { Status: "attached" } }],
  });
  expect(running?.StateReason).toBeUndefined();
});

test("booting takes its time with the aws profile, and a new id is unknown at first", async () => {
  const { ec2, pass } = await awsForTest({ profile: { ...aws, latency: 0, throttle: false } });
  const { InstanceId } = await launch(ec2);
  expect(await outcomeOf(instanceNow(ec2, InstanceId))).toBe(
    `InvalidInstanceID.NotFound: The instance ID '${InstanceId}' does not exist`,
  );
  pass(500);
  expect((await instanceNow(ec2, InstanceId))?.State?.Name).toBe("pending");
  pass(11_000);
  expect((await instanceNow(ec2, InstanceId))?.State?.Name).toBe("running");
});

describe("what is refused", () => {
  const rows: [string, Partial<RunInstancesCommandInput>, RegExp][] = [
    [
      "an unknown image",
      { ImageId: "ami-00000000000000000" },
      /^InvalidAMIID.NotFound: The image id '\[ami-00000000000000000\]' does not exist$/,
    ],
    [
      "no image's id",
      { ImageId: "linux" },
      /^InvalidAMIID.Malformed: Invalid id: "linux" \(expecting "ami-\.\.\."\)$/,
    ],
    [
      "no image",
      { ImageId: undefined },
      /^MissingParameter: The request must contain the parameter ImageId$/,
    ],
    ["an unknown parameter of SSM", { ImageId: "resolve:ssm:/nobody/knows" }, /^InvalidParameterValue/],
    [
      "an unknown type",
      { InstanceType: "t9.micro" as "t3.micro" },
      /^InvalidParameterValue: Invalid value 't9.micro' for InstanceType\.$/,
    ],
    [
      "another architecture",
      { InstanceType: "t4g.micro" },
      /^InvalidParameterValue: The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64'/,
    ],
    [
      "an unknown subnet",
      { SubnetId: "subnet-00000000000000000" },
      /^InvalidSubnetID.NotFound: The subnet ID 'subnet-0+' does not exist$/,
    ],
    [
      "an unknown group",
      { SecurityGroupIds: ["sg-00000000000000000"] },
      /^InvalidGroup.NotFound: The security group 'sg-0+' does not exist$/,
    ],
    ["a key pair", { KeyName: "mine" }, /^InvalidKeyPair.NotFound: The key pair 'mine' does not exist$/],
    [
      "an instance profile",
      { IamInstanceProfile: { Name: "admin" } },
      /^InvalidParameterValue: Value \(admin\) for parameter iamInstanceProfile.name is invalid/,
    ],
    ["no instance", { MinCount: 0, MaxCount: 0 }, /^InvalidParameterValue/],
    ["a count turned round", { MinCount: 2, MaxCount: 1 }, /^InvalidParameterCombination/],
    [
      "user data that is no base64",
      { UserData: "#!/bin/sh" },
      /^InvalidParameterValue: Invalid BASE64 encoding of user data\.$/,
    ],
    [
      "too much user data",
      { UserData: Buffer.alloc(16_385).toString("base64") },
      /^InvalidParameterValue: User data is limited to 16384 bytes$/,
    ],
    [
      "tags for another kind",
      { TagSpecifications: [{ ResourceType: "vpc", Tags: [{ Key: "a" }] }] },
      /^InvalidParameterValue: 'vpc' is not a valid taggable resource type/,
    ],
    [
      "a volume smaller than its snapshot",
      { BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeSize: 1 } }] },
      /^InvalidBlockDeviceMapping: Volume of size 1GB is smaller than snapshot 'snap-\w+', expect size>= 8GB$/,
    ],
    [
      "a subnet beside interfaces",
      { NetworkInterfaces: [{ DeviceIndex: 0 }], SubnetId: "subnet-1" },
      /^InvalidParameterCombination: Network interfaces and an instance-level subnet ID may not be specified on the same request$/,
    ],
    [
      "groups beside interfaces",
      { NetworkInterfaces: [{ DeviceIndex: 0 }], SecurityGroupIds: ["sg-1"] },
      /^InvalidParameterCombination: Network interfaces and an instance-level security groups/,
    ],
    [
      "an interface without an index",
      { NetworkInterfaces: [{ SubnetId: "subnet-1" }] },
      /^InvalidParameterValue: Each network interface requires a device index\.$/,
    ],
    ["no primary interface", { NetworkInterfaces: [{ DeviceIndex: 1 }] }, /^InvalidParameterCombination/],
    [
      "a metadata option of its own",
      { MetadataOptions: { HttpTokens: "maybe" as "required" } },
      /^InvalidParameterValue: Value \(maybe\) for parameter HttpTokens/,
    ],
    [
      "what the lab does not model",
      { InstanceMarketOptions: { MarketType: "spot" } },
      /^UnsupportedOperation: The parameter InstanceMarketOptions/,
    ],
  ];
  test.each(rows)("%s", async (_name, input, outcome) => {
    const { ec2 } = await awsForTest();
    expect(await outcomeOf(run(ec2, input))).toMatch(outcome);
    expect((await ec2.describeInstances({})).Reservations).toEqual([]);
    expect((await ec2.describeVolumes({})).Volumes).toEqual([]);
    expect((await ec2.describeNetworkInterfaces({})).NetworkInterfaces).toEqual([]);
  });

  test("a type that the zone does not have; other zones are named", async () => {
    const { ec2, SubnetId } = await scene("10.1.0.0/16", "e");
    expect(await outcomeOf(run(ec2, { SubnetId }))).toBe(
      "Unsupported: Your requested instance type (t3.micro) is not supported in your requested Availability Zone (us-east-1e). Please retry your request by not specifying an Availability Zone or choosing us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1f.",
    );
    expect(await outcomeOf(run(ec2, { SubnetId, InstanceType: "t2.micro" }))).toBe("done");
  });

  test("a group of another VPC", async () => {
    const { ec2, SubnetId } = await scene();
    const other = await network(ec2, "10.2.0.0/16");
    expect(await outcomeOf(run(ec2, { SubnetId, SecurityGroupIds: [other.defaultGroup] }))).toBe(
      `InvalidParameter: Security group ${other.defaultGroup} and subnet ${SubnetId} belong to different networks.`,
    );
  });
});

describe("how many", () => {
  test("as many as fit, but no fewer than MinCount", async () => {
    const { ec2, VpcId } = await scene();
    const small = await ec2.createSubnet({
      VpcId,
      CidrBlock: "10.1.9.0/28",
      AvailabilityZone: "us-east-1a",
    });
    const SubnetId = small.Subnet?.SubnetId;
    expect(await outcomeOf(run(ec2, { SubnetId, MinCount: 12, MaxCount: 20 }))).toBe(
      `InsufficientFreeAddressesInSubnet: There are not enough free addresses in subnet '${SubnetId}' to satisfy the requested number of instances.`,
    );
    const { Instances } = await run(ec2, { SubnetId, MinCount: 2, MaxCount: 20 });
    expect(Instances?.map((each) => each.AmiLaunchIndex)).toEqual([...Array(11).keys()]);
    expect(new Set(Instances?.map((each) => each.PrivateIpAddress)).size).toBe(11);
    const { Reservations } = await ec2.describeInstances({});
    expect(Reservations?.map((each) => each.Instances?.length)).toEqual([11]);
  });
});

describe("the client token", () => {
  test("a replay gets the same instances, another request with it none", async () => {
    const { ec2, SubnetId } = await scene();
    const input = { SubnetId, ClientToken: "once" };
    const first = await run(ec2, input);
    const again = await run(ec2, input);
    expect(again.ReservationId).toBe(first.ReservationId);
    expect(again.Instances?.[0]?.InstanceId).toBe(first.Instances?.[0]?.InstanceId);
    expect(await outcomeOf(run(ec2, { ...input, InstanceType: "t3.small" }))).toMatch(
      /^IdempotentParameterMismatch: Arguments on this idempotent request are inconsistent/,
    );
    const { Reservations } = await ec2.describeInstances({});
    expect(Reservations?.length).toBe(1);
  });

  test("of a terminated instance is spent, even when the instance is forgotten", async () => {
    const { ec2, SubnetId, pass } = await scene();
    const input = { SubnetId, ClientToken: "once" };
    const { InstanceId } = await launch(ec2, input);
    await ec2.terminateInstances({ InstanceIds: [InstanceId] });
    expect(await outcomeOf(run(ec2, input))).toMatch(/^IdempotentInstanceTerminated: /);
    pass(7_200_000);
    expect(await outcomeOf(instanceNow(ec2, InstanceId))).toMatch(/^InvalidInstanceID.NotFound/);
    expect(await outcomeOf(run(ec2, input))).toMatch(/^IdempotentInstanceTerminated: /);
  });

  test("is not spent by a request that failed", async () => {
    const { ec2, SubnetId } = await scene();
    const input = { SubnetId, ClientToken: "once" };
    expect(await outcomeOf(run(ec2, { ...input, KeyName: "mine" }))).toMatch(/^InvalidKeyPair/);
    expect(await outcomeOf(run(ec2, input))).toBe("done");
  });
});

describe("public addresses", () => {
  const rows: [string, boolean, Partial<RunInstancesCommandInput>, boolean][] = [
    ["a private subnet", false, {}, false],
    ["a public subnet", true, {}, true],
    ["asked for", false, { NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: true }] }, true],
    ["refused", true, { NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: false }] }, false],
    ["two interfaces", true, { NetworkInterfaces: [{ DeviceIndex: 0 }, { DeviceIndex: 1 }] }, false],
  ];
  test.each(rows)("%s", async (_name, maps, input, isPublic) => {
    const { ec2, SubnetId } = await scene();
    await ec2.modifySubnetAttribute({ SubnetId, MapPublicIpOnLaunch: { Value: maps } });
    const NetworkInterfaces = input.NetworkInterfaces?.map((each) => ({ ...each, SubnetId }));
    const { instance } = await launch(ec2, NetworkInterfaces ? { NetworkInterfaces } : { SubnetId });
    expect(/^203\.0\.113\.\d+$/.test(instance?.PublicIpAddress ?? "")).toBe(isPublic);
    expect(instance?.NetworkInterfaces?.[0]?.Association?.IpOwnerId).toBe(isPublic ? "amazon" : undefined);
  });

  test("have a name where the VPC's DNS hostnames are on", async () => {
    const { at } = await awsForTest();
    const west = at("123456789012", "us-west-2");
    const { instance } = await launch(west);
    const dashed = instance?.PublicIpAddress?.replaceAll(".", "-");
    expect(instance?.PublicDnsName).toBe(`ec2-${dashed}.us-west-2.compute.amazonaws.com`);
    expect(instance?.PrivateDnsName).toMatch(/^ip-172-31-\d+-\d+\.us-west-2\.compute\.internal$/);
  });

  test("a stop gives it back, a start brings another; an instance without one stays without", async () => {
    const { ec2, SubnetId } = await scene();
    const { InstanceId: none } = await launch(ec2, { SubnetId });
    const { InstanceId, instance } = await launch(ec2);
    expect(instance?.PublicIpAddress).toBeDefined();
    const InstanceIds = [InstanceId, none];
    await ec2.stopInstances({ InstanceIds });
    expect((await instanceNow(ec2, InstanceId))?.PublicIpAddress).toBeUndefined();
    await ec2.startInstances({ InstanceIds });
    expect((await instanceNow(ec2, InstanceId))?.PublicIpAddress).toMatch(/^203\.0\.113\./);
    expect((await instanceNow(ec2, none))?.PublicIpAddress).toBeUndefined();
  });
});

describe("interfaces", () => {
  test("an existing one is taken, and outlives the instance", async () => {
    const { ec2, SubnetId } = await scene();
    const { NetworkInterface } = await ec2.createNetworkInterface({
      SubnetId,
      PrivateIpAddress: "10.1.0.50",
    });
    const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId;
    const input = { NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId }] };
    const { InstanceId, instance } = await launch(ec2, input);
    expect(instance).toMatchObject({ PrivateIpAddress: "10.1.0.50", SubnetId });
    expect(await outcomeOf(run(ec2, input))).toBe(
      `InvalidNetworkInterface.InUse: Interface: [${NetworkInterfaceId}] in use.`,
    );
    await ec2.terminateInstances({ InstanceIds: [InstanceId] });
    const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({});
    expect(NetworkInterfaces?.map((eni) => [eni.NetworkInterfaceId, eni.Status, eni.Attachment])).toEqual([
      [NetworkInterfaceId, "available", undefined],
    ]);
  });

  test("two of one subnet get two addresses", async () => {
    const { ec2, SubnetId } = await scene();
    const { instance } = await launch(ec2, {
      NetworkInterfaces: [
        { DeviceIndex: 1, SubnetId },
        { DeviceIndex: 0, SubnetId, PrivateIpAddress: "10.1.0.9" },
      ],
    });
    expect(instance?.NetworkInterfaces?.map((eni) => eni.PrivateIpAddress)).toEqual(["10.1.0.9", "10.1.0.4"]);
    expect(instance?.PrivateIpAddress).toBe("10.1.0.9");
  });
});

test("volumes and tags are as asked for", async () => {
  const { ec2, SubnetId } = await scene();
  const Tags = [{ Key: "peerctl:stack", Value: "s" }];
  const { instance, InstanceId, NetworkInterfaceId } = await launch(ec2, {
    SubnetId,
    TagSpecifications: ["instance", "volume", "network-interface"].map((ResourceType) => ({
      ResourceType: ResourceType as "instance",
      Tags,
    })),
    BlockDeviceMappings: [
      { DeviceName: "/dev/xvda", Ebs: { Encrypted: true, VolumeSize: 9 } },
      { DeviceName: "/dev/sdb", Ebs: { VolumeSize: 100, DeleteOnTermination: false } },
    ],
  });
  expect(instance?.Tags).toEqual(Tags);
  const { Volumes } = await ec2.describeVolumes({
    Filters: [{ Name: "attachment.instance-id", Values: [InstanceId] }],
  });
  expect(Volumes).toMatchObject([
    {
      Encrypted: true,
      KmsKeyId: expect.stringMatching(/^arn:aws:kms:us-east-1:123456789012:key\/[0-9a-f-]{36}$/),
      Size: 9,
      VolumeType: "gp3",
      Iops: 3000,
      State: "in-use",
      Attachments: [{ Device: "/dev/xvda", State: "attached" }],
      Tags,
    },
    { Encrypted: false, Size: 100, VolumeType: "gp2", Iops: 300, Tags },
  ]);
  const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({
    Filters: [{ Name: "tag:peerctl:stack", Values: ["s"] }],
  });
  expect(NetworkInterfaces?.map((eni) => eni.NetworkInterfaceId)).toEqual([NetworkInterfaceId]);
  await ec2.terminateInstances({ InstanceIds: [InstanceId] });
  const left = await ec2.describeVolumes({});
  expect(left.Volumes?.map((volume) => [volume.Size, volume.State])).toEqual([[100, "available"]]);
});

test("without a subnet it goes to the default VPC, to a zone that has the type", async () => {
  const { ec2 } = await awsForTest();
  const zones = [];
  for (let n = 0; n < 12; n++) zones.push((await launch(ec2)).instance?.Placement?.AvailabilityZone);
  expect(new Set(zones).size).toBeGreaterThan(1);
  expect(zones).not.toContain("us-east-1e");
  const placed = await launch(ec2, { Placement: { AvailabilityZone: "us-east-1c" } });
  expect(placed.instance?.Placement?.AvailabilityZone).toBe("us-east-1c");
});
