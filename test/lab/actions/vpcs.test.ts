import {
  AssociateVpcCidrBlockCommand,
  AttachInternetGatewayCommand,
  CreateDefaultVpcCommand,
  CreateInternetGatewayCommand,
  CreateNetworkAclCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  type CreateVpcCommandInput,
  CreateVpcPeeringConnectionCommand,
  DeleteVpcCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcPeeringConnectionsCommand,
  DescribeVpcsCommand,
  type DescribeVpcsCommandInput,
  DisassociateVpcCidrBlockCommand,
  type EC2Client,
  type Filter,
  ModifyVpcAttributeCommand,
  type ModifyVpcAttributeRequest,
} from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { ec2For, labForTest, outcomeOf } from "../start.ts";

async function vpcIn(ec2: EC2Client, CidrBlock = "10.0.0.0/16"): Promise<string> {
  return (await ec2.send(new CreateVpcCommand({ CidrBlock }))).Vpc?.VpcId ?? "";
}

describe("CreateVpc", () => {
  test("answers as AWS does", async () => {
    const ec2 = ec2For(await labForTest());
    const Tags = [{ Key: "Name", Value: "one" }];
    const { Vpc } = await ec2.send(
      new CreateVpcCommand({
        CidrBlock: "10.4.3.2/16",
        TagSpecifications: [{ ResourceType: "vpc", Tags }],
      }),
    );
    expect(Vpc).toEqual({
      VpcId: expect.stringMatching(/^vpc-0[0-9a-f]{16}$/),
      OwnerId: "123456789012",
      InstanceTenancy: "default",
      Tags,
      CidrBlockAssociationSet: [
        {
          AssociationId: expect.stringMatching(/^vpc-cidr-assoc-0[0-9a-f]{16}$/),
          CidrBlock: "10.4.0.0/16",
          CidrBlockState: { State: "associated" },
        },
      ],
      Ipv6CidrBlockAssociationSet: [],
      State: "pending",
      DhcpOptionsId: expect.stringMatching(/^dopt-0[0-9a-f]{16}$/),
      CidrBlock: "10.4.0.0/16",
      IsDefault: false,
      BlockPublicAccessStates: { InternetGatewayBlockMode: "off" },
    });
  });

  const rows: [CreateVpcCommandInput, string][] = [
    [{}, "MissingParameter: Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided."],
    [
      { CidrBlock: "10.0/16" },
      "InvalidParameterValue: Value (10.0/16) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
    ],
    [
      { CidrBlock: "2001:db8::/56" },
      "InvalidParameterValue: Value (2001:db8::/56) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
    ],
    [{ CidrBlock: "10.0.0.0/15" }, "InvalidVpc.Range: The CIDR '10.0.0.0/15' is invalid."],
    [{ CidrBlock: "10.0.0.0/29" }, "InvalidVpc.Range: The CIDR '10.0.0.0/29' is invalid."],
    [{ CidrBlock: "10.0.0.0/28" }, "done"],
    [
      { CidrBlock: "10.0.0.0/16", AmazonProvidedIpv6CidrBlock: true },
      "UnsupportedOperation: The parameter AmazonProvidedIpv6CidrBlock is not supported by this endpoint.",
    ],
    [{ CidrBlock: "10.0.0.0/16", AmazonProvidedIpv6CidrBlock: false }, "done"],
    [
      { CidrBlock: "10.0.0.0/16", TagSpecifications: [{ ResourceType: "subnet", Tags: [] }] },
      "InvalidParameterValue: 'subnet' is not a valid taggable resource type for this operation.",
    ],
    [
      {
        CidrBlock: "10.0.0.0/16",
        TagSpecifications: [{ ResourceType: "vpc", Tags: [{ Key: "aws:x", Value: "" }] }],
      },
      "InvalidParameterValue: Tag keys starting with 'aws:' are reserved for internal use",
    ],
  ];
  test.each(rows)("%j", async (input, expected) => {
    const ec2 = ec2For(await labForTest());
    expect(await outcomeOf(ec2.send(new CreateVpcCommand(input)))).toBe(expected);
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
    expect(Vpcs).toHaveLength(expected === "done" ? 2 : 1);
  });

  test("a VPC is born with a main route table, a default group and a default ACL", async () => {
    const ec2 = ec2For(await labForTest());
    const id = await vpcIn(ec2);
    const Filters = [{ Name: "vpc-id", Values: [id] }];
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
    expect(RouteTables).toMatchObject([
      {
        Associations: [{ Main: true, AssociationState: { State: "associated" } }],
        Routes: [{ DestinationCidrBlock: "10.0.0.0/16", GatewayId: "local", State: "active" }],
      },
    ]);
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
    expect(SecurityGroups).toMatchObject([{ GroupName: "default", VpcId: id }]);
    const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }));
    expect(NetworkAcls).toMatchObject([{ IsDefault: true }]);
  });

  test("the quota counts the default VPC, and is an option", async () => {
    const ec2 = ec2For(await labForTest());
    for (let made = 1; made < 5; made++) await vpcIn(ec2);
    expect(await outcomeOf(vpcIn(ec2))).toBe(
      "VpcLimitExceeded: The maximum number of VPCs has been reached.",
    );
    const wide = ec2For(await labForTest({ quotas: { vpcs: 7 } }));
    for (let made = 1; made < 7; made++) await vpcIn(wide);
    expect(await outcomeOf(vpcIn(wide))).toMatch(/^VpcLimitExceeded/);
  });
});

describe("DescribeVpcs", () => {
  const rows: [Filter[], string[]][] = [
    [[{ Name: "cidr", Values: ["10.1.0.0/16"] }], ["10.1.0.0/16"]],
    [[{ Name: "cidr", Values: ["10.*"] }], ["10.1.0.0/16", "10.2.0.0/16"]],
    [
      [
        { Name: "cidr", Values: ["10.?.0.0/16"] },
        { Name: "tag:Name", Values: ["one"] },
      ],
      ["10.1.0.0/16"],
    ],
    [[{ Name: "tag-key", Values: ["Name"] }], ["10.1.0.0/16"]],
    [[{ Name: "is-default", Values: ["true"] }], ["172.31.0.0/16"]],
    [[{ Name: "state", Values: ["pending"] }], []],
    [[{ Name: "cidr-block-association.cidr-block", Values: ["10.2.0.0/16", "x"] }], ["10.2.0.0/16"]],
  ];
  test.each(rows)("%j", async (Filters, expected) => {
    const ec2 = ec2For(await labForTest());
    await ec2.send(
      new CreateVpcCommand({
        CidrBlock: "10.1.0.0/16",
        TagSpecifications: [{ ResourceType: "vpc", Tags: [{ Key: "Name", Value: "one" }] }],
      }),
    );
    await vpcIn(ec2, "10.2.0.0/16");
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters }));
    expect(Vpcs?.map((each) => each.CidrBlock).sort()).toEqual(expected);
  });

  test("unknown ids, filters and tokens are errors; pages hold together", async () => {
    const ec2 = ec2For(await labForTest({ quotas: { vpcs: 100 } }));
    for (let made = 0; made < 11; made++) await vpcIn(ec2);
    const ask = (input: DescribeVpcsCommandInput) => outcomeOf(ec2.send(new DescribeVpcsCommand(input)));
    expect(await ask({ VpcIds: ["vpc-0123456789abcdef0"] })).toBe(
      "InvalidVpcID.NotFound: The vpc ID 'vpc-0123456789abcdef0' does not exist",
    );
    expect(await ask({ Filters: [{ Name: "colour", Values: ["red"] }] })).toBe(
      "InvalidParameterValue: The filter 'colour' is invalid",
    );
    expect(await ask({ NextToken: "?" })).toMatch(/^InvalidNextToken/);
    expect(await ask({ MaxResults: 4 })).toMatch(/^InvalidParameterValue/);
    const seen: string[] = [];
    let NextToken: string | undefined;
    do {
      const page: { Vpcs?: { VpcId?: string }[]; NextToken?: string } = await ec2.send(
        new DescribeVpcsCommand({ MaxResults: 5, NextToken }),
      );
      seen.push(...(page.Vpcs ?? []).map((each) => each.VpcId ?? ""));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(new Set(seen).size).toBe(12);
    expect(seen).toHaveLength(12);
  });
});

describe("DeleteVpc", () => {
  const dependents: [string, (ec2: EC2Client, VpcId: string) => Promise<unknown>][] = [
    ["a subnet", (ec2, VpcId) => ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.0.0.0/24" }))],
    ["a route table", (ec2, VpcId) => ec2.send(new CreateRouteTableCommand({ VpcId }))],
    ["a network ACL", (ec2, VpcId) => ec2.send(new CreateNetworkAclCommand({ VpcId }))],
    [
      "a security group",
      (ec2, VpcId) => ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName: "g", Description: "g" })),
    ],
    [
      "an internet gateway",
      async (ec2, VpcId) => {
        const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
        const { InternetGatewayId } = InternetGateway ?? {};
        await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
      },
    ],
  ];
  test.each(dependents)("%s keeps it", async (_name, depend) => {
    const ec2 = ec2For(await labForTest());
    const VpcId = await vpcIn(ec2);
    await depend(ec2, VpcId);
    expect(await outcomeOf(ec2.send(new DeleteVpcCommand({ VpcId })))).toBe(
      `DependencyViolation: The vpc '${VpcId}' has dependencies and cannot be deleted.`,
    );
  });

  test("what it was born with goes with it; its peerings end", async () => {
    const lab = await labForTest();
    const ec2 = ec2For(lab);
    const before = (await ec2.send(new DescribeRouteTablesCommand({}))).RouteTables?.length;
    const [VpcId, PeerVpcId] = [await vpcIn(ec2), await vpcIn(ec2, "10.1.0.0/16")];
    await ec2.send(new CreateVpcPeeringConnectionCommand({ VpcId, PeerVpcId }));
    await ec2.send(new DeleteVpcCommand({ VpcId: PeerVpcId }));
    await ec2.send(new DeleteVpcCommand({ VpcId }));
    const { VpcPeeringConnections } = await ec2.send(new DescribeVpcPeeringConnectionsCommand({}));
    expect(VpcPeeringConnections).toMatchObject([{ Status: { Code: "deleted" } }]);
    const tables = lab.world.tables.get("123456789012/us-east-1")!;
    const sizes = [tables.vpcs, tables.vpcAttributes, tables.securityGroups, tables.networkAcls].map(
      (each) => each.size,
    );
    expect([...sizes, tables.routeTables.size]).toEqual([1, 1, 1, 1, before]);
    expect(await outcomeOf(ec2.send(new DeleteVpcCommand({ VpcId })))).toMatch(/^InvalidVpcID.NotFound/);
  });

  test("a default VPC can be made again, once", async () => {
    const lab = await labForTest();
    const ec2 = ec2For(lab);
    expect(await outcomeOf(ec2.send(new CreateDefaultVpcCommand({})))).toMatch(/^DefaultVpcAlreadyExists/);
    const tables = lab.world.tables.get("123456789012/us-east-1")!;
    for (const rows of [tables.subnets, tables.internetGateways]) rows.clear();
    const [VpcId] = [...tables.vpcs.keys()];
    await ec2.send(new DeleteVpcCommand({ VpcId }));
    const { Vpc } = await ec2.send(new CreateDefaultVpcCommand({}));
    expect(Vpc).toMatchObject({ IsDefault: true, CidrBlock: "172.31.0.0/16" });
    expect(tables.subnets.size).toBe(6);
  });
});

describe("a VPC's attributes", () => {
  test("start as on AWS and are changed one at a time", async () => {
    const ec2 = ec2For(await labForTest());
    const VpcId = await vpcIn(ec2);
    const read = async () => {
      const answers = await Promise.all(
        (["enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics"] as const).map(
          (Attribute) => ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute })),
        ),
      );
      const [support, hostnames, metrics] = answers;
      return [
        support?.EnableDnsSupport?.Value,
        hostnames?.EnableDnsHostnames?.Value,
        metrics?.EnableNetworkAddressUsageMetrics?.Value,
      ];
    };
    expect(await read()).toEqual([true, false, false]);
    const modify = (input: Omit<ModifyVpcAttributeRequest, "VpcId">) =>
      outcomeOf(ec2.send(new ModifyVpcAttributeCommand({ VpcId, ...input })));
    expect(await modify({ EnableDnsHostnames: { Value: true } })).toBe("done");
    expect(await read()).toEqual([true, true, false]);
    expect(await modify({})).toMatch(/^MissingParameter/);
    expect(
      await modify({ EnableDnsHostnames: { Value: false }, EnableDnsSupport: { Value: false } }),
    ).toMatch(/^InvalidParameterCombination/);
    expect(await read()).toEqual([true, true, false]);
  });
});

describe("secondary CIDR blocks", () => {
  test("come with a local route, and go with it", async () => {
    const ec2 = ec2For(await labForTest());
    const VpcId = await vpcIn(ec2);
    const associate = (CidrBlock: string) => ec2.send(new AssociateVpcCidrBlockCommand({ VpcId, CidrBlock }));
    const { CidrBlockAssociation } = await associate("10.1.0.0/16");
    const { AssociationId } = CidrBlockAssociation ?? {};
    const locals = async () => {
      const Filters = [{ Name: "vpc-id", Values: [VpcId] }];
      const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
      return RouteTables?.[0]?.Routes?.map((each) => each.DestinationCidrBlock);
    };
    expect(await locals()).toEqual(["10.0.0.0/16", "10.1.0.0/16"]);
    expect(await outcomeOf(associate("10.1.128.0/17"))).toMatch(/^InvalidVpc.Range/);
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.1.5.0/24" }));
    expect(Subnet?.CidrBlock).toBe("10.1.5.0/24");
    const leave = (id?: string) =>
      outcomeOf(ec2.send(new DisassociateVpcCidrBlockCommand({ AssociationId: id })));
    expect(await leave(AssociationId)).toMatch(/^InvalidCidrBlock.InUse/);
    expect(await leave("vpc-cidr-assoc-0")).toMatch(/^InvalidVpcCidrBlockAssociationID.NotFound/);
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }));
    expect(await leave(Vpcs?.[0]?.CidrBlockAssociationSet?.[0]?.AssociationId)).toMatch(
      /^OperationNotPermitted/,
    );
    for (const block of ["10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16"]) await associate(block);
    expect(await outcomeOf(associate("10.5.0.0/16"))).toMatch(/^CidrLimitExceeded/);
  });
});
