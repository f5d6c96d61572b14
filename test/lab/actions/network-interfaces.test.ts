import type { EC2 } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { outcomeOf } from "../start.ts";
import { awsForTest, gatewayFor, instanceNow, launch, network } from "./aws.ts";

async function scene() {
  const lab = await awsForTest();
  return { ...lab, ...(await network(lab.ec2)) };
}

const made = async (ec2: EC2, input: Parameters<EC2["createNetworkInterface"]>[0]) =>
  (await ec2.createNetworkInterface(input)).NetworkInterface;

const now = async (ec2: EC2, id: string | undefined) =>
  (await ec2.describeNetworkInterfaces({ NetworkInterfaceIds: [id ?? ""] })).NetworkInterfaces?.[0];

const freeIn = async (ec2: EC2, SubnetId: string) =>
  (await ec2.describeSubnets({ SubnetIds: [SubnetId] })).Subnets?.[0]?.AvailableIpAddressCount;

test("a new interface is pending, then available; in the default group, with the lowest free address", async () => {
  const { ec2, SubnetId, VpcId, defaultGroup } = await scene();
  const eni = await made(ec2, { SubnetId, Description: "one" });
  expect(eni).toMatchObject({
    NetworkInterfaceId: expect.stringMatching(/^eni-0/),
    Status: "pending",
    InterfaceType: "interface",
    AvailabilityZone: "us-east-1a",
    Description: "one",
    Groups: [{ GroupId: defaultGroup, GroupName: "default" }],
    MacAddress: expect.stringMatching(/^02(:[0-9a-f]{2}){5}$/),
    OwnerId: "123456789012",
    PrivateIpAddress: "10.1.0.4",
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: "10.1.0.4" }],
    RequesterManaged: false,
    SourceDestCheck: true,
    TagSet: [],
    SubnetId,
    VpcId,
  });
  expect(await now(ec2, eni?.NetworkInterfaceId)).toMatchObject({ Status: "available" });
  expect(await freeIn(ec2, SubnetId)).toBe(250);
});

describe("private addresses", () => {
  const rows: [string, object, RegExp | string[]][] = [
    ["asked for", { PrivateIpAddress: "10.1.0.77" }, ["10.1.0.77"]],
    [
      "a list, the primary one first",
      {
        PrivateIpAddresses: [
          { PrivateIpAddress: "10.1.0.9" },
          { PrivateIpAddress: "10.1.0.8", Primary: true },
        ],
      },
      ["10.1.0.8", "10.1.0.9"],
    ],
    ["two more of EC2's choice", { SecondaryPrivateIpAddressCount: 2 }, ["10.1.0.5", "10.1.0.6", "10.1.0.7"]],
    ["in use", { PrivateIpAddress: "10.1.0.4" }, /^InvalidIPAddress.InUse: Address 10.1.0.4 is in use\.$/],
    [
      "the network's",
      { PrivateIpAddress: "10.1.0.0" },
      /^InvalidParameterValue: Address 10.1.0.0 is in subnet's reserved address range$/,
    ],
    [
      "the resolver's",
      { PrivateIpAddress: "10.1.0.3" },
      /^InvalidParameterValue: .* reserved address range$/,
    ],
    ["the last", { PrivateIpAddress: "10.1.0.255" }, /^InvalidParameterValue: .* reserved address range$/],
    [
      "of another subnet",
      { PrivateIpAddress: "10.1.1.9" },
      /^InvalidParameterValue: Address 10.1.1.9 does not fall within the subnet's address range$/,
    ],
    ["none at all", { PrivateIpAddress: "10.1.0" }, /^InvalidParameterValue/],
    ["more than there are", { SecondaryPrivateIpAddressCount: 250 }, /^InsufficientFreeAddressesInSubnet/],
  ];
  test.each(rows)("%s", async (_name, input, expected) => {
    const { ec2, SubnetId } = await scene();
    await made(ec2, { SubnetId });
    if (expected instanceof RegExp) {
      expect(await outcomeOf(made(ec2, { SubnetId, ...input }))).toMatch(expected);
      expect(await freeIn(ec2, SubnetId)).toBe(250);
    } else {
      const eni = await made(ec2, { SubnetId, ...input });
      expect(eni?.PrivateIpAddresses?.map((each) => each.PrivateIpAddress)).toEqual(expected);
      expect(await freeIn(ec2, SubnetId)).toBe(250 - expected.length);
    }
  });

  test("are given back on deletion, and added and removed on the interface", async () => {
    const { ec2, SubnetId } = await scene();
    const id = (await made(ec2, { SubnetId }))?.NetworkInterfaceId;
    const { AssignedPrivateIpAddresses } = await ec2.assignPrivateIpAddresses({
      NetworkInterfaceId: id,
      SecondaryPrivateIpAddressCount: 2,
    });
    expect(AssignedPrivateIpAddresses?.map((each) => each.PrivateIpAddress)).toEqual([
      "10.1.0.5",
      "10.1.0.6",
    ]);
    await ec2.unassignPrivateIpAddresses({ NetworkInterfaceId: id, PrivateIpAddresses: ["10.1.0.5"] });
    expect((await now(ec2, id))?.PrivateIpAddresses?.map((each) => each.PrivateIpAddress)).toEqual([
      "10.1.0.4",
      "10.1.0.6",
    ]);
    for (const address of ["10.1.0.4", "10.1.0.99"]) {
      expect(
        await outcomeOf(
          ec2.unassignPrivateIpAddresses({ NetworkInterfaceId: id, PrivateIpAddresses: [address] }),
        ),
      ).toMatch(/^InvalidParameterValue/);
    }
    expect(await freeIn(ec2, SubnetId)).toBe(249);
    await ec2.deleteNetworkInterface({ NetworkInterfaceId: id });
    expect(await freeIn(ec2, SubnetId)).toBe(251);
    expect(await outcomeOf(ec2.deleteNetworkInterface({ NetworkInterfaceId: id }))).toBe(
      `InvalidNetworkInterfaceID.NotFound: The networkInterface ID '${id}' does not exist`,
    );
  });
});

describe("groups", () => {
  test("must be of the subnet's VPC, and five at most", async () => {
    const { ec2, SubnetId, VpcId } = await scene();
    const other = await network(ec2, "10.2.0.0/16");
    expect(await outcomeOf(made(ec2, { SubnetId, Groups: [other.defaultGroup] }))).toBe(
      `InvalidParameter: Security group ${other.defaultGroup} and subnet ${SubnetId} belong to different networks.`,
    );
    const Groups = [];
    for (let n = 0; n < 6; n++) {
      const { GroupId } = await ec2.createSecurityGroup({ VpcId, GroupName: `g${n}`, Description: "d" });
      Groups.push(GroupId ?? "");
    }
    expect(await outcomeOf(made(ec2, { SubnetId, Groups }))).toMatch(
      /^SecurityGroupsPerInterfaceLimitExceeded/,
    );
    const eni = await made(ec2, { SubnetId, Groups: Groups.slice(1) });
    await ec2.modifyNetworkInterfaceAttribute({
      NetworkInterfaceId: eni?.NetworkInterfaceId,
      Groups: Groups.slice(0, 1),
    });
    expect((await now(ec2, eni?.NetworkInterfaceId))?.Groups).toEqual([
      { GroupId: Groups[0], GroupName: "g0" },
    ]);
  });
});

test("attributes are set and read one by one", async () => {
  const { ec2, SubnetId, defaultGroup } = await scene();
  const NetworkInterfaceId = (await made(ec2, { SubnetId }))?.NetworkInterfaceId;
  await ec2.modifyNetworkInterfaceAttribute({ NetworkInterfaceId, SourceDestCheck: { Value: false } });
  await ec2.modifyNetworkInterfaceAttribute({ NetworkInterfaceId, Description: { Value: "router" } });
  const read = async (Attribute: "description" | "groupSet" | "sourceDestCheck") => {
    const {
      $metadata: _,
      NetworkInterfaceId: _id,
      ...rest
    } = await ec2.describeNetworkInterfaceAttribute({
      NetworkInterfaceId,
      Attribute,
    });
    return rest;
  };
  expect(await read("description")).toEqual({ Description: { Value: "router" } });
  expect(await read("sourceDestCheck")).toEqual({ SourceDestCheck: { Value: false } });
  expect(await read("groupSet")).toEqual({ Groups: [{ GroupId: defaultGroup, GroupName: "default" }] });
});

describe("attachment", () => {
  test("a second interface comes to an instance and leaves it again", async () => {
    const { ec2, SubnetId } = await scene();
    const { InstanceId, NetworkInterfaceId: primary } = await launch(ec2, { SubnetId });
    const NetworkInterfaceId = (await made(ec2, { SubnetId }))?.NetworkInterfaceId;
    const attach = (DeviceIndex: number, id = NetworkInterfaceId) =>
      ec2.attachNetworkInterface({ InstanceId, NetworkInterfaceId: id, DeviceIndex });
    expect(await outcomeOf(attach(0))).toBe(
      `InvalidParameterValue: Instance '${InstanceId}' already has an interface attached at device index '0'.`,
    );
    const { AttachmentId } = await attach(1);
    expect(await now(ec2, NetworkInterfaceId)).toMatchObject({
      Status: "in-use",
      Attachment: {
        AttachmentId,
        InstanceId,
        DeviceIndex: 1,
        Status: "attached",
        DeleteOnTermination: false,
      },
    });
    expect((await instanceNow(ec2, InstanceId))?.NetworkInterfaces?.length).toBe(2);
    expect(await outcomeOf(attach(2))).toBe(
      `InvalidNetworkInterface.InUse: Interface: [${NetworkInterfaceId}] in use.`,
    );
    const third = (await made(ec2, { SubnetId }))?.NetworkInterfaceId;
    expect(await outcomeOf(attach(2, third))).toBe(
      "AttachmentLimitExceeded: Interface count 3 exceeds the limit for t3.micro",
    );
    expect(await outcomeOf(ec2.deleteNetworkInterface({ NetworkInterfaceId }))).toBe(
      `InvalidParameterValue: Network interface '${NetworkInterfaceId}' is currently in use.`,
    );
    await ec2.detachNetworkInterface({ AttachmentId });
    const free = await now(ec2, NetworkInterfaceId);
    expect([free?.Status, free?.Attachment]).toEqual(["available", undefined]);
    const first = (await now(ec2, primary))?.Attachment?.AttachmentId;
    expect(await outcomeOf(ec2.detachNetworkInterface({ AttachmentId: first }))).toMatch(
      /^OperationNotPermitted/,
    );
    expect(await outcomeOf(ec2.detachNetworkInterface({ AttachmentId }))).toMatch(
      /^InvalidAttachmentID.NotFound/,
    );
  });

  test("not across zones, and not to what is dead", async () => {
    const { ec2, VpcId, SubnetId } = await scene();
    const { InstanceId } = await launch(ec2, { SubnetId });
    const { Subnet } = await ec2.createSubnet({
      VpcId,
      CidrBlock: "10.1.1.0/24",
      AvailabilityZone: "us-east-1b",
    });
    const far = (await made(ec2, { SubnetId: Subnet?.SubnetId }))?.NetworkInterfaceId;
    const near = (await made(ec2, { SubnetId }))?.NetworkInterfaceId;
    const attach = (NetworkInterfaceId?: string) =>
      outcomeOf(ec2.attachNetworkInterface({ InstanceId, NetworkInterfaceId, DeviceIndex: 1 }));
    expect(await attach(far)).toMatch(/^InvalidParameterCombination: .* same availability zone$/);
    await ec2.terminateInstances({ InstanceIds: [InstanceId] });
    expect(await attach(near)).toMatch(/^IncorrectInstanceState/);
  });
});

test("an Elastic IP on a deleted interface stays with the account", async () => {
  const { ec2, SubnetId, VpcId } = await scene();
  await gatewayFor(ec2, VpcId);
  const NetworkInterfaceId = (await made(ec2, { SubnetId }))?.NetworkInterfaceId;
  const { AllocationId } = await ec2.allocateAddress({});
  await ec2.associateAddress({ AllocationId, NetworkInterfaceId });
  await ec2.deleteNetworkInterface({ NetworkInterfaceId });
  const { Addresses } = await ec2.describeAddresses({});
  expect(Addresses?.map((each) => [each.AllocationId, each.AssociationId])).toEqual([
    [AllocationId, undefined],
  ]);
});

test("filters", async () => {
  const { ec2, SubnetId, VpcId, defaultGroup } = await scene();
  const { InstanceId, NetworkInterfaceId } = await launch(ec2, { SubnetId });
  await made(ec2, { SubnetId, Description: "spare" });
  const found = async (Name: string, Value: string) =>
    (await ec2.describeNetworkInterfaces({ Filters: [{ Name, Values: [Value] }] })).NetworkInterfaces?.map(
      (eni) => eni.PrivateIpAddress,
    );
  expect(await found("attachment.instance-id", InstanceId)).toEqual(["10.1.0.4"]);
  expect(await found("network-interface-id", NetworkInterfaceId)).toEqual(["10.1.0.4"]);
  expect(await found("status", "available")).toEqual(["10.1.0.5"]);
  expect(await found("description", "sp*")).toEqual(["10.1.0.5"]);
  expect(await found("vpc-id", VpcId)).toEqual(["10.1.0.4", "10.1.0.5"]);
  expect(await found("group-id", defaultGroup)).toEqual(["10.1.0.4", "10.1.0.5"]);
  expect(await found("addresses.private-ip-address", "10.1.0.5")).toEqual(["10.1.0.5"]);
});
