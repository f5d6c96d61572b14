import type { EC2, NetworkAclEntry } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { outcomeOf } from "../start.ts";
import { awsForTest, network } from "./aws.ts";

const aclNow = async (ec2: EC2, id: string) =>
  (await ec2.describeNetworkAcls({ NetworkAclIds: [id] })).NetworkAcls?.[0];

const everything = { Protocol: "-1", CidrBlock: "0.0.0.0/0" };

test("the default ACL allows everything, and has the subnets", async () => {
  const { ec2 } = await awsForTest();
  const { VpcId, SubnetId, defaultAcl } = await network(ec2);
  expect(await aclNow(ec2, defaultAcl)).toEqual({
    NetworkAclId: defaultAcl,
    VpcId,
    OwnerId: "123456789012",
    IsDefault: true,
    Tags: [],
    Associations: [
      { NetworkAclAssociationId: expect.stringMatching(/^aclassoc-/), NetworkAclId: defaultAcl, SubnetId },
    ],
    Entries: [
      { ...everything, RuleNumber: 100, Egress: true, RuleAction: "allow" },
      { ...everything, RuleNumber: 32767, Egress: true, RuleAction: "deny" },
      { ...everything, RuleNumber: 100, Egress: false, RuleAction: "allow" },
      { ...everything, RuleNumber: 32767, Egress: false, RuleAction: "deny" },
    ],
  });
});

async function scene() {
  const { ec2 } = await awsForTest();
  const vpc = await network(ec2);
  const { NetworkAcl } = await ec2.createNetworkAcl({ VpcId: vpc.VpcId });
  return { ec2, ...vpc, NetworkAclId: NetworkAcl?.NetworkAclId ?? "", acl: NetworkAcl };
}

test("a new ACL denies everything, and takes a subnet over from another", async () => {
  const { ec2, SubnetId, NetworkAclId, acl, defaultAcl } = await scene();
  expect(acl?.Entries?.map((entry) => [entry.RuleNumber, entry.RuleAction])).toEqual([
    [32767, "deny"],
    [32767, "deny"],
  ]);
  const old = await aclNow(ec2, defaultAcl);
  const AssociationId = old?.Associations?.[0]?.NetworkAclAssociationId;
  const { NewAssociationId } = await ec2.replaceNetworkAclAssociation({ AssociationId, NetworkAclId });
  expect((await aclNow(ec2, NetworkAclId))?.Associations).toEqual([
    { NetworkAclAssociationId: NewAssociationId, NetworkAclId, SubnetId },
  ]);
  expect((await aclNow(ec2, defaultAcl))?.Associations).toEqual([]);
  expect(await outcomeOf(ec2.replaceNetworkAclAssociation({ AssociationId, NetworkAclId }))).toBe(
    `InvalidAssociationID.NotFound: The association ID '${AssociationId}' does not exist`,
  );
  expect(await outcomeOf(ec2.deleteNetworkAcl({ NetworkAclId }))).toBe(
    `DependencyViolation: The networkAcl '${NetworkAclId}' has dependencies and cannot be deleted.`,
  );
  await ec2.deleteSubnet({ SubnetId });
  expect(await outcomeOf(ec2.deleteNetworkAcl({ NetworkAclId }))).toBe("done");
  expect(await outcomeOf(ec2.deleteNetworkAcl({ NetworkAclId: defaultAcl }))).toMatch(
    /^InvalidParameterValue/,
  );
});

test("a subnet does not go to another VPC's ACL", async () => {
  const { ec2, NetworkAclId } = await scene();
  const other = await network(ec2, "10.2.0.0/16");
  const AssociationId = (await aclNow(ec2, other.defaultAcl))?.Associations?.[0]?.NetworkAclAssociationId;
  expect(await outcomeOf(ec2.replaceNetworkAclAssociation({ AssociationId, NetworkAclId }))).toMatch(
    /^InvalidParameterValue/,
  );
});

describe("entries", () => {
  const base = { RuleNumber: 10, Egress: false, RuleAction: "allow", ...everything } as const;
  const rows: [string, NetworkAclEntry, RegExp | NetworkAclEntry][] = [
    ["all", base, base],
    [
      "a name for a protocol",
      { ...base, Protocol: "tcp", PortRange: { From: 22, To: 22 } },
      { ...base, Protocol: "6", PortRange: { From: 22, To: 22 } },
    ],
    [
      "ICMP",
      { ...base, Protocol: "1", IcmpTypeCode: { Type: -1, Code: -1 } },
      { ...base, Protocol: "1", IcmpTypeCode: { Type: -1, Code: -1 } },
    ],
    ["host bits", { ...base, CidrBlock: "10.1.2.3/16" }, { ...base, CidrBlock: "10.1.0.0/16" }],
    ["number 0", { ...base, RuleNumber: 0 }, /^InvalidParameterValue: Value \(0\) for parameter ruleNumber/],
    ["number 32767", { ...base, RuleNumber: 32767 }, /^InvalidParameterValue/],
    ["TCP without ports", { ...base, Protocol: "6" }, /^MissingParameter: .* portRange$/],
    [
      "ports turned round",
      { ...base, Protocol: "6", PortRange: { From: 2, To: 1 } },
      /^InvalidParameterValue/,
    ],
    ["ICMP without a type", { ...base, Protocol: "1" }, /^MissingParameter: .* icmpTypeCode$/],
    ["no block", { ...base, CidrBlock: undefined }, /^MissingParameter/],
    [
      "a malformed block",
      { ...base, CidrBlock: "10.0.0.0/33" },
      /^InvalidParameterValue: CIDR block 10.0.0.0\/33 is malformed/,
    ],
    ["an unknown action", { ...base, RuleAction: "drop" as "deny" }, /^InvalidParameterValue/],
    ["an unknown protocol", { ...base, Protocol: "999" }, /^InvalidParameterValue/],
  ];
  test.each(rows)("%s", async (_name, entry, expected) => {
    const { ec2, NetworkAclId } = await scene();
    const input = entry as Required<NetworkAclEntry>;
    const outcome = await outcomeOf(ec2.createNetworkAclEntry({ NetworkAclId, ...input }));
    const made = (await aclNow(ec2, NetworkAclId))?.Entries?.filter((each) => each.RuleNumber !== 32767);
    if (expected instanceof RegExp) expect([outcome, made]).toEqual([expect.stringMatching(expected), []]);
    else expect([outcome, made]).toEqual(["done", [expected]]);
  });

  test("stand in rule order, one a number and direction; replaced and deleted by them", async () => {
    const { ec2, NetworkAclId } = await scene();
    const add = (RuleNumber: number, Egress: boolean) =>
      outcomeOf(ec2.createNetworkAclEntry({ ...base, NetworkAclId, RuleNumber, Egress }));
    expect([await add(20, false), await add(10, false), await add(10, true)]).toEqual([
      "done",
      "done",
      "done",
    ]);
    expect(await add(10, true)).toBe(
      "NetworkAclEntryAlreadyExists: The network acl entry identified by 10 already exists.",
    );
    await ec2.replaceNetworkAclEntry({ ...base, NetworkAclId, RuleAction: "deny" });
    await ec2.deleteNetworkAclEntry({ NetworkAclId, RuleNumber: 10, Egress: true });
    const { Entries } = (await aclNow(ec2, NetworkAclId)) ?? {};
    expect(Entries?.map((each) => [each.Egress, each.RuleNumber, each.RuleAction])).toEqual([
      [true, 32767, "deny"],
      [false, 10, "deny"],
      [false, 20, "allow"],
      [false, 32767, "deny"],
    ]);
    for (const RuleNumber of [10, 32767]) {
      expect(await outcomeOf(ec2.deleteNetworkAclEntry({ NetworkAclId, RuleNumber, Egress: true }))).toMatch(
        /^InvalidNetworkAclEntry.NotFound/,
      );
    }
  });

  test("20 each way are the most", async () => {
    const { ec2, NetworkAclId } = await scene();
    const outcomes = [];
    for (let RuleNumber = 1; RuleNumber <= 21; RuleNumber++) {
      outcomes.push(await outcomeOf(ec2.createNetworkAclEntry({ ...base, NetworkAclId, RuleNumber })));
    }
    expect(outcomes.slice(0, 20)).toEqual(Array(20).fill("done"));
    expect(outcomes[20]).toMatch(/^NetworkAclEntryLimitExceeded/);
  });
});
