import type { EC2 } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { hurriedClock } from "../support/hurried-clock.ts";
import { type Bench, bench } from "../support/stack.ts";

type Id = (key: string) => string;

/** What somebody else puts in the way of `down`: how it comes, what peerctl calls it, and how it goes. */
const rows: [name: string, (ec2: EC2, id: Id) => Promise<{ named: string; remove(): Promise<unknown> }>][] = [
  [
    "an interface in our subnet",
    async (ec2, id) => {
      const made = await ec2.createNetworkInterface({ SubnetId: id("subnet/vpc-1"), Description: "theirs" });
      const NetworkInterfaceId = made.NetworkInterface!.NetworkInterfaceId!;
      return {
        named: `${NetworkInterfaceId} (network interface, "theirs")`,
        remove: () => ec2.deleteNetworkInterface({ NetworkInterfaceId }),
      };
    },
  ],
  [
    "a subnet in our VPC",
    async (ec2, id) => {
      const { Subnet } = await ec2.createSubnet({ VpcId: id("vpc/vpc-2"), CidrBlock: "10.2.9.0/24" });
      return {
        named: `${Subnet!.SubnetId} (subnet, 10.2.9.0/24)`,
        remove: () => ec2.deleteSubnet({ SubnetId: Subnet!.SubnetId }),
      };
    },
  ],
  [
    "a security group in our VPC",
    async (ec2, id) => {
      const { GroupId } = await ec2.createSecurityGroup({
        VpcId: id("vpc/vpc-1"),
        GroupName: "theirs",
        Description: "theirs",
      });
      return {
        named: `${GroupId} (security group, theirs)`,
        remove: () => ec2.deleteSecurityGroup({ GroupId }),
      };
    },
  ],
  [
    "a security group that refers to ours",
    async (ec2, id) => {
      const { GroupId } = await ec2.createSecurityGroup({
        VpcId: id("vpc/vpc-1"),
        GroupName: "theirs",
        Description: "theirs",
      });
      await ec2.authorizeSecurityGroupIngress({
        GroupId,
        IpPermissions: [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: id("security-group/vpc-1") }] }],
      });
      return {
        named: `${GroupId} (security group that refers to it, theirs)`,
        remove: () => ec2.deleteSecurityGroup({ GroupId }),
      };
    },
  ],
  [
    "a route table in our VPC",
    async (ec2, id) => {
      const { RouteTable } = await ec2.createRouteTable({ VpcId: id("vpc/vpc-2") });
      const RouteTableId = RouteTable!.RouteTableId!;
      return {
        named: `${RouteTableId} (route table)`,
        remove: () => ec2.deleteRouteTable({ RouteTableId }),
      };
    },
  ],
  [
    "a network ACL in our VPC",
    async (ec2, id) => {
      const { NetworkAcl } = await ec2.createNetworkAcl({ VpcId: id("vpc/vpc-1") });
      const NetworkAclId = NetworkAcl!.NetworkAclId!;
      return {
        named: `${NetworkAclId} (network ACL)`,
        remove: () => ec2.deleteNetworkAcl({ NetworkAclId }),
      };
    },
  ],
];

test.each(rows)("%s: down names it, removes all the rest, and can be run again", async (_name, put) => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.up();
  const { resources } = await stack.state();
  const { named, remove } = await put(stack.ec2, (key) => resources[key]!.id);

  const down = await stack.teardown();
  expect(down.error?.message).toContain(`in the way: ${named}`);
  expect(down.error).toMatchObject({ remedy: expect.stringContaining("run the same command again") });
  expect(await billed(stack)).toEqual([]);
  // What is still there is at most the VPC and what the blocker rests on.
  const left = Object.keys((await stack.state()).resources).filter((key) =>
    /^(vpc|subnet|security-group)\//.test(key),
  );
  expect(left.length).toBeLessThanOrEqual(3);

  await remove();
  const again = await stack.teardown();
  expect(again.error).toBeUndefined();
  expect(again.data).toMatchObject({ audit: { account: "123456789012", left: [], usdAnHour: 0 } });
});

test("every one of several blockers is named, and none of them is touched", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.up();
  const { resources } = await stack.state();
  const theirs = await Promise.all(
    ["subnet/vpc-1", "subnet/vpc-2"].map((key) =>
      stack.ec2.createNetworkInterface({ SubnetId: resources[key]!.id, Description: "theirs" }),
    ),
  );
  const ids = theirs.map(({ NetworkInterface }) => NetworkInterface!.NetworkInterfaceId!);
  const down = await stack.teardown();
  for (const id of ids) expect(down.error?.message).toContain(id);
  expect(await billed(stack)).toEqual([]);
  const { NetworkInterfaces } = await stack.ec2.describeNetworkInterfaces({ NetworkInterfaceIds: ids });
  expect(NetworkInterfaces?.length).toBe(2);
});

test("a stack without anything of others': what does not carry our tag stays as it is", async () => {
  const stack = await bench({ clock: hurriedClock() });
  const { Vpc } = await stack.ec2.createVpc({ CidrBlock: "10.1.0.0/16" });
  const { InternetGateway } = await stack.ec2.createInternetGateway({});
  const InternetGatewayId = InternetGateway!.InternetGatewayId!;
  await stack.ec2.attachInternetGateway({ VpcId: Vpc!.VpcId, InternetGatewayId });
  const { AllocationId } = await stack.ec2.allocateAddress({});
  await stack.up();
  await stack.teardown();
  const { Vpcs } = await stack.ec2.describeVpcs({ Filters: [{ Name: "is-default", Values: ["false"] }] });
  expect(Vpcs?.map(({ VpcId }) => VpcId)).toEqual([Vpc!.VpcId]);
  const { InternetGateways } = await stack.ec2.describeInternetGateways({
    InternetGatewayIds: [InternetGatewayId],
  });
  expect(InternetGateways?.[0]?.Attachments).toMatchObject([{ VpcId: Vpc!.VpcId }]);
  const { Addresses } = await stack.ec2.describeAddresses({});
  expect(Addresses?.map((each) => each.AllocationId)).toEqual([AllocationId]);
});

/** What costs money by the hour, of the stack. */
async function billed({ ec2 }: Bench): Promise<(string | undefined)[]> {
  const Filters = [{ Name: "tag-key", Values: ["peerctl:stack"] }];
  const [instances, addresses] = await Promise.all([
    ec2.describeInstances({ Filters }),
    ec2.describeAddresses({ Filters }),
  ]);
  const running = (instances.Reservations ?? [])
    .flatMap(({ Instances }) => Instances ?? [])
    .filter(({ State }) => State?.Name !== "terminated");
  return [
    ...running.map(({ InstanceId }) => InstanceId),
    ...(addresses.Addresses ?? []).map(({ AllocationId }) => AllocationId),
  ];
}
