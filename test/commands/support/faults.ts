import type { EC2, IpPermission } from "@aws-sdk/client-ec2";

/** Where faults are made: a stack on the lab, by the same API that people break things with. */
export interface Ground {
  ec2: EC2;
  /** The id of what the stack made, by its logical key. */
  id(key: string): string;
  /** The interface of a VPC's instance. */
  eni(vpc: string): string;
}

/** One thing that goes wrong, what doctor has to say, and what has to mend it. */
export interface Fault {
  name: string;
  /** `--cidr` and `--peering` of the stack; absent: the default topology. `none`: no stack at all. */
  stack?: { cidr?: string[]; peering?: string[] } | "none";
  /** Breaks it; may answer with the ends to ask about, where they are made only here. */
  make(ground: Ground): Promise<[from: string, to: string] | undefined>;
  /** Absent: vpc-1 pings vpc-2. */
  ask?: { from?: string; to?: string; protocol?: "tcp"; port?: number };
  /** `LEG CODE` of each blocker, in order. */
  blockers: string[];
  /** What the printed lines have in them, one for each; a line without a command begins "to do:". */
  remedies: RegExp[];
  /** No command mends all of it. */
  hopeless?: boolean;
}

const icmpIn = (cidr: string): IpPermission[] => [
  { IpProtocol: "icmp", FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: cidr }] },
];
const everything: IpPermission[] = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
const three = { cidr: ["a=10.1.0.0/16", "b=10.2.0.0/16", "c=10.3.0.0/16"] };
const chain = { ...three, peering: ["a~b", "b~c"] };
const ssh = { from: "me", to: "vpc-1", protocol: "tcp", port: 22 } as const;

export const faults: Fault[] = [
  {
    name: "a security group lets no ping in",
    make: async ({ ec2, id }) => {
      const GroupId = id("security-group/vpc-2");
      await ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: icmpIn("10.1.0.0/16") });
      return undefined;
    },
    blockers: ["forward security-group-ingress"],
    remedies: [/^peerctl --lab open-icmp$/],
  },
  {
    name: "a security group lets nothing out",
    make: async ({ ec2, id }) => {
      await ec2.revokeSecurityGroupEgress({ GroupId: id("security-group/vpc-1"), IpPermissions: everything });
      return undefined;
    },
    blockers: ["forward security-group-egress"],
    remedies: [/authorize-security-group-egress .*CidrIp=10\.2\.0\.4\/32/],
  },
  {
    name: "SSH is open to another address than the caller's",
    make: async ({ ec2, id }) => {
      const GroupId = id("security-group/vpc-1");
      const rule = { IpProtocol: "tcp", FromPort: 22, ToPort: 22 };
      await ec2.revokeSecurityGroupIngress({
        GroupId,
        IpPermissions: [{ ...rule, IpRanges: [{ CidrIp: "198.51.100.7/32" }] }],
      });
      await ec2.authorizeSecurityGroupIngress({
        GroupId,
        IpPermissions: [{ ...rule, IpRanges: [{ CidrIp: "198.51.100.8/32" }] }],
      });
      return undefined;
    },
    ask: ssh,
    blockers: ["forward security-group-ingress"],
    remedies: [/^peerctl --lab launch$/],
  },
  {
    name: "the peering was deleted",
    make: async ({ ec2, id }) => {
      await ec2.deleteVpcPeeringConnection({ VpcPeeringConnectionId: id("peering/vpc-1~vpc-2") });
      return undefined;
    },
    blockers: ["forward route-blackhole", "forward peering-not-active", "return route-blackhole"],
    remedies: [/^peerctl --lab peer$/, /^peerctl --lab route$/],
  },
  {
    name: "another peering waits to be accepted",
    make: async ({ ec2, id }) => {
      const VpcId = id("vpc/a");
      await ec2.deleteVpcPeeringConnection({ VpcPeeringConnectionId: id("peering/a~b") });
      const { VpcPeeringConnection } = await ec2.createVpcPeeringConnection({
        VpcId,
        PeerVpcId: id("vpc/c"),
      });
      const VpcPeeringConnectionId = VpcPeeringConnection?.VpcPeeringConnectionId;
      for (const [table, DestinationCidrBlock] of [
        ["a", "10.3.0.0/16"],
        ["c", "10.1.0.0/16"],
      ] as const) {
        const RouteTableId = id(`route-table/${table}`);
        await ec2.createRoute({ RouteTableId, DestinationCidrBlock, VpcPeeringConnectionId });
      }
      await ec2.authorizeSecurityGroupIngress({
        GroupId: id("security-group/c"),
        IpPermissions: icmpIn("10.1.0.0/16"),
      });
      return undefined;
    },
    stack: chain,
    ask: { from: "a", to: "c" },
    blockers: ["forward route-blackhole", "forward peering-not-active", "return route-blackhole"],
    remedies: [/accept-vpc-peering-connection/],
  },
  {
    name: "there is no route",
    make: async ({ ec2, id }) => {
      const RouteTableId = id("route-table/vpc-1");
      await ec2.deleteRoute({ RouteTableId, DestinationCidrBlock: "10.2.0.0/16" });
      return undefined;
    },
    blockers: ["forward no-route"],
    remedies: [/^peerctl --lab route$/],
  },
  {
    name: "there is no route back (asymmetric)",
    make: async ({ ec2, id }) => {
      const RouteTableId = id("route-table/vpc-2");
      await ec2.deleteRoute({ RouteTableId, DestinationCidrBlock: "10.1.0.0/16" });
      return undefined;
    },
    blockers: ["return no-route"],
    remedies: [/^peerctl --lab route$/],
  },
  {
    name: "the subnet follows another route table, the main one",
    make: async ({ ec2, id }) => {
      const { RouteTables } = await ec2.describeRouteTables({ RouteTableIds: [id("route-table/vpc-2")] });
      const AssociationId = RouteTables?.[0]?.Associations?.[0]?.RouteTableAssociationId;
      await ec2.disassociateRouteTable({ AssociationId });
      return undefined;
    },
    blockers: ["return no-route"],
    remedies: [/create-route .*--destination-cidr-block 10\.1\.0\.0\/16 --vpc-peering-connection-id pcx-/],
  },
  {
    name: "the route leads to the wrong peering",
    make: async ({ ec2, id }) => {
      await ec2.replaceRoute({
        RouteTableId: id("route-table/a"),
        DestinationCidrBlock: "10.2.0.0/16",
        VpcPeeringConnectionId: id("peering/a~c"),
      });
      return undefined;
    },
    stack: three,
    ask: { from: "a", to: "b" },
    blockers: ["forward peering-not-transitive"],
    remedies: [/^peerctl --lab route$/],
  },
  {
    name: "a more specific route leads to the wrong peering",
    make: async ({ ec2, id }) => {
      await ec2.createRoute({
        RouteTableId: id("route-table/a"),
        DestinationCidrBlock: "10.2.0.0/24",
        VpcPeeringConnectionId: id("peering/a~c"),
      });
      return undefined;
    },
    stack: three,
    ask: { from: "a", to: "b" },
    blockers: ["forward peering-not-transitive"],
    remedies: [/replace-route .*--destination-cidr-block 10\.2\.0\.0\/24 --vpc-peering-connection-id pcx-/],
  },
  {
    name: "routes lead through a third VPC (transitive)",
    make: async ({ ec2, id }) => {
      for (const [table, DestinationCidrBlock, peering] of [
        ["a", "10.3.0.0/16", "a~b"],
        ["c", "10.1.0.0/16", "b~c"],
      ] as const) {
        const RouteTableId = id(`route-table/${table}`);
        const VpcPeeringConnectionId = id(`peering/${peering}`);
        await ec2.createRoute({ RouteTableId, DestinationCidrBlock, VpcPeeringConnectionId });
      }
      return undefined;
    },
    stack: chain,
    ask: { from: "a", to: "c" },
    blockers: [
      "forward peering-not-transitive",
      "forward security-group-ingress",
      "return peering-not-transitive",
    ],
    remedies: [
      /^pcx=.*accept-vpc/,
      /replace-route .*"\$pcx"/,
      /replace-route .*"\$pcx"/,
      /authorize-security-group-ingress/,
    ],
  },
  {
    name: "a network ACL blocks only the replies",
    make: async ({ ec2, id }) => {
      await ec2.createNetworkAclEntry({
        NetworkAclId: await aclOf(ec2, id("vpc/vpc-2")),
        RuleNumber: 90,
        Egress: true,
        Protocol: "1",
        IcmpTypeCode: { Type: 0, Code: -1 },
        RuleAction: "deny",
        CidrBlock: "0.0.0.0/0",
      });
      return undefined;
    },
    blockers: ["return network-acl-egress"],
    remedies: [/create-network-acl-entry .*--egress --rule-number 89 .*Type=0,Code=-1/],
  },
  {
    name: "the very first rule of a network ACL blocks ephemeral ports",
    make: async ({ ec2, id }) => {
      await ec2.createNetworkAclEntry({
        NetworkAclId: await aclOf(ec2, id("vpc/vpc-1")),
        RuleNumber: 1,
        Egress: true,
        Protocol: "6",
        PortRange: { From: 40_000, To: 50_000 },
        RuleAction: "deny",
        CidrBlock: "0.0.0.0/0",
      });
      return undefined;
    },
    ask: ssh,
    blockers: ["return network-acl-egress"],
    remedies: [/replace-network-acl-entry .*--rule-number 1 .*198\.51\.100\.7\/32/],
  },
  {
    name: "a new network ACL, which denies everything",
    make: async ({ ec2, id }) => {
      const { NetworkAcl } = await ec2.createNetworkAcl({ VpcId: id("vpc/vpc-2") });
      const NetworkAclId = await aclOf(ec2, id("vpc/vpc-2"));
      const { NetworkAcls } = await ec2.describeNetworkAcls({ NetworkAclIds: [NetworkAclId] });
      await ec2.replaceNetworkAclAssociation({
        AssociationId: NetworkAcls?.[0]?.Associations?.[0]?.NetworkAclAssociationId,
        NetworkAclId: NetworkAcl?.NetworkAclId,
      });
      return undefined;
    },
    blockers: ["forward network-acl-ingress", "return network-acl-egress"],
    remedies: [/--ingress --rule-number 10 .*Type=8/, /--egress --rule-number 10 .*Type=0/],
  },
  {
    name: "an instance of the stack is stopped",
    make: async ({ ec2, id }) => {
      await ec2.stopInstances({ InstanceIds: [id("instance/vpc-2")] });
      return undefined;
    },
    blockers: ["forward instance-not-running"],
    remedies: [/^peerctl --lab launch$/],
  },
  {
    name: "an instance of somebody else is stopped",
    make: async ({ ec2, id }) => {
      const other = await instanceIn(ec2, id("subnet/vpc-2"), id("security-group/vpc-2"));
      await ec2.stopInstances({ InstanceIds: [other] });
      return ["vpc-1", other];
    },
    blockers: ["forward instance-not-running"],
    remedies: [/start-instances/],
  },
  {
    name: "the Elastic IP was taken off",
    make: async ({ ec2, eni }) => {
      await ec2.disassociateAddress({ AssociationId: await associationOf(ec2, eni("vpc-1")) });
      return undefined;
    },
    ask: ssh,
    blockers: ["forward no-public-address"],
    remedies: [/^peerctl --lab eip$/],
  },
  {
    name: "the internet gateway was detached",
    make: async ({ ec2, id, eni }) => {
      await ec2.disassociateAddress({ AssociationId: await associationOf(ec2, eni("vpc-1")) });
      await ec2.detachInternetGateway({
        InternetGatewayId: id("internet-gateway/vpc-1"),
        VpcId: id("vpc/vpc-1"),
      });
      return undefined;
    },
    ask: ssh,
    blockers: ["forward no-public-address", "forward no-internet-gateway", "return route-blackhole"],
    remedies: [/^peerctl --lab create-vpcs$/, /^peerctl --lab eip$/],
  },
  {
    name: "VPC Block Public Access is on",
    make: async ({ ec2 }) => {
      await ec2.modifyVpcBlockPublicAccessOptions({ InternetGatewayBlockMode: "block-bidirectional" });
      return undefined;
    },
    ask: ssh,
    blockers: ["forward block-public-access"],
    remedies: [/create-vpc-block-public-access-exclusion --vpc-id vpc-\S+ .*allow-bidirectional/],
  },
  {
    name: "the destination is in a secondary CIDR block",
    make: async ({ ec2, id }) => {
      const VpcId = id("vpc/vpc-2");
      await ec2.associateVpcCidrBlock({ VpcId, CidrBlock: "10.22.0.0/16" });
      const { Subnet } = await ec2.createSubnet({
        VpcId,
        AvailabilityZone: "us-east-1a",
        CidrBlock: "10.22.1.0/24",
      });
      return ["vpc-1", await instanceIn(ec2, Subnet!.SubnetId!, id("security-group/vpc-2"))];
    },
    blockers: ["forward no-route", "return no-route"],
    remedies: [/create-route .*10\.22\.0\.0\/16 .*pcx-/, /create-route .*10\.1\.0\.0\/16 .*pcx-/],
  },
  {
    name: "a middlebox on the way checks source and destination",
    make: async ({ ec2, id }) => {
      const VpcId = id("vpc/vpc-1");
      const { Subnet } = await ec2.createSubnet({
        VpcId,
        AvailabilityZone: "us-east-1a",
        CidrBlock: "10.1.9.0/24",
      });
      const GroupId = id("security-group/vpc-1");
      await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: icmpIn("10.0.0.0/8") });
      const box = await instanceIn(ec2, Subnet!.SubnetId!, GroupId);
      const { RouteTables } = await ec2.describeRouteTables({
        Filters: [
          { Name: "vpc-id", Values: [VpcId] },
          { Name: "association.main", Values: ["true"] },
        ],
      });
      const VpcPeeringConnectionId = id("peering/vpc-1~vpc-2");
      const main = RouteTables?.[0]?.RouteTableId;
      await ec2.createRoute({
        RouteTableId: main,
        DestinationCidrBlock: "10.2.0.0/16",
        VpcPeeringConnectionId,
      });
      await ec2.createRoute({
        RouteTableId: id("route-table/vpc-1"),
        DestinationCidrBlock: "10.2.0.0/24",
        NetworkInterfaceId: await eniOf(ec2, box),
      });
      return undefined;
    },
    blockers: ["forward source-dest-check"],
    remedies: [/modify-network-interface-attribute .*--no-source-dest-check/],
  },
  {
    name: "the VPCs' CIDR blocks overlap, so the peering failed",
    stack: "none",
    make: async ({ ec2 }) => {
      const one = await vpcWithInstance(ec2, "10.9.0.0/16", "10.9.1.0/24");
      const two = await vpcWithInstance(ec2, "10.9.0.0/16", "10.9.2.0/24");
      await ec2.createVpcPeeringConnection({ VpcId: one.vpc, PeerVpcId: two.vpc });
      return [one.instance, two.instance];
    },
    blockers: ["forward address-unknown", "forward security-group-ingress", "return address-unknown"],
    remedies: [/^to do: VPCs whose CIDR blocks overlap/, /authorize-security-group-ingress/],
    hopeless: true,
  },
  {
    name: "two VPCs that peerctl did not make, and nothing between them",
    stack: "none",
    make: async ({ ec2 }) => {
      const one = await vpcWithInstance(ec2, "10.7.0.0/16", "10.7.1.0/24");
      const two = await vpcWithInstance(ec2, "10.8.0.0/16", "10.8.1.0/24");
      return [one.instance, two.instance];
    },
    blockers: [
      "forward no-route",
      "forward peering-not-active",
      "forward security-group-ingress",
      "return no-route",
      "return peering-not-active",
    ],
    remedies: [
      /^pcx=.*wait.*accept/,
      /create-route .*"\$pcx"/,
      /create-route .*"\$pcx"/,
      /authorize-security-group-ingress/,
    ],
  },
  {
    name: "a VPC that peerctl did not make, closed to the internet",
    stack: "none",
    make: async ({ ec2 }) => {
      const { instance } = await vpcWithInstance(ec2, "10.7.0.0/16", "10.7.1.0/24");
      return ["internet", instance];
    },
    ask: { protocol: "tcp", port: 443 },
    blockers: [
      "forward no-public-address",
      "forward no-internet-gateway",
      "forward security-group-ingress",
      "return no-route",
    ],
    remedies: [
      /^igw_\w+=.*attach-internet-gateway/,
      /create-route .*0\.0\.0\.0\/0 --gateway-id "\$igw_/,
      /associate-address .*allocate-address/,
      /authorize-security-group-ingress .*FromPort=443.*0\.0\.0\.0\/0/,
    ],
  },
];

async function aclOf(ec2: EC2, vpc: string): Promise<string> {
  const { NetworkAcls } = await ec2.describeNetworkAcls({
    Filters: [
      { Name: "vpc-id", Values: [vpc] },
      { Name: "default", Values: ["true"] },
    ],
  });
  return NetworkAcls![0]!.NetworkAclId!;
}

async function associationOf(ec2: EC2, eni: string): Promise<string> {
  const { Addresses } = await ec2.describeAddresses({
    Filters: [{ Name: "network-interface-id", Values: [eni] }],
  });
  return Addresses![0]!.AssociationId!;
}

async function eniOf(ec2: EC2, instance: string): Promise<string> {
  const { Reservations } = await ec2.describeInstances({ InstanceIds: [instance] });
  return Reservations![0]!.Instances![0]!.NetworkInterfaces![0]!.NetworkInterfaceId!;
}

async function instanceIn(ec2: EC2, SubnetId: string, group: string): Promise<string> {
  const { Images } = await ec2.describeImages({ Owners: ["amazon"] });
  const { Instances } = await ec2.runInstances({
    ImageId: Images?.[0]?.ImageId,
    InstanceType: "t3.micro",
    MinCount: 1,
    MaxCount: 1,
    SubnetId,
    SecurityGroupIds: [group],
  });
  return Instances![0]!.InstanceId!;
}

/** With its main route table, default network ACL, and a group that lets nothing in. */
async function vpcWithInstance(ec2: EC2, CidrBlock: string, subnet: string) {
  const { Vpc } = await ec2.createVpc({ CidrBlock });
  const VpcId = Vpc!.VpcId!;
  const { Subnet } = await ec2.createSubnet({ VpcId, AvailabilityZone: "us-east-1a", CidrBlock: subnet });
  const { GroupId } = await ec2.createSecurityGroup({ VpcId, GroupName: "plain", Description: "plain" });
  return { vpc: VpcId, instance: await instanceIn(ec2, Subnet!.SubnetId!, GroupId!) };
}
