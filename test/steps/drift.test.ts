import { rename, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { hurriedClock } from "../support/hurried-clock.ts";
import { type Bench, bench, changesIn, keysOf } from "../support/stack.ts";

/** What somebody does behind peerctl's back, which keys are then made anew, and which are out of step until then. */
const rows: [string, (stack: Bench, id: (key: string) => string) => Promise<unknown>, string[]][] = [
  [
    "an instance is terminated",
    ({ ec2 }, id) => ec2.terminateInstances({ InstanceIds: [id("instance/vpc-2")] }),
    ["instance/vpc-2"],
  ],
  [
    "the connecting instance is terminated: its address goes to the new one",
    ({ ec2 }, id) => ec2.terminateInstances({ InstanceIds: [id("instance/vpc-1")] }),
    ["address-association/vpc-1", "instance/vpc-1"],
  ],
  [
    "the peering is deleted: routes and acceptance go with it",
    ({ ec2 }, id) => ec2.deleteVpcPeeringConnection({ VpcPeeringConnectionId: id("peering/vpc-1~vpc-2") }),
    ["acceptance/vpc-1~vpc-2", "peering/vpc-1~vpc-2", "route/vpc-1~vpc-2", "route/vpc-2~vpc-1"],
  ],
  [
    "a route is deleted",
    ({ ec2 }, id) =>
      ec2.deleteRoute({ RouteTableId: id("route-table/vpc-2"), DestinationCidrBlock: "10.1.0.0/16" }),
    ["route/vpc-2~vpc-1"],
  ],
  [
    "the way to the internet is deleted",
    ({ ec2 }, id) =>
      ec2.deleteRoute({ RouteTableId: id("route-table/vpc-1"), DestinationCidrBlock: "0.0.0.0/0" }),
    ["internet-route/vpc-1"],
  ],
  [
    "the address is taken off",
    ({ ec2 }, id) => ec2.disassociateAddress({ AssociationId: id("address-association/vpc-1") }),
    ["address-association/vpc-1"],
  ],
  [
    "the table is taken off its subnet",
    ({ ec2 }, id) => ec2.disassociateRouteTable({ AssociationId: id("association/vpc-2") }),
    ["association/vpc-2"],
  ],
  [
    "our subnet is put on another table",
    async ({ ec2 }, id) => {
      const Filters = [
        { Name: "vpc-id", Values: [id("vpc/vpc-2")] },
        { Name: "association.main", Values: ["true"] },
      ];
      const { RouteTables } = await ec2.describeRouteTables({ Filters });
      return ec2.replaceRouteTableAssociation({
        AssociationId: id("association/vpc-2"),
        RouteTableId: RouteTables![0]!.RouteTableId,
      });
    },
    ["association/vpc-2"],
  ],
  [
    "a rule is revoked",
    ({ ec2 }, id) =>
      ec2.revokeSecurityGroupIngress({
        GroupId: id("security-group/vpc-2"),
        IpPermissions: [
          { IpProtocol: "icmp", FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: "10.1.0.0/16" }] },
        ],
      }),
    ["icmp-rule/vpc-1~vpc-2"],
  ],
];

test.each(rows)("%s: status says so, and the next up makes it anew", async (_what, meddle, keys) => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.up();
  const { resources } = await stack.state();
  await meddle(stack, (key) => resources[key]!.id);

  const before = await stack.status();
  expect(before.code).toBe(2);
  const out = (before.data as { resources: { key: string; standing: string }[] }).resources;
  const missing = out.filter(({ standing }) => standing === "missing").map(({ key }) => key);
  expect(missing.length).toBeGreaterThan(0);
  expect(keys).toEqual(expect.arrayContaining(missing));

  const up = await stack.up();
  expect(up.error).toBeUndefined();
  expect(keysOf(up, "made")).toEqual(keys);
  const after = await stack.status();
  expect(after.code, after.text).toBe(0);
  expect((await stack.teardown()).data).toMatchObject({ audit: { left: [] } });
});

const taken = ["instance/vpc-2", "address/vpc-1", "security-group/vpc-1", "peering/vpc-1~vpc-2", "vpc/vpc-2"];

test.each(taken)("somebody takes %s over, by its tags: no second one is made, and it stays", async (key) => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.up();
  const { id } = (await stack.state()).resources[key]!;
  await stack.ec2.deleteTags({ Resources: [id] });

  const before = await stack.status();
  expect(before.code).toBe(2);
  expect(before.data).toMatchObject({
    resources: expect.arrayContaining([expect.objectContaining({ key, id, standing: "not ours" })]),
  });
  const up = await stack.up();
  expect(up.error?.message).toContain(`${id} is there, and does not carry the stack's tag any more`);
  expect(changesIn(up)).toEqual([]);
  expect((await stack.state()).resources[key]).toMatchObject({ id });

  // What the message says to do.
  const { uuid } = (await stack.state()).stack;
  const Tags = [
    { Key: "peerctl:stack", Value: uuid },
    { Key: "peerctl:key", Value: key },
  ];
  await stack.ec2.createTags({ Resources: [id], Tags });
  const again = await stack.up();
  expect(again.error).toBeUndefined();
  expect(changesIn(again)).toEqual([]);
});

test("all is deleted by hand: status says missing of everything, up makes it all anew", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.up();
  const kept = await stack.state();
  await stack.teardown();
  await writeFile(stack.file, JSON.stringify(kept));
  const status = await stack.status();
  expect(status.code).toBe(2);
  const up = await stack.up();
  expect(up.error).toBeUndefined();
  expect(keysOf(up, "made")).toHaveLength(26);
  expect((await stack.status()).code).toBe(0);
});

test("what the state file does not know of is unrecorded", async () => {
  const stack = await bench();
  await stack.make(["create-vpcs"]);
  await stack.edit(({ resources }) => {
    delete resources["vpc/vpc-2"];
  });
  const { code, data } = await stack.status();
  expect(code).toBe(2);
  expect(data).toMatchObject({
    inStep: false,
    resources: expect.arrayContaining([
      expect.objectContaining({ key: "vpc/vpc-2", standing: "unrecorded" }),
      expect.objectContaining({ key: "vpc/vpc-1", standing: "live" }),
      expect.objectContaining({ key: "peering/vpc-1~vpc-2", standing: "not made" }),
    ]),
  });
});

test("an older copy of the state file: up takes what has been made since for its own, and makes nothing twice", async () => {
  const stack = await bench();
  await stack.make(["create-vpcs"]);
  const older = await stack.state();
  await stack.up();
  const { resources } = await stack.state();
  await writeFile(stack.file, JSON.stringify(older));
  const up = await stack.up();
  expect(up.error).toBeUndefined();
  expect(changesIn(up)).toEqual([]);
  const adopted = Object.keys(resources).filter((key) => !older.resources[key]);
  expect(keysOf(up, "adopted")).toEqual(adopted.sort());
  const ids = ({ resources }: typeof older) =>
    Object.fromEntries(Object.entries(resources).map(([key, { id }]) => [key, id]));
  expect(ids(await stack.state())).toEqual(ids({ ...older, resources }));
});

test("status looks, and changes nothing; without a state file it finds the stack by its name", async () => {
  const stack = await bench();
  const nothing = await stack.status();
  expect(nothing).toMatchObject({
    code: 0,
    text: expect.stringMatching(/^there is no stack "peerctl" here; make it: peerctl .*up$/),
  });
  await stack.up();
  const status = await stack.status();
  expect(status.code).toBe(0);
  expect(changesIn(status)).toEqual([]);
  await rename(stack.file, `${stack.file}.away`);
  const byName = await stack.status();
  expect(byName.code).toBe(2);
  expect((byName.data as { resources: unknown[] }).resources.length).toBeGreaterThanOrEqual(14);
  // An up that knew nothing of it would make a second stack.
  const { error } = await stack.up();
  expect(error?.message).toMatch(/^there is a stack named "peerctl" in this account and Region/);
});

test("a caller who has moved gets port 22 opened to the new address, and the old one closed", async () => {
  const stack = await bench();
  await stack.up();
  const theirs = { CidrIp: "192.0.2.1/32", Description: "a colleague" };
  const { resources } = await stack.state();
  const GroupId = resources["security-group/vpc-1"]!.id;
  await stack.ec2.authorizeSecurityGroupIngress({
    GroupId,
    IpPermissions: [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [theirs] }],
  });
  const moved = await stack.make(["launch"], { flags: { sshFrom: "203.0.113.0/28" } });
  expect(moved.error).toBeUndefined();
  expect(keysOf(moved, "outdated")).toEqual(["ssh-rule/vpc-1"]);
  expect(keysOf(moved, "made")).toEqual(["ssh-rule/vpc-1"]);
  const cidrs = async () => {
    const { SecurityGroups } = await stack.ec2.describeSecurityGroups({ GroupIds: [GroupId] });
    return SecurityGroups![0]!
      .IpPermissions!.flatMap(({ IpRanges }) => IpRanges!.map(({ CidrIp }) => CidrIp))
      .sort();
  };
  expect(await cidrs()).toEqual(["192.0.2.1/32", "203.0.113.0/28"]);

  // Moved again, and EC2 refuses the new rule at first: the old one is closed by the run that opens the new one.
  const refusal = { code: "UnauthorizedOperation", message: "no", status: 403 };
  await stack.faults({ action: "AuthorizeSecurityGroupIngress", nth: 1, fault: refusal });
  expect((await stack.make(["launch"], { flags: { sshFrom: "203.0.113.16/28" } })).error).toBeDefined();
  await stack.faults();
  await stack.make(["launch"], { flags: { sshFrom: "203.0.113.16/28" } });
  expect(await cidrs()).toEqual(["192.0.2.1/32", "203.0.113.16/28"]);
  await stack.make(["launch"], { flags: { sshFrom: "203.0.113.0/28" } });

  // Killed after the new rule was opened and recorded, and before the old one was closed.
  await stack.ec2.authorizeSecurityGroupIngress({
    GroupId,
    IpPermissions: [
      {
        IpProtocol: "tcp",
        FromPort: 22,
        ToPort: 22,
        IpRanges: [{ CidrIp: "198.51.100.7/32", Description: "SSH from whoever ran peerctl" }],
      },
    ],
  });
  await stack.make(["launch"], { flags: { sshFrom: "203.0.113.0/28" } });
  expect(await cidrs()).toEqual(["192.0.2.1/32", "203.0.113.0/28"]);
});
