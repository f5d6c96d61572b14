import { expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import type { StepName } from "../../src/steps/step.ts";
import { bench, changesIn, keysOf } from "../support/stack.ts";

const made: [StepName, string[]][] = [
  [
    "create-vpcs",
    [
      "association",
      "attachment",
      "internet-gateway",
      "internet-route",
      "route-table",
      "subnet",
      "vpc",
    ].flatMap((type) => [`${type}/vpc-1`, `${type}/vpc-2`]),
  ],
  ["peer", ["acceptance/vpc-1~vpc-2", "peering/vpc-1~vpc-2"]],
  ["route", ["route/vpc-1~vpc-2", "route/vpc-2~vpc-1"]],
  [
    "launch",
    ["instance/vpc-1", "instance/vpc-2", "security-group/vpc-1", "security-group/vpc-2", "ssh-rule/vpc-1"],
  ],
  ["eip", ["address-association/vpc-1", "address/vpc-1"]],
  ["open-icmp", ["icmp-rule/vpc-1~vpc-2"]],
];

test("each step by itself makes what it says, and a second run of it makes nothing", async () => {
  const stack = await bench();
  for (const [name, keys] of made) {
    const first = await stack.make([name]);
    expect(first, String(first.error)).toMatchObject({ code: 0 });
    expect(keysOf(first, "made")).toEqual(keys);

    const second = await stack.make([name]);
    expect(second.code).toBe(0);
    expect(keysOf(second, "kept")).toEqual(keys);
    expect(changesIn(second)).toEqual([]);
    expect(second.said[0]).toMatch(/^nothing to make, all is there \(\d+ calls, /);
  }
  const { resources, intents } = await stack.state();
  expect(Object.keys(resources).sort()).toEqual(made.flatMap(([, keys]) => keys).sort());
  expect(intents).toEqual({});
});

test.each<[StepName, StepName[], string, string]>([
  ["peer", [], "there is no vpc/vpc-1 yet", "create-vpcs"],
  ["route", ["create-vpcs"], "there is no peering/vpc-1~vpc-2 yet", "peer"],
  ["launch", [], "there is no vpc/vpc-1 yet", "create-vpcs"],
  ["eip", ["create-vpcs"], "there is no instance/vpc-1 yet", "launch"],
  ["open-icmp", ["create-vpcs"], "there is no security-group/vpc-2 yet", "launch"],
])("%s after %j says what is missing, and changes nothing", async (name, before, message, remedy) => {
  const stack = await bench();
  if (before.length > 0) await stack.make(before);
  const outcome = await stack.make([name]);
  const { error } = outcome;
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ message, remedy: `run: peerctl ${remedy}` });
  expect(changesIn(outcome)).toEqual([]);
});

test("what is made is as the tutorial has it", async () => {
  const { ec2, up, lab } = await bench();
  await up();
  const tables = lab.world.tables.get("123456789012/us-east-1")!;
  const stacked = (id: string) => tables.tags.get(id)?.get("peerctl:key");
  const { Vpcs } = await ec2.describeVpcs({ Filters: [{ Name: "tag-key", Values: ["peerctl:stack"] }] });
  expect(Vpcs?.map(({ VpcId, CidrBlock }) => [stacked(VpcId!), CidrBlock]).sort()).toEqual([
    ["vpc/vpc-1", "10.1.0.0/16"],
    ["vpc/vpc-2", "10.2.0.0/16"],
  ]);
  const { RouteTables } = await ec2.describeRouteTables({
    Filters: [{ Name: "tag:peerctl:key", Values: ["route-table/vpc-1"] }],
  });
  const [table] = RouteTables!;
  expect(table?.Associations).toMatchObject([{ Main: false, SubnetId: expect.stringMatching(/^subnet-/) }]);
  expect(
    table?.Routes?.map((route) => [
      route.DestinationCidrBlock,
      (route.GatewayId ?? route.VpcPeeringConnectionId ?? "").replace(/-.*/, ""),
      route.State,
    ]),
  ).toEqual(
    expect.arrayContaining([
      ["10.1.0.0/16", "local", "active"],
      ["10.2.0.0/16", "pcx", "active"],
      ["0.0.0.0/0", "igw", "active"],
    ]),
  );
  const { SecurityGroups } = await ec2.describeSecurityGroups({
    Filters: [{ Name: "tag-key", Values: ["peerctl:stack"] }],
  });
  const rules = SecurityGroups?.map(({ GroupId, IpPermissions }) => [
    stacked(GroupId!),
    IpPermissions?.map((each) => [each.IpProtocol, each.FromPort, each.ToPort, each.IpRanges?.[0]?.CidrIp]),
  ]).sort();
  expect(rules).toEqual([
    ["security-group/vpc-1", [["tcp", 22, 22, "198.51.100.7/32"]]],
    ["security-group/vpc-2", [["icmp", 8, -1, "10.1.0.0/16"]]],
  ]);
  const { Reservations } = await ec2.describeInstances();
  for (const instance of Reservations!.flatMap((each) => each.Instances!)) {
    expect(instance.KeyName).toBeUndefined();
    expect(instance).toMatchObject({
      InstanceType: "t3.micro",
      MetadataOptions: { HttpTokens: "required", HttpEndpoint: "enabled" },
    });
  }
  expect([...tables.volumes.values()].map(({ Encrypted }) => Encrypted)).toEqual([true, true]);
});
