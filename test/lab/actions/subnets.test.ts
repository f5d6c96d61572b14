import {
  AssociateRouteTableCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  type CreateSubnetCommandInput,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  ModifySubnetAttributeCommand,
  type ModifySubnetAttributeRequest,
} from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { ec2For, labForTest, outcomeOf } from "../start.ts";

async function withVpc() {
  const lab = await labForTest();
  const ec2 = ec2For(lab);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.4.0.0/16" }));
  return { lab, ec2, VpcId: Vpc?.VpcId ?? "" };
}

describe("CreateSubnet", () => {
  test("answers as AWS does", async () => {
    const { ec2, VpcId } = await withVpc();
    const input = { VpcId, CidrBlock: "10.4.8.9/24", AvailabilityZone: "us-east-1c" };
    const { Subnet } = await ec2.send(new CreateSubnetCommand(input));
    expect(Subnet).toMatchObject({
      AvailabilityZone: "us-east-1c",
      AvailabilityZoneId: "use1-az3",
      AvailableIpAddressCount: 251,
      DefaultForAz: false,
      Ipv6CidrBlockAssociationSet: [],
      VpcId,
      State: "pending",
      MapPublicIpOnLaunch: false,
      CidrBlock: "10.4.8.0/24",
      AssignIpv6AddressOnCreation: false,
      SubnetArn: `arn:aws:ec2:us-east-1:123456789012:subnet/${Subnet?.SubnetId}`,
      Tags: [],
    });
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [Subnet?.SubnetId ?? ""] }));
    expect(Subnets?.[0]?.State).toBe("available");
  });

  const zones = "us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1e, us-east-1f";
  const rows: [Partial<CreateSubnetCommandInput>, string][] = [
    [
      { CidrBlock: "10.4.0.0/16" },
      "InvalidSubnet.Conflict: The CIDR '10.4.0.0/16' conflicts with another subnet",
    ],
    [{ CidrBlock: "10.4.1.0/24" }, "done"],
    [
      { CidrBlock: "10.4.0.128/25" },
      "InvalidSubnet.Conflict: The CIDR '10.4.0.128/25' conflicts with another subnet",
    ],
    [{ CidrBlock: "10.5.0.0/24" }, "InvalidSubnet.Range: The CIDR '10.5.0.0/24' is invalid."],
    [{ CidrBlock: "10.4.1.0/29" }, "InvalidSubnet.Range: The CIDR '10.4.1.0/29' is invalid."],
    [{ CidrBlock: "10.4.1.0/28" }, "done"],
    [
      { VpcId: "vpc-0123456789abcdef0" },
      "InvalidVpcID.NotFound: The vpc ID 'vpc-0123456789abcdef0' does not exist",
    ],
    [{ AvailabilityZoneId: "use1-az2" }, "done"],
    [
      { AvailabilityZone: "us-east-1z" },
      `InvalidParameterValue: Value (us-east-1z) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones}.`,
    ],
    [
      { AvailabilityZone: "us-east-1a", AvailabilityZoneId: "use1-az1" },
      "InvalidParameterCombination: The parameters availabilityZone and availabilityZoneId cannot be used together",
    ],
    [
      { CidrBlock: undefined },
      "MissingParameter: Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.",
    ],
  ];
  test.each(rows)("%j", async (input, expected) => {
    const { ec2, VpcId } = await withVpc();
    await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.4.0.0/24" }));
    const wanted = { VpcId, CidrBlock: "10.4.1.0/24", ...input };
    expect(await outcomeOf(ec2.send(new CreateSubnetCommand(wanted)))).toBe(expected);
  });
});

test("a deleted subnet leaves its route table and network ACL; one in use stays", async () => {
  const { lab, ec2, VpcId } = await withVpc();
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.4.0.0/24" }));
  const SubnetId = Subnet?.SubnetId ?? "";
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
  await ec2.send(new AssociateRouteTableCommand({ RouteTableId: RouteTable?.RouteTableId, SubnetId }));
  const Filters = [{ Name: "association.subnet-id", Values: [SubnetId] }];
  const links = async () => [
    (await ec2.send(new DescribeRouteTablesCommand({ Filters }))).RouteTables?.length,
    (await ec2.send(new DescribeNetworkAclsCommand({ Filters }))).NetworkAcls?.length,
  ];
  expect(await links()).toEqual([1, 1]);
  const { networkInterfaces } = lab.world.tables.get("123456789012/us-east-1")!;
  networkInterfaces.set("eni-1", { NetworkInterfaceId: "eni-1", SubnetId, VpcId });
  const remove = () => outcomeOf(ec2.send(new DeleteSubnetCommand({ SubnetId })));
  expect(await remove()).toBe(
    `DependencyViolation: The subnet '${SubnetId}' has dependencies and cannot be deleted.`,
  );
  networkInterfaces.clear();
  expect(await remove()).toBe("done");
  expect(await links()).toEqual([0, 0]);
  expect(await remove()).toBe(`InvalidSubnetID.NotFound: The subnet ID '${SubnetId}' does not exist`);
});

describe("ModifySubnetAttribute", () => {
  const rows: [Omit<ModifySubnetAttributeRequest, "SubnetId">, string | object][] = [
    [{ MapPublicIpOnLaunch: { Value: true } }, { MapPublicIpOnLaunch: true }],
    [
      { PrivateDnsHostnameTypeOnLaunch: "resource-name" },
      { PrivateDnsNameOptionsOnLaunch: { HostnameType: "resource-name" } },
    ],
    [
      { EnableResourceNameDnsARecordOnLaunch: { Value: true } },
      { PrivateDnsNameOptionsOnLaunch: { EnableResourceNameDnsARecord: true } },
    ],
    [{ EnableDns64: { Value: false } }, { EnableDns64: false }],
    [{}, "MissingParameter: The request must contain an attribute to modify"],
    [
      { MapPublicIpOnLaunch: { Value: true }, EnableResourceNameDnsARecordOnLaunch: { Value: true } },
      "InvalidParameterCombination: Only one attribute can be modified at a time",
    ],
    [
      { EnableDns64: { Value: true } },
      "UnsupportedOperation: The parameter EnableDns64 is not supported by this endpoint.",
    ],
  ];
  test.each(rows)("%j", async (input, expected) => {
    const { ec2, VpcId } = await withVpc();
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.4.0.0/24" }));
    const SubnetId = Subnet?.SubnetId ?? "";
    const outcome = await outcomeOf(ec2.send(new ModifySubnetAttributeCommand({ SubnetId, ...input })));
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [SubnetId] }));
    expect(outcome).toBe(typeof expected === "string" ? expected : "done");
    expect(Subnets?.[0]).toMatchObject(
      typeof expected === "string" ? { MapPublicIpOnLaunch: false } : expected,
    );
  });
});
