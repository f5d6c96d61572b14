import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { hurriedClock } from "../support/hurried-clock.ts";
import { type Bench, bench, keysOf } from "../support/stack.ts";

async function standing(): Promise<{ stack: Bench; id: (key: string) => string }> {
  const stack = await bench({ clock: hurriedClock() });
  await stack.up();
  const { resources } = await stack.state();
  return { stack, id: (key) => resources[key]!.id };
}

test("blocked, down ends with the audit and the document, and exits with the blockers", async () => {
  const { stack, id } = await standing();
  const { NetworkInterface } = await stack.ec2.createNetworkInterface({
    SubnetId: id("subnet/vpc-2"),
    Description: "theirs",
  });
  const theirs = NetworkInterface!.NetworkInterfaceId!;
  const down = await stack.teardown();
  expect(down.error?.message).toContain(`in the way: ${theirs} (network interface, "theirs")`);
  expect(down.said.join("\n")).toMatch(/audit of us-east-1: 3 left, 0 USD an hour/);
  expect(down.said).toContain(`! subnet ${id("subnet/vpc-2")} is left (subnet/vpc-2)`);
  expect(down.data).toMatchObject({
    blocked: [
      {
        key: "subnet/vpc-2",
        id: id("subnet/vpc-2"),
        message: expect.stringContaining("DependencyViolation"),
        blockers: [{ id: theirs, type: "network interface", detail: '"theirs"' }],
      },
    ],
    audit: {
      left: expect.arrayContaining([
        { id: id("subnet/vpc-2"), resourceType: "subnet" },
        { id: id("vpc/vpc-2"), resourceType: "vpc" },
      ]),
      usdAnHour: 0,
    },
  });
});

test("an interface with another stack's tag is in the way like any other", async () => {
  const { stack, id } = await standing();
  const { NetworkInterface } = await stack.ec2.createNetworkInterface({
    SubnetId: id("subnet/vpc-1"),
    TagSpecifications: [
      { ResourceType: "network-interface", Tags: [{ Key: "peerctl:stack", Value: "another" }] },
    ],
  });
  expect((await stack.teardown()).error?.message).toContain(
    `in the way: ${NetworkInterface!.NetworkInterfaceId}`,
  );
});

test("others' subnet on our route table is named, and all the rest goes", async () => {
  const { stack, id } = await standing();
  const { Subnet } = await stack.ec2.createSubnet({ VpcId: id("vpc/vpc-1"), CidrBlock: "10.1.9.0/24" });
  const { AssociationId } = await stack.ec2.associateRouteTable({
    SubnetId: Subnet!.SubnetId,
    RouteTableId: id("route-table/vpc-1"),
  });
  const down = await stack.teardown();
  expect(down.error?.message).toContain(
    `in the way: ${Subnet!.SubnetId} (subnet, associated by ${AssociationId})`,
  );
  expect(Object.keys((await stack.state()).resources)).toEqual(
    expect.arrayContaining(["vpc/vpc-1", "route-table/vpc-1"]),
  );
  expect((down.data as { audit: { left: object[] } }).audit.left).toHaveLength(2);
  await stack.ec2.deleteSubnet({ SubnetId: Subnet!.SubnetId });
  expect(await stack.teardown()).toMatchObject({ code: 0, error: undefined });
});

test("what stays in use without a reason that is found keeps nothing else from going", async () => {
  const { stack, id } = await standing();
  const fault = { code: "DependencyViolation", message: "has dependencies", status: 400 };
  await stack.faults({ action: "DeleteSubnet", times: 1000, fault });
  const down = await stack.teardown();
  expect(down.error?.message).toContain("in the way: something that was not found");
  expect(down.error).toMatchObject({ remedy: expect.stringContaining("run the same command again") });
  const left = (down.data as { audit: { left: { id: string }[] } }).audit.left.map((each) => each.id);
  expect(left.sort()).toEqual(
    ["subnet/vpc-1", "subnet/vpc-2", "route-table/vpc-1", "route-table/vpc-2", "vpc/vpc-1", "vpc/vpc-2"]
      .map(id)
      .sort(),
  );
  await stack.faults();
  expect(await stack.teardown()).toMatchObject({ code: 0, error: undefined });
});

test("a protected instance stays, with the command that lifts the protection; the other one goes", async () => {
  const { stack, id } = await standing();
  const InstanceId = id("instance/vpc-1");
  await stack.ec2.modifyInstanceAttribute({ InstanceId, DisableApiTermination: { Value: true } });
  const down = await stack.teardown();
  expect(down.error?.message).toContain(`in the way: ${InstanceId} (instance, termination protection)`);
  expect(down.error).toMatchObject({
    remedy: expect.stringContaining(
      `aws ec2 modify-instance-attribute --instance-id ${InstanceId} --no-disable-api-termination --region us-east-1`,
    ),
  });
  const removed = keysOf(down, "removed");
  expect(removed).toEqual(expect.arrayContaining(["instance/vpc-2", "vpc/vpc-2", "address/vpc-1"]));
  expect(removed).not.toContain("instance/vpc-1");
  expect(down.data).toMatchObject({
    blocked: [{ key: "instance/vpc-1" }],
    audit: { usdAnHour: expect.closeTo(0.0113, 4) },
  });

  await stack.ec2.modifyInstanceAttribute({ InstanceId, DisableApiTermination: { Value: false } });
  expect(await stack.teardown()).toMatchObject({ code: 0, error: undefined });
});

test("of two things under one key, the one that is blocked does not keep the other", async () => {
  const { stack, id } = await standing();
  const { stack: mine } = await stack.state();
  await stack.ec2.createNetworkInterface({ SubnetId: id("subnet/vpc-1") });
  const { Subnet } = await stack.ec2.createSubnet({
    VpcId: id("vpc/vpc-1"),
    CidrBlock: "10.1.9.0/24",
    TagSpecifications: [
      {
        ResourceType: "subnet",
        Tags: [
          { Key: "peerctl:stack", Value: mine.uuid },
          { Key: "peerctl:key", Value: "subnet/vpc-1" },
        ],
      },
    ],
  });
  const down = await stack.teardown();
  expect(down.error).toBeDefined();
  expect(down.events).toContainEqual({ what: "removed", key: "subnet/vpc-1", id: Subnet!.SubnetId });
});

test("what somebody took over by removing our tag stays; nothing else does", async () => {
  const { stack, id } = await standing();
  const taken = ["vpc/vpc-1", "instance/vpc-2", "peering/vpc-1~vpc-2"];
  await stack.ec2.deleteTags({
    Resources: [...taken.map(id), id("subnet/vpc-2")],
    Tags: [{ Key: "peerctl:stack" }],
  });
  const down = await stack.teardown();
  // The security group is the taken instance's; its VPC holds both.
  expect(down.error?.message).toContain("security-group/vpc-2");
  for (const key of [...taken, "subnet/vpc-2"]) {
    expect(down.said).toContain(
      `! ${key} ${id(key)} does not carry the stack's tag any more: it is not ours, and stays`,
    );
    expect(keysOf(down, "removed")).not.toContain(key);
  }
  expect((down.data as { notOurs: object[] }).notOurs).toHaveLength(4);
  const { VpcPeeringConnections } = await stack.ec2.describeVpcPeeringConnections();
  expect(VpcPeeringConnections?.map(({ Status }) => Status?.Code)).toEqual(["active"]);
  await stack.ec2.describeVpcs({ VpcIds: [id("vpc/vpc-1")] });
  const { Reservations } = await stack.ec2.describeInstances({ InstanceIds: [id("instance/vpc-2")] });
  expect(Reservations![0]!.Instances![0]!.State?.Name).toBe("running");
});

test("a stack of which all that is left was taken over ends well", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.make(["create-vpcs"]);
  const { resources } = await stack.state();
  const VpcId = resources["vpc/vpc-1"]!.id;
  await stack.ec2.deleteTags({ Resources: [VpcId], Tags: [{ Key: "peerctl:stack" }] });
  const down = await stack.teardown();
  expect(down).toMatchObject({ code: 0, error: undefined });
  expect(down.data).toMatchObject({ notOurs: [{ key: "vpc/vpc-1", id: VpcId }], audit: { left: [] } });
  expect(existsSync(stack.file)).toBe(false);
  const { Vpcs } = await stack.ec2.describeVpcs({ VpcIds: [VpcId] });
  expect(Vpcs).toHaveLength(1);
});
