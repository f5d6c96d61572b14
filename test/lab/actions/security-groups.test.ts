import type { EC2, IpPermission } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { outcomeOf } from "../start.ts";
import { awsForTest, launch, network } from "./aws.ts";

async function groupIn(ec2: EC2, VpcId: string, GroupName = "web"): Promise<string> {
  const { GroupId } = await ec2.createSecurityGroup({ GroupName, Description: "for tests", VpcId });
  return GroupId ?? "";
}

async function scene() {
  const lab = await awsForTest();
  const vpc = await network(lab.ec2);
  return { ...lab, ...vpc, GroupId: await groupIn(lab.ec2, vpc.VpcId) };
}

const tcp = (port: number, CidrIp = "0.0.0.0/0"): IpPermission => ({
  IpProtocol: "tcp",
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp }],
});

const groupNow = async (ec2: EC2, GroupId: string) =>
  (await ec2.describeSecurityGroups({ GroupIds: [GroupId] })).SecurityGroups?.[0];

describe("groups", () => {
  test("a new one lets everything out and nothing in", async () => {
    const { ec2, VpcId, GroupId } = await scene();
    expect(await groupNow(ec2, GroupId)).toEqual({
      GroupId,
      GroupName: "web",
      Description: "for tests",
      VpcId,
      OwnerId: "123456789012",
      SecurityGroupArn: `arn:aws:ec2:us-east-1:123456789012:security-group/${GroupId}`,
      Tags: [],
      IpPermissions: [],
      IpPermissionsEgress: [
        {
          IpProtocol: "-1",
          IpRanges: [{ CidrIp: "0.0.0.0/0" }],
          Ipv6Ranges: [],
          PrefixListIds: [],
          UserIdGroupPairs: [],
        },
      ],
    });
  });

  test("the default one lets in what comes from its own members", async () => {
    const { ec2, defaultGroup } = await scene();
    const group = await groupNow(ec2, defaultGroup);
    expect(group?.GroupName).toBe("default");
    expect(group?.IpPermissions).toEqual([
      {
        IpProtocol: "-1",
        IpRanges: [],
        Ipv6Ranges: [],
        PrefixListIds: [],
        UserIdGroupPairs: [{ GroupId: defaultGroup, UserId: "123456789012" }],
      },
    ]);
  });

  const names: [string, object, RegExp][] = [
    [
      "taken",
      { GroupName: "web" },
      /^InvalidGroup.Duplicate: The security group 'web' already exists for VPC 'vpc-/,
    ],
    [
      "reserved",
      { GroupName: "default" },
      /^InvalidParameterValue: Cannot use reserved security group name: default$/,
    ],
    ["like an id", { GroupName: "sg-1" }, /^InvalidParameterValue: .* may not be in the format sg-\*/],
    ["not ASCII", { GroupName: "wëb" }, /^InvalidParameterValue: .* Character sets beyond ASCII/],
    [
      "a bad description",
      { GroupName: "b", Description: "ü" },
      /^InvalidParameterValue: Invalid security group description/,
    ],
    ["no such VPC", { GroupName: "b", VpcId: "vpc-00000000000000000" }, /^InvalidVpcID.NotFound/],
    ["free", { GroupName: "b" }, /^done$/],
  ];
  test.each(names)("a name that is %s", async (_name, input, outcome) => {
    const { ec2, VpcId } = await scene();
    const whole = { GroupName: "", Description: "d", VpcId, ...input };
    expect(await outcomeOf(ec2.createSecurityGroup(whole))).toMatch(outcome);
  });

  test("without a VPC it goes to the default one, where it can be called by its name", async () => {
    const { ec2 } = await awsForTest();
    const { GroupId } = await ec2.createSecurityGroup({ GroupName: "named", Description: "d" });
    const { SecurityGroups } = await ec2.describeSecurityGroups({ GroupNames: ["named"] });
    expect(SecurityGroups?.map((group) => group.GroupId)).toEqual([GroupId]);
    await ec2.deleteSecurityGroup({ GroupName: "named" });
    expect(await outcomeOf(ec2.describeSecurityGroups({ GroupNames: ["named"] }))).toMatch(
      /^InvalidGroup.NotFound: The security group 'named' does not exist in default VPC 'vpc-/,
    );
  });

  test("deletion: the default one, one in use, one referred to, one free", async () => {
    const { ec2, VpcId, GroupId, SubnetId, defaultGroup } = await scene();
    const remove = (id: string) => outcomeOf(ec2.deleteSecurityGroup({ GroupId: id }));
    expect(await remove(defaultGroup)).toBe(
      `CannotDelete: the specified group: "${defaultGroup}" name: "default" cannot be deleted by a user`,
    );
    const { NetworkInterface } = await ec2.createNetworkInterface({ SubnetId, Groups: [GroupId] });
    expect(await remove(GroupId)).toBe(`DependencyViolation: resource ${GroupId} has a dependent object`);
    await ec2.deleteNetworkInterface({ NetworkInterfaceId: NetworkInterface?.NetworkInterfaceId });
    const second = await groupIn(ec2, VpcId, "second");
    const rule = { IpPermissions: [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId }] }] };
    await ec2.authorizeSecurityGroupIngress({ GroupId: second, ...rule });
    await ec2.authorizeSecurityGroupIngress({ GroupId, ...rule });
    expect(await remove(GroupId)).toBe(`DependencyViolation: resource ${GroupId} has a dependent object`);
    await ec2.revokeSecurityGroupIngress({ GroupId: second, ...rule });
    expect(await remove(GroupId)).toBe("done");
    expect(await remove(GroupId)).toBe(
      `InvalidGroup.NotFound: The security group '${GroupId}' does not exist`,
    );
    const { SecurityGroupRules } = await ec2.describeSecurityGroupRules({
      Filters: [{ Name: "group-id", Values: [GroupId] }],
    });
    expect(SecurityGroupRules).toEqual([]);
  });

  test("filters over rules look at one direction", async () => {
    const { ec2, GroupId } = await scene();
    await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [tcp(22, "198.51.100.7/32")] });
    const found = async (Name: string, Value: string) =>
      (await ec2.describeSecurityGroups({ Filters: [{ Name, Values: [Value] }] })).SecurityGroups?.map(
        (group) => group.GroupId,
      );
    expect(await found("ip-permission.from-port", "22")).toEqual([GroupId]);
    expect(await found("egress.ip-permission.from-port", "22")).toEqual([]);
    expect(await found("ip-permission.cidr", "198.51.100.*")).toEqual([GroupId]);
    expect(await found("group-name", "web")).toEqual([GroupId]);
  });
});

describe("rules", () => {
  test("one rule a peer, with its own id and tags; Describe puts them together by protocol and ports", async () => {
    const { ec2, GroupId } = await scene();
    const { SecurityGroupRules, Return } = await ec2.authorizeSecurityGroupIngress({
      GroupId,
      IpPermissions: [
        {
          ...tcp(443),
          IpRanges: [{ CidrIp: "10.9.8.7/8", Description: "inside" }],
          Ipv6Ranges: [{ CidrIpv6: "2001:DB8::/32" }],
          UserIdGroupPairs: [{ GroupId }],
        },
        { IpProtocol: "1", FromPort: -1, ToPort: -1, IpRanges: [{ CidrIp: "10.2.0.0/16" }] },
      ],
      TagSpecifications: [{ ResourceType: "security-group-rule", Tags: [{ Key: "a", Value: "b" }] }],
    });
    expect(Return).toBe(true);
    expect(SecurityGroupRules?.[0]).toEqual({
      SecurityGroupRuleId: expect.stringMatching(/^sgr-0/),
      SecurityGroupRuleArn: expect.stringContaining(":security-group-rule/sgr-0"),
      GroupId,
      GroupOwnerId: "123456789012",
      IsEgress: false,
      IpProtocol: "tcp",
      FromPort: 443,
      ToPort: 443,
      CidrIpv4: "10.0.0.0/8",
      Description: "inside",
      Tags: [{ Key: "a", Value: "b" }],
    });
    await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [tcp(443, "192.0.2.0/24")] });
    expect((await groupNow(ec2, GroupId))?.IpPermissions).toEqual([
      {
        IpProtocol: "tcp",
        FromPort: 443,
        ToPort: 443,
        IpRanges: [{ CidrIp: "10.0.0.0/8", Description: "inside" }, { CidrIp: "192.0.2.0/24" }],
        Ipv6Ranges: [{ CidrIpv6: "2001:db8::/32" }],
        PrefixListIds: [],
        UserIdGroupPairs: [{ GroupId, UserId: "123456789012" }],
      },
      {
        IpProtocol: "icmp",
        FromPort: -1,
        ToPort: -1,
        IpRanges: [{ CidrIp: "10.2.0.0/16" }],
        Ipv6Ranges: [],
        PrefixListIds: [],
        UserIdGroupPairs: [],
      },
    ]);
  });

  test("the flat parameters of old clients", async () => {
    const { ec2, GroupId } = await scene();
    const flat = { GroupId, IpProtocol: "tcp", FromPort: 22, ToPort: 22, CidrIp: "0.0.0.0/0" };
    await ec2.authorizeSecurityGroupIngress(flat);
    expect((await groupNow(ec2, GroupId))?.IpPermissions?.[0]).toMatchObject(tcp(22));
    await ec2.revokeSecurityGroupIngress(flat);
    expect((await groupNow(ec2, GroupId))?.IpPermissions).toEqual([]);
  });

  const all = (IpProtocol: string, more: object = {}): IpPermission => ({
    IpProtocol,
    IpRanges: [{ CidrIp: "0.0.0.0/0" }],
    ...more,
  });
  const duplicates: [IpPermission, string][] = [
    [tcp(22), "peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW"],
    [all("-1"), "peer: 0.0.0.0/0, ALL, ALLOW"],
    [all("icmp", { FromPort: -1, ToPort: -1 }), "peer: 0.0.0.0/0, ICMP, type: ALL, code: ALL, ALLOW"],
    [all("icmp", { FromPort: 8, ToPort: 0 }), "peer: 0.0.0.0/0, ICMP, type: 8, code: 0, ALLOW"],
  ];
  test.each(duplicates)("the same rule again is refused in AWS's words: %#", async (rule, text) => {
    const { ec2, GroupId } = await scene();
    await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [rule] });
    expect(await outcomeOf(ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [rule] }))).toBe(
      `InvalidPermission.Duplicate: the specified rule "${text}" already exists`,
    );
  });

  const refused: [string, IpPermission, RegExp][] = [
    ["no protocol", { IpRanges: [{ CidrIp: "0.0.0.0/0" }] }, /^MissingParameter/],
    ["an unknown protocol", all("gre?"), /^InvalidParameterValue: Invalid value 'gre\?' for IP protocol/],
    ["TCP without ports", all("tcp"), /^InvalidParameterValue: .*Must specify both from and to ports/],
    [
      "ports turned round",
      all("tcp", { FromPort: 9, ToPort: 1 }),
      /^InvalidParameterValue: Invalid TCP\/UDP port range \(9:1\)$/,
    ],
    ["a port too high", all("udp", { FromPort: 1, ToPort: 65536 }), /^InvalidParameterValue/],
    ["an ICMP code without a type", all("icmp", { FromPort: -1, ToPort: 3 }), /^InvalidParameterValue/],
    ["a malformed block", tcp(22, "10.0.0/8"), /^InvalidParameterValue: CIDR block 10.0.0\/8 is malformed$/],
    ["IPv6 as IPv4", tcp(22, "::/0"), /^InvalidParameterValue/],
    ["no peer", { IpProtocol: "-1" }, /^MissingParameter/],
    [
      "an unknown group",
      { IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: "sg-00000000" }] },
      /^InvalidGroup.NotFound: The security group 'sg-00000000' does not exist$/,
    ],
    [
      "an unknown prefix list",
      { IpProtocol: "-1", PrefixListIds: [{ PrefixListId: "pl-1" }] },
      /^InvalidPrefixListID.NotFound/,
    ],
    [
      "one twice in a request",
      { ...tcp(22), IpRanges: [{ CidrIp: "10.0.0.0/8" }, { CidrIp: "10.1.0.0/8" }] },
      /^InvalidParameterValue: The same permission must not appear multiple times$/,
    ],
  ];
  test.each(refused)("%s is refused", async (_name, rule, outcome) => {
    const { ec2, GroupId } = await scene();
    expect(await outcomeOf(ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [rule] }))).toMatch(
      outcome,
    );
    expect((await groupNow(ec2, GroupId))?.IpPermissions).toEqual([]);
  });

  test("60 rules each way are the most; IPv6 counts apart", async () => {
    const { ec2, GroupId } = await scene();
    const rule = (n: number) => tcp(n);
    const many = Array.from({ length: 60 }, (_, n) => rule(n + 1));
    await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: many });
    const more = (permission: IpPermission) =>
      outcomeOf(ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [permission] }));
    expect(await more(rule(61))).toBe(
      "RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached.",
    );
    expect(
      await more({ IpProtocol: "tcp", FromPort: 1, ToPort: 1, Ipv6Ranges: [{ CidrIpv6: "::/0" }] }),
    ).toBe("done");
    expect(await outcomeOf(ec2.authorizeSecurityGroupEgress({ GroupId, IpPermissions: [rule(61)] }))).toBe(
      "done",
    );
  });

  test("revoking by permission, by id, and what is not there", async () => {
    const { ec2, GroupId } = await scene();
    const made = await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [tcp(22), tcp(80)] });
    const gone = await ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: [tcp(22)] });
    expect(gone.RevokedSecurityGroupRules).toMatchObject([
      { SecurityGroupRuleId: made.SecurityGroupRules?.[0]?.SecurityGroupRuleId, CidrIpv4: "0.0.0.0/0" },
    ]);
    const SecurityGroupRuleIds = [made.SecurityGroupRules?.[1]?.SecurityGroupRuleId ?? ""];
    await ec2.revokeSecurityGroupIngress({ GroupId, SecurityGroupRuleIds });
    expect((await groupNow(ec2, GroupId))?.IpPermissions).toEqual([]);
    expect(await outcomeOf(ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: [tcp(80)] }))).toBe(
      "InvalidPermission.NotFound: The specified rule does not exist in this security group.",
    );
    expect(await outcomeOf(ec2.revokeSecurityGroupIngress({ GroupId, SecurityGroupRuleIds }))).toMatch(
      /^InvalidSecurityGroupRuleId.NotFound: The security group rule ID 'sgr-\w+' does not exist$/,
    );
    await ec2.revokeSecurityGroupEgress({ GroupId, IpPermissions: [all("-1")] });
    expect((await groupNow(ec2, GroupId))?.IpPermissionsEgress).toEqual([]);
  });

  test("changing a rule and its description keeps its id", async () => {
    const { ec2, GroupId } = await scene();
    const made = await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [tcp(22), tcp(80)] });
    const id = made.SecurityGroupRules?.[0]?.SecurityGroupRuleId;
    const modify = (port: number) =>
      ec2.modifySecurityGroupRules({
        GroupId,
        SecurityGroupRules: [
          {
            SecurityGroupRuleId: id,
            SecurityGroupRule: { IpProtocol: "tcp", FromPort: port, ToPort: port, CidrIpv4: "0.0.0.0/0" },
          },
        ],
      });
    expect(await outcomeOf(modify(80))).toMatch(/^InvalidPermission.Duplicate/);
    await modify(2222);
    await ec2.updateSecurityGroupRuleDescriptionsIngress({
      GroupId,
      IpPermissions: [{ ...tcp(2222), IpRanges: [{ CidrIp: "0.0.0.0/0", Description: "ssh" }] }],
    });
    const look = async () =>
      (await ec2.describeSecurityGroupRules({ SecurityGroupRuleIds: [id ?? ""] })).SecurityGroupRules?.[0];
    expect(await look()).toMatchObject({ SecurityGroupRuleId: id, FromPort: 2222, Description: "ssh" });
    await ec2.updateSecurityGroupRuleDescriptionsIngress({
      GroupId,
      SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId: id, Description: "" }],
    });
    expect((await look())?.Description).toBeUndefined();
  });
});

describe("groups of a peer VPC", () => {
  async function peered() {
    const lab = await awsForTest();
    const theirs = lab.at("210987654321");
    const [a, b] = [await network(lab.ec2), await network(theirs, "10.2.0.0/16")];
    const mine = await groupIn(lab.ec2, a.VpcId);
    const theirGroup = await groupIn(theirs, b.VpcId);
    const asked = await lab.ec2.createVpcPeeringConnection({
      VpcId: a.VpcId,
      PeerVpcId: b.VpcId,
      PeerOwnerId: "210987654321",
    });
    const id = asked.VpcPeeringConnection?.VpcPeeringConnectionId ?? "";
    const rule = [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: theirGroup, UserId: "210987654321" }] }];
    const authorize = () => lab.ec2.authorizeSecurityGroupIngress({ GroupId: mine, IpPermissions: rule });
    return { ...lab, theirs, a, b, mine, theirGroup, id, rule, authorize };
  }

  test("can be referred to only while the peering is active", async () => {
    const { theirs, theirGroup, id, authorize, a, b, mine } = await peered();
    expect(await outcomeOf(authorize())).toBe(
      `InvalidGroup.NotFound: The security group '${theirGroup}' does not exist`,
    );
    await theirs.acceptVpcPeeringConnection({ VpcPeeringConnectionId: id });
    const { SecurityGroupRules } = await authorize();
    expect(SecurityGroupRules?.[0]?.ReferencedGroupInfo).toEqual({
      GroupId: theirGroup,
      UserId: "210987654321",
      VpcId: b.VpcId,
      VpcPeeringConnectionId: id,
      PeeringStatus: "active",
    });
    const { SecurityGroupReferenceSet } = await theirs.describeSecurityGroupReferences({
      GroupId: [theirGroup],
    });
    expect(SecurityGroupReferenceSet).toEqual([
      { GroupId: theirGroup, ReferencingVpcId: a.VpcId, VpcPeeringConnectionId: id },
    ]);
    expect(mine).not.toBe(theirGroup);
  });

  test("a rule turns stale with its group, and can be revoked all the same", async () => {
    const { ec2, theirs, theirGroup, id, authorize, a, b, mine, rule } = await peered();
    await theirs.acceptVpcPeeringConnection({ VpcPeeringConnectionId: id });
    await authorize();
    const stale = async () =>
      (await ec2.describeStaleSecurityGroups({ VpcId: a.VpcId })).StaleSecurityGroupSet;
    expect(await stale()).toEqual([]);
    await theirs.deleteSecurityGroup({ GroupId: theirGroup });
    expect(await stale()).toEqual([
      {
        GroupId: mine,
        GroupName: "web",
        Description: "for tests",
        VpcId: a.VpcId,
        StaleIpPermissions: [
          {
            IpProtocol: "-1",
            UserIdGroupPairs: [
              {
                GroupId: theirGroup,
                UserId: "210987654321",
                VpcId: b.VpcId,
                VpcPeeringConnectionId: id,
                PeeringStatus: "active",
              },
            ],
          },
        ],
        StaleIpPermissionsEgress: [],
      },
    ]);
    await ec2.revokeSecurityGroupIngress({ GroupId: mine, IpPermissions: rule });
    expect(await stale()).toEqual([]);
  });

  test("of the own account but another network without a peering", async () => {
    const { ec2, mine } = await peered();
    const c = await network(ec2, "10.3.0.0/16");
    const foreign = await groupIn(ec2, c.VpcId);
    const rule = { IpPermissions: [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: foreign }] }] };
    expect(await outcomeOf(ec2.authorizeSecurityGroupIngress({ GroupId: mine, ...rule }))).toBe(
      "InvalidGroup.NotFound: You have specified two resources that belong to different networks.",
    );
  });
});

test("an instance's group cannot go before the instance has", async () => {
  const { ec2, GroupId, SubnetId } = await scene();
  const { InstanceId } = await launch(ec2, { SubnetId, SecurityGroupIds: [GroupId] });
  expect(await outcomeOf(ec2.deleteSecurityGroup({ GroupId }))).toMatch(/^DependencyViolation/);
  await ec2.terminateInstances({ InstanceIds: [InstanceId] });
  expect(await outcomeOf(ec2.deleteSecurityGroup({ GroupId }))).toBe("done");
});
