import type {
  Instance,
  InternetGateway,
  NetworkAcl,
  NetworkInterface,
  PrefixListEntry,
  Reservation,
  RouteTable,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
  Vpc,
  VpcPeeringConnection,
} from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import type { Ec2Route, Ec2Tables } from "../../src/net/ec2-shapes.ts";
import { fromEc2 } from "../../src/net/from-ec2.ts";
import type { Route } from "../../src/net/types.ts";

/** The SDK's own types, so that the compiler holds the shapes to them. */
interface Sdk {
  vpcs: Vpc[];
  subnets: Subnet[];
  routeTables: RouteTable[];
  internetGateways: InternetGateway[];
  vpcPeeringConnections: VpcPeeringConnection[];
  securityGroups: SecurityGroup[];
  securityGroupRules: SecurityGroupRule[];
  networkAcls: NetworkAcl[];
  networkInterfaces: NetworkInterface[];
  instances: Instance[];
  reservations: Reservation[];
  prefixLists: { PrefixListId: string; Entries: PrefixListEntry[] }[];
}

const place = { account: "123456789012", region: "us-east-1" };
const read = (tables: Partial<Sdk>) => fromEc2({ ...place, ...tables } satisfies Ec2Tables);

it("nothing is an empty snapshot", () => {
  expect(Object.values(fromEc2(place)).flat()).toEqual([]);
});

describe("VPCs and subnets", () => {
  it("keep associated blocks, the primary one first, IPv6 last", () => {
    const row: Vpc = {
      VpcId: "vpc-1",
      OwnerId: "210987654321",
      CidrBlock: "10.1.0.0/16",
      CidrBlockAssociationSet: [
        { CidrBlock: "10.1.0.0/16", CidrBlockState: { State: "associated" } },
        { CidrBlock: "10.9.0.0/16", CidrBlockState: { State: "disassociated" } },
        { CidrBlock: "10.8.0.0/16", CidrBlockState: { State: "associated" } },
      ],
      Ipv6CidrBlockAssociationSet: [
        { Ipv6CidrBlock: "2001:DB8::/56", Ipv6CidrBlockState: { State: "associated" } },
        { Ipv6CidrBlock: "2001:db8:1::/56", Ipv6CidrBlockState: { State: "associating" } },
      ],
      BlockPublicAccessStates: { InternetGatewayBlockMode: "block-ingress" },
    };
    expect(read({ vpcs: [row] }).vpcs).toEqual([
      {
        id: "vpc-1",
        account: "210987654321",
        region: "us-east-1",
        cidrs: ["10.1.0.0/16", "10.8.0.0/16", "2001:db8::/56"],
        internetGatewayBlock: "block-ingress",
      },
    ]);
  });

  it("without a word on Block Public Access it is off, and a subnet goes by its VPC", () => {
    const vpc: Vpc = { VpcId: "vpc-1", CidrBlock: "10.1.0.0/16" };
    const subnet: Subnet = {
      SubnetId: "subnet-1",
      VpcId: "vpc-1",
      CidrBlock: "10.1.0.0/24",
      AvailabilityZone: "us-east-1a",
    };
    const { vpcs, subnets } = read({ vpcs: [vpc], subnets: [subnet] });
    expect(vpcs[0]).toMatchObject({ account: "123456789012", internetGatewayBlock: "off" });
    expect(subnets).toEqual([{ id: "subnet-1", vpc: "vpc-1", cidrs: ["10.1.0.0/24"], zone: "us-east-1a" }]);
  });
});

describe("route tables", () => {
  const rows: [name: string, row: Ec2Route, route: Partial<Route>][] = [
    ["local", { GatewayId: "local" }, { target: { kind: "local", id: "local" } }],
    ["an internet gateway", { GatewayId: "igw-1" }, { target: { kind: "internet-gateway", id: "igw-1" } }],
    ["a peering", { VpcPeeringConnectionId: "pcx-1" }, { target: { kind: "peering", id: "pcx-1" } }],
    [
      "an instance is its interface",
      { InstanceId: "i-1", NetworkInterfaceId: "eni-1" },
      { target: { kind: "interface", id: "eni-1" } },
    ],
    ["a NAT gateway", { NatGatewayId: "nat-1" }, { target: { kind: "other", id: "nat-1" } }],
    ["a transit gateway", { TransitGatewayId: "tgw-1" }, { target: { kind: "other", id: "tgw-1" } }],
    [
      "an egress-only gateway",
      { EgressOnlyInternetGatewayId: "eigw-1" },
      { target: { kind: "other", id: "eigw-1" } },
    ],
    [
      "a virtual private gateway, propagated",
      { GatewayId: "vgw-1", Origin: "EnableVgwRoutePropagation" },
      { target: { kind: "other", id: "vgw-1" }, propagated: true },
    ],
    [
      "a blackhole without a target",
      { State: "blackhole" },
      { target: { kind: "other", id: "unknown" }, state: "blackhole" },
    ],
  ];
  it.each(rows)("%s", (_name, row, route) => {
    const table = {
      RouteTableId: "rtb-1",
      VpcId: "vpc-1",
      Routes: [{ DestinationCidrBlock: "10.2.3.4/16", ...row }],
    };
    const [found] = fromEc2({ ...place, routeTables: [table] }).routeTables;
    expect(found?.routes).toEqual([{ destination: "10.2.0.0/16", state: "active", ...route }]);
  });

  it("know their subnets, gateways and whether they are main; filtered routes and ended associations are left out", () => {
    const row: RouteTable = {
      RouteTableId: "rtb-1",
      VpcId: "vpc-1",
      Associations: [
        { Main: true, AssociationState: { State: "associated" } },
        { SubnetId: "subnet-1", AssociationState: { State: "associated" } },
        { SubnetId: "subnet-2", AssociationState: { State: "disassociated" } },
        { GatewayId: "igw-1" },
      ],
      Routes: [
        { DestinationIpv6CidrBlock: "::/0", GatewayId: "igw-1", State: "active" },
        { DestinationPrefixListId: "pl-1", GatewayId: "vpce-1", State: "active" },
        { DestinationCidrBlock: "10.0.0.0/8", NetworkInterfaceId: "eni-1", State: "filtered" },
      ],
    };
    const [table] = read({ routeTables: [row] }).routeTables;
    expect(table).toMatchObject({ main: true, subnets: ["subnet-1"], gateways: ["igw-1"] });
    expect(table?.routes.map(({ destination, target }) => [destination, target.kind])).toEqual([
      ["::/0", "internet-gateway"],
      ["pl-1", "other"],
    ]);
  });
});

it("an internet gateway belongs to the VPC that it is attached to", () => {
  const gateways: InternetGateway[] = [
    { InternetGatewayId: "igw-1", Attachments: [{ VpcId: "vpc-1", State: "available" as "attached" }] },
    { InternetGatewayId: "igw-2", Attachments: [{ VpcId: "vpc-2", State: "detaching" }] },
    { InternetGatewayId: "igw-3", Attachments: [] },
  ];
  expect(read({ internetGateways: gateways }).internetGateways).toEqual([
    { id: "igw-1", vpc: "vpc-1" },
    { id: "igw-2" },
    { id: "igw-3" },
  ]);
});

it.each([
  ["active", ["10.2.0.0/16", "10.20.0.0/16", "2001:db8::/56"]],
  ["pending-acceptance", []],
] as const)("a peering that is %s tells the blocks %j", (status, cidrs) => {
  const row: VpcPeeringConnection = {
    VpcPeeringConnectionId: "pcx-1",
    Status: { Code: status },
    RequesterVpcInfo: {
      VpcId: "vpc-1",
      OwnerId: "123456789012",
      Region: "us-east-1",
      CidrBlock: "10.1.0.0/16",
    },
    AccepterVpcInfo: {
      VpcId: "vpc-2",
      OwnerId: "210987654321",
      Region: "eu-west-1",
      CidrBlock: "10.2.0.0/16",
      CidrBlockSet: [{ CidrBlock: "10.2.0.0/16" }, { CidrBlock: "10.20.0.0/16" }],
      Ipv6CidrBlockSet: [{ Ipv6CidrBlock: "2001:db8::/56" }],
    },
  };
  expect(read({ vpcPeeringConnections: [row] }).peerings).toMatchObject([
    { id: "pcx-1", status, accepter: { vpc: "vpc-2", account: "210987654321", region: "eu-west-1", cidrs } },
  ]);
});

describe("security groups", () => {
  const row: SecurityGroup = {
    GroupId: "sg-1",
    VpcId: "vpc-1",
    IpPermissions: [
      {
        IpProtocol: "icmp",
        FromPort: 8,
        ToPort: -1,
        IpRanges: [{ CidrIp: "10.1.0.0/16" }, { CidrIp: "10.3.0.0/16" }],
        PrefixListIds: [{ PrefixListId: "pl-1" }],
        UserIdGroupPairs: [{ GroupId: "sg-2" }],
      },
    ],
    IpPermissionsEgress: [
      { IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }], Ipv6Ranges: [{ CidrIpv6: "::/0" }] },
    ],
  };

  it("each range, list and group of a permission is a rule", () => {
    const icmp = { protocol: "icmp", fromPort: 8, toPort: -1 };
    expect(read({ securityGroups: [row] }).securityGroups).toEqual([
      {
        id: "sg-1",
        vpc: "vpc-1",
        ingress: [
          { ...icmp, peer: { kind: "cidr", cidr: "10.1.0.0/16" } },
          { ...icmp, peer: { kind: "cidr", cidr: "10.3.0.0/16" } },
          { ...icmp, peer: { kind: "prefix-list", id: "pl-1" } },
          { ...icmp, peer: { kind: "group", id: "sg-2" } },
        ],
        egress: [
          { protocol: "-1", peer: { kind: "cidr", cidr: "0.0.0.0/0" } },
          { protocol: "-1", peer: { kind: "cidr", cidr: "::/0" } },
        ],
      },
    ]);
  });

  it("rules of DescribeSecurityGroupRules, where given, are the truth and bring their ids", () => {
    const rules: SecurityGroupRule[] = [
      {
        SecurityGroupRuleId: "sgr-1",
        GroupId: "sg-1",
        IsEgress: false,
        IpProtocol: "tcp",
        FromPort: 22,
        ToPort: 22,
        CidrIpv4: "198.51.100.7/32",
      },
      {
        SecurityGroupRuleId: "sgr-2",
        GroupId: "sg-1",
        IsEgress: true,
        IpProtocol: "-1",
        FromPort: -1,
        ToPort: -1,
        ReferencedGroupInfo: { GroupId: "sg-2" },
      },
    ];
    expect(read({ securityGroups: [row], securityGroupRules: rules }).securityGroups).toEqual([
      {
        id: "sg-1",
        vpc: "vpc-1",
        ingress: [
          {
            id: "sgr-1",
            protocol: "tcp",
            fromPort: 22,
            toPort: 22,
            peer: { kind: "cidr", cidr: "198.51.100.7/32" },
          },
        ],
        egress: [{ id: "sgr-2", protocol: "-1", peer: { kind: "group", id: "sg-2" } }],
      },
    ]);
  });
});

it("network ACL entries come in the order of their numbers", () => {
  const row: NetworkAcl = {
    NetworkAclId: "acl-1",
    VpcId: "vpc-1",
    Associations: [{ SubnetId: "subnet-1" }],
    Entries: [
      { RuleNumber: 32767, Egress: false, RuleAction: "deny", Protocol: "-1", CidrBlock: "0.0.0.0/0" },
      {
        RuleNumber: 110,
        Egress: true,
        RuleAction: "allow",
        Protocol: "6",
        CidrBlock: "10.0.0.0/8",
        PortRange: { From: 1024, To: 65535 },
      },
      {
        RuleNumber: 101,
        Egress: false,
        RuleAction: "allow",
        Protocol: "58",
        Ipv6CidrBlock: "::/0",
        IcmpTypeCode: { Type: -1, Code: -1 },
      },
    ],
  };
  expect(read({ networkAcls: [row] }).networkAcls).toEqual([
    {
      id: "acl-1",
      vpc: "vpc-1",
      subnets: ["subnet-1"],
      entries: [
        {
          number: 101,
          direction: "ingress",
          action: "allow",
          protocol: "58",
          cidr: "::/0",
          icmpType: -1,
          icmpCode: -1,
        },
        {
          number: 110,
          direction: "egress",
          action: "allow",
          protocol: "6",
          cidr: "10.0.0.0/8",
          fromPort: 1024,
          toPort: 65535,
        },
        { number: 32767, direction: "ingress", action: "deny", protocol: "-1", cidr: "0.0.0.0/0" },
      ],
    },
  ]);
});

it("an interface has its addresses, the primary one first, IPv6 last", () => {
  const row: NetworkInterface = {
    NetworkInterfaceId: "eni-1",
    VpcId: "vpc-1",
    SubnetId: "subnet-1",
    Status: "in-use",
    Attachment: { InstanceId: "i-1", Status: "attached" },
    Groups: [{ GroupId: "sg-1", GroupName: "default" }],
    SourceDestCheck: false,
    PrivateIpAddresses: [
      { Primary: false, PrivateIpAddress: "10.1.0.11" },
      { Primary: true, PrivateIpAddress: "10.1.0.10", Association: { PublicIp: "203.0.113.10" } },
    ],
    Ipv6Addresses: [{ Ipv6Address: "2001:DB8::10" }],
  };
  const alone: NetworkInterface = {
    NetworkInterfaceId: "eni-2",
    VpcId: "vpc-1",
    SubnetId: "subnet-1",
    Status: "available",
  };
  expect(read({ networkInterfaces: [row, alone] }).interfaces).toEqual([
    {
      id: "eni-1",
      vpc: "vpc-1",
      subnet: "subnet-1",
      instance: "i-1",
      status: "in-use",
      addresses: [
        { private: "10.1.0.10", public: "203.0.113.10" },
        { private: "10.1.0.11" },
        { private: "2001:db8::10" },
      ],
      groups: ["sg-1"],
      sourceDestCheck: false,
    },
    {
      id: "eni-2",
      vpc: "vpc-1",
      subnet: "subnet-1",
      status: "available",
      addresses: [],
      groups: [],
      sourceDestCheck: true,
    },
  ]);
});

it("instances come alone or in reservations; prefix lists with their entries", () => {
  const instance = (id: string): Instance => ({ InstanceId: id, State: { Name: "running" } });
  const found = read({
    instances: [instance("i-1")],
    reservations: [{ Instances: [instance("i-2")] }],
    prefixLists: [{ PrefixListId: "pl-1", Entries: [{ Cidr: "172.31.0.0/16" }] }],
  });
  expect(found.instances).toEqual([
    { id: "i-1", state: "running" },
    { id: "i-2", state: "running" },
  ]);
  expect(found.prefixLists).toEqual([{ id: "pl-1", cidrs: ["172.31.0.0/16"] }]);
});

it.each<[string, Omit<Ec2Tables, "account" | "region">]>([
  ["VpcId", { vpcs: [{ CidrBlock: "10.1.0.0/16" }] }],
  ["a destination", { routeTables: [{ RouteTableId: "rtb-1", VpcId: "vpc-1", Routes: [{}] }] }],
  ["GroupId or VpcId", { securityGroups: [{ GroupId: "sg-1" }] }],
  ["source or destination", { securityGroupRules: [{ SecurityGroupRuleId: "sgr-1" }] }],
  ["State", { instances: [{ InstanceId: "i-1" }] }],
])("a row without %s is refused", (what, tables) => {
  expect(() => fromEc2({ ...place, ...tables })).toThrow(`without ${what}`);
});
