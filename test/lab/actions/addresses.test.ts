import type { AssociateAddressCommandInput, EC2 } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aws } from "../../../src/lab/profile.ts";
import { outcomeOf } from "../start.ts";
import { awsForTest, gatewayFor, instanceNow, launch, network } from "./aws.ts";

/** An instance in a VPC with an internet gateway, and an Elastic IP. */
async function scene(options = {}) {
  const lab = await awsForTest(options);
  const vpc = await network(lab.ec2);
  const gateway = await gatewayFor(lab.ec2, vpc.VpcId);
  const machine = await launch(lab.ec2, { SubnetId: vpc.SubnetId });
  const { AllocationId, PublicIp } = await lab.ec2.allocateAddress({});
  return { ...lab, ...vpc, gateway, ...machine, AllocationId, PublicIp };
}

const addressNow = async (ec2: EC2) => (await ec2.describeAddresses({})).Addresses?.[0];

test("an address is allocated, of the test net, with tags, five at most", async () => {
  const { ec2 } = await awsForTest();
  const Tags = [{ Key: "Name", Value: "one" }];
  const { $metadata: _, ...first } = await ec2.allocateAddress({
    Domain: "vpc",
    TagSpecifications: [{ ResourceType: "elastic-ip", Tags }],
  });
  expect(first).toEqual({
    AllocationId: expect.stringMatching(/^eipalloc-0/),
    PublicIp: expect.stringMatching(/^203\.0\.113\.([1-9]|\d\d|1\d\d|2[0-4]\d|25[0-4])$/),
    Domain: "vpc",
    PublicIpv4Pool: "amazon",
    NetworkBorderGroup: "us-east-1",
  });
  expect(await addressNow(ec2)).toEqual({ ...first, Tags });
  const outcomes = [];
  for (let n = 2; n <= 6; n++) outcomes.push(await outcomeOf(ec2.allocateAddress({})));
  expect(outcomes).toEqual([
    ...Array(4).fill("done"),
    "AddressLimitExceeded: The maximum number of addresses has been reached.",
  ]);
});

test("no two accounts have the same address, and none is given out beyond the 254", async () => {
  const { at } = await awsForTest({ quotas: { elasticIps: 200 } });
  const seen = new Set<string | undefined>();
  const outcomes = [];
  for (let n = 0; n < 255; n++) {
    const ec2 = at(String(100000000000 + (n % 2)));
    const allocated = ec2.allocateAddress({}).then(({ PublicIp }) => seen.add(PublicIp));
    outcomes.push(await outcomeOf(allocated));
  }
  expect(seen.size).toBe(254);
  expect(outcomes.at(-1)).toMatch(/^InsufficientAddressCapacity/);
});

describe("association", () => {
  test("by interface: shown at the address, the interface and the instance", async () => {
    const { ec2, AllocationId, PublicIp, InstanceId, NetworkInterfaceId } = await scene();
    const { AssociationId } = await ec2.associateAddress({ AllocationId, NetworkInterfaceId });
    expect(AssociationId).toMatch(/^eipassoc-0/);
    expect(await addressNow(ec2)).toMatchObject({
      AssociationId,
      InstanceId,
      NetworkInterfaceId,
      NetworkInterfaceOwnerId: "123456789012",
      PrivateIpAddress: "10.1.0.4",
    });
    const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({
      Filters: [{ Name: "association.public-ip", Values: [PublicIp ?? ""] }],
    });
    const association = {
      AllocationId,
      AssociationId,
      IpOwnerId: "123456789012",
      PublicIp,
      PublicDnsName: "",
    };
    expect(NetworkInterfaces?.[0]?.Association).toEqual(association);
    expect(NetworkInterfaces?.[0]?.PrivateIpAddresses?.[0]?.Association).toEqual(association);
    expect(await instanceNow(ec2, InstanceId)).toMatchObject({
      PublicIpAddress: PublicIp,
      NetworkInterfaces: [{ Association: { PublicIp, IpOwnerId: "123456789012" } }],
    });
    expect(await outcomeOf(ec2.releaseAddress({ AllocationId }))).toBe(
      `InvalidIPAddress.InUse: Address ${PublicIp} is in use.`,
    );
    await ec2.disassociateAddress({ AssociationId });
    expect((await instanceNow(ec2, InstanceId))?.PublicIpAddress).toBeUndefined();
    expect(await outcomeOf(ec2.disassociateAddress({ AssociationId }))).toBe(
      `InvalidAssociationID.NotFound: The association ID '${AssociationId}' does not exist`,
    );
    await ec2.releaseAddress({ AllocationId });
    expect(await outcomeOf(ec2.releaseAddress({ AllocationId }))).toBe(
      `InvalidAllocationID.NotFound: The allocation ID '${AllocationId}' does not exist`,
    );
  });

  type Scene = Awaited<ReturnType<typeof scene>>;
  const associate = ({ ec2, AllocationId }: Scene, input: AssociateAddressCommandInput) =>
    outcomeOf(ec2.associateAddress({ AllocationId, ...input }));
  const rows: [string, (scene: Scene) => Promise<string>, RegExp][] = [
    ["by instance", (one) => associate(one, { InstanceId: one.InstanceId }), /^done$/],
    [
      "by the address's own name",
      ({ ec2, PublicIp, InstanceId }) => outcomeOf(ec2.associateAddress({ PublicIp, InstanceId })),
      /^done$/,
    ],
    ["to nothing", (one) => associate(one, {}), /^MissingParameter/],
    [
      "to an unknown instance",
      (one) => associate(one, { InstanceId: "i-00000000000000000" }),
      /^InvalidInstanceID.NotFound/,
    ],
    [
      "to an unknown interface",
      (one) => associate(one, { NetworkInterfaceId: "eni-00000000000000000" }),
      /^InvalidNetworkInterfaceID.NotFound/,
    ],
    [
      "of an unknown allocation",
      (one) => associate(one, { AllocationId: "eipalloc-00000000000000000", InstanceId: one.InstanceId }),
      /^InvalidAllocationID.NotFound/,
    ],
    [
      "to an address that the interface has not",
      (one) => associate(one, { NetworkInterfaceId: one.NetworkInterfaceId, PrivateIpAddress: "10.1.0.5" }),
      /^InvalidParameterValue/,
    ],
    [
      "without an internet gateway",
      async (one) => {
        await one.ec2.detachInternetGateway({ InternetGatewayId: one.gateway, VpcId: one.VpcId });
        return associate(one, { InstanceId: one.InstanceId });
      },
      /^Gateway.NotAttached: Network vpc-\w+ is not attached to any internet gateway$/,
    ],
    [
      "to a terminated instance",
      async (one) => {
        await one.ec2.terminateInstances({ InstanceIds: [one.InstanceId] });
        await one.ec2.describeInstances({});
        return associate(one, { InstanceId: one.InstanceId });
      },
      /^InvalidInstanceID: The terminated instance 'i-\w+' is not in a valid state for this operation\.$/,
    ],
  ];
  test.each(rows)("%s", async (_name, act, outcome) => {
    expect(await act(await scene())).toMatch(outcome);
  });

  test("while an instance is pending: by its id never, by its interface after the first moments", async () => {
    const profile = { ...aws, latency: 0, throttle: false, describeLag: 0 };
    const one = await scene({ profile });
    const { InstanceId, NetworkInterfaceId } = one;
    expect(await associate(one, { InstanceId })).toBe(
      `InvalidInstanceID: The pending instance '${InstanceId}' is not in a valid state for this operation.`,
    );
    expect(await associate(one, { NetworkInterfaceId })).toBe(
      `IncorrectInstanceState: The pending-instance-creation instance to which '${NetworkInterfaceId}' is attached is not in a valid state for this operation`,
    );
    one.pass(1200);
    expect(await associate(one, { InstanceId })).toMatch(/^InvalidInstanceID/);
    expect(await associate(one, { NetworkInterfaceId })).toBe("done");
    expect((await instanceNow(one.ec2, InstanceId))?.State?.Name).toBe("pending");
  });

  test("where one side is taken it moves, unless AllowReassociation is false", async () => {
    const one = await scene();
    const { ec2, AllocationId, SubnetId, NetworkInterfaceId } = one;
    const first = await ec2.associateAddress({ AllocationId, NetworkInterfaceId });
    const again = await ec2.associateAddress({ AllocationId, NetworkInterfaceId });
    expect(again.AssociationId).toBe(first.AssociationId);
    const other = await launch(ec2, { SubnetId });
    expect(
      await associate(one, { NetworkInterfaceId: other.NetworkInterfaceId, AllowReassociation: false }),
    ).toBe(
      `Resource.AlreadyAssociated: resource ${AllocationId} is already associated with associate-id ${first.AssociationId}`,
    );
    const { AllocationId: spare } = await ec2.allocateAddress({});
    expect(
      await associate(one, { AllocationId: spare, NetworkInterfaceId, AllowReassociation: false }),
    ).toMatch(/^Resource.AlreadyAssociated: resource eni-/);
    expect(await associate(one, { NetworkInterfaceId: other.NetworkInterfaceId })).toBe("done");
    expect((await instanceNow(ec2, one.InstanceId))?.PublicIpAddress).toBeUndefined();
    expect((await instanceNow(ec2, other.InstanceId))?.PublicIpAddress).toBe(one.PublicIp);
  });

  test("survives a stop, ends with the instance", async () => {
    const { ec2, AllocationId, PublicIp, InstanceId, NetworkInterfaceId } = await scene();
    await ec2.associateAddress({ AllocationId, NetworkInterfaceId });
    await ec2.stopInstances({ InstanceIds: [InstanceId] });
    expect((await instanceNow(ec2, InstanceId))?.PublicIpAddress).toBe(PublicIp);
    await ec2.terminateInstances({ InstanceIds: [InstanceId] });
    const address = await addressNow(ec2);
    expect([address?.AssociationId, address?.InstanceId, address?.NetworkInterfaceId]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("takes the place of the instance's own public address, which comes back anew", async () => {
    const { ec2 } = await awsForTest();
    const { instance, InstanceId, NetworkInterfaceId } = await launch(ec2);
    const { AllocationId, PublicIp } = await ec2.allocateAddress({});
    const { AssociationId } = await ec2.associateAddress({ AllocationId, NetworkInterfaceId });
    expect((await instanceNow(ec2, InstanceId))?.PublicIpAddress).toBe(PublicIp);
    await ec2.disassociateAddress({ AssociationId });
    const now = (await instanceNow(ec2, InstanceId))?.PublicIpAddress;
    expect(now).toMatch(/^203\.0\.113\./);
    expect([PublicIp, undefined]).not.toContain(now);
    expect(instance?.PublicIpAddress).toMatch(/^203\.0\.113\./);
  });
});

test("filters and names", async () => {
  const { ec2, AllocationId, PublicIp, InstanceId, NetworkInterfaceId } = await scene();
  await ec2.allocateAddress({});
  await ec2.associateAddress({ AllocationId, NetworkInterfaceId });
  const found = async (Name: string, Value: string) =>
    (await ec2.describeAddresses({ Filters: [{ Name, Values: [Value] }] })).Addresses?.length;
  expect(await found("instance-id", InstanceId)).toBe(1);
  expect(await found("public-ip", PublicIp ?? "")).toBe(1);
  expect(await found("domain", "vpc")).toBe(2);
  expect(await outcomeOf(ec2.describeAddresses({ PublicIps: ["203.0.113.255"] }))).toBe(
    "InvalidAddress.NotFound: Address '203.0.113.255' not found.",
  );
});
