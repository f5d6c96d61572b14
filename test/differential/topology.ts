import {
  AcceptVpcPeeringConnectionCommand,
  AllocateAddressCommand,
  AssociateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcPeeringConnectionCommand,
  DeleteVpcPeeringConnectionCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  type EC2Client,
  EC2ServiceException,
  type IpPermission,
  ModifyNetworkInterfaceAttributeCommand,
  ReplaceNetworkAclAssociationCommand,
  RevokeSecurityGroupEgressCommand,
  RunInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { Chance } from "./chance.ts";

interface Vpc {
  id: string;
  block: string;
  gateway?: string;
  subnets: { id: string; block: string; table: string }[];
  tables: string[];
  groups: string[];
  interfaces: string[];
}

const portRanges = [
  [22, 22],
  [53, 53],
  [80, 443],
  [1024, 65535],
  [32768, 60999],
  [5000, 5000],
  [1, 1023],
  [0, 65535],
] as const;

const image = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

/**
 * Makes a random network through the API: two to six VPCs, and all that decides about packets between them, right or wrong.
 * What EC2 refuses (a route that is there already, overlapping peers) is part of the play, and left out.
 */
export async function makeTopology(client: EC2Client, chance: Chance): Promise<void> {
  const vpcs: Vpc[] = [];
  const count = 2 + chance.below(5);
  for (let n = 1; n <= count; n += 1) {
    const block = chance.percent(10) && vpcs[0] ? chance.pick(vpcs).block : `10.${n}.0.0/16`;
    vpcs.push(await makeVpc(client, chance, block));
  }
  const blocks = [
    ...vpcs.flatMap((vpc) => [vpc.block, ...vpc.subnets.map((each) => each.block)]),
    "0.0.0.0/0",
  ];
  const peerings = await peer(client, chance, vpcs);
  for (const vpc of vpcs) await makeGroups(client, chance, vpc, vpcs, blocks);
  for (const vpc of vpcs) await launch(client, chance, vpc);
  for (const vpc of vpcs) {
    await route(client, chance, vpc, vpcs, peerings);
    if (chance.percent(35)) await shut(client, chance, vpc, blocks);
  }
  for (const { id } of peerings) {
    if (chance.percent(8)) {
      await client.send(new DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id }));
    }
  }
}

async function makeVpc(client: EC2Client, chance: Chance, block: string): Promise<Vpc> {
  const { Vpc: made } = await client.send(new CreateVpcCommand({ CidrBlock: block }));
  const id = made!.VpcId!;
  const main = await client.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: "vpc-id", Values: [id] }] }),
  );
  const mainTable = main.RouteTables![0]!.RouteTableId!;
  const vpc: Vpc = { id, block, subnets: [], tables: [mainTable], groups: [], interfaces: [] };
  if (chance.percent(75)) {
    const { InternetGateway } = await client.send(new CreateInternetGatewayCommand({}));
    vpc.gateway = InternetGateway!.InternetGatewayId!;
    await client.send(new AttachInternetGatewayCommand({ VpcId: id, InternetGatewayId: vpc.gateway }));
  }
  const stem = block.split(".").slice(0, 2).join(".");
  for (let n = 0; n <= chance.below(2); n += 1) {
    const CidrBlock = `${stem}.${n}.0/24`;
    const { Subnet } = await client.send(
      new CreateSubnetCommand({ VpcId: id, CidrBlock, AvailabilityZone: "us-east-1a" }),
    );
    const subnet = { id: Subnet!.SubnetId!, block: CidrBlock, table: mainTable };
    if (chance.percent(50)) {
      const { RouteTable } = await client.send(new CreateRouteTableCommand({ VpcId: id }));
      subnet.table = RouteTable!.RouteTableId!;
      vpc.tables.push(subnet.table);
      await client.send(new AssociateRouteTableCommand({ RouteTableId: subnet.table, SubnetId: subnet.id }));
    }
    vpc.subnets.push(subnet);
  }
  return vpc;
}

interface Peered {
  id: string;
  ends: readonly [Vpc, Vpc];
}

async function peer(client: EC2Client, chance: Chance, vpcs: readonly Vpc[]): Promise<Peered[]> {
  const found: Peered[] = [];
  for (const [place, a] of vpcs.entries()) {
    for (const b of vpcs.slice(place + 1)) {
      if (!chance.percent(65)) continue;
      const { VpcPeeringConnection } = await client.send(
        new CreateVpcPeeringConnectionCommand({ VpcId: a.id, PeerVpcId: b.id }),
      );
      const id = VpcPeeringConnection!.VpcPeeringConnectionId!;
      const accept = new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id });
      if (chance.percent(90) && !(await refused(client.send(accept)))) found.push({ id, ends: [a, b] });
    }
  }
  return found;
}

async function makeGroups(
  client: EC2Client,
  chance: Chance,
  vpc: Vpc,
  vpcs: readonly Vpc[],
  blocks: readonly string[],
): Promise<void> {
  for (let n = 0; n <= chance.below(2); n += 1) {
    const { GroupId } = await client.send(
      new CreateSecurityGroupCommand({ VpcId: vpc.id, GroupName: `group-${n}`, Description: "random" }),
    );
    vpc.groups.push(GroupId!);
    const groups = vpcs.flatMap((each) => each.groups);
    for (let rules = 0; rules < 1 + chance.below(4); rules += 1) {
      const IpPermissions = [permission(chance, blocks, groups)];
      await refused(client.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })));
    }
    if (!chance.percent(25)) continue;
    const open = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
    await client.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: open }));
    for (let rules = 0; rules < 1 + chance.below(3); rules += 1) {
      const IpPermissions = [permission(chance, blocks, groups)];
      await refused(client.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions })));
    }
  }
}

function permission(chance: Chance, blocks: readonly string[], groups: readonly string[]): IpPermission {
  const [FromPort, ToPort] = chance.pick(portRanges);
  const traffic = chance.pick<IpPermission>([
    { IpProtocol: "-1" },
    { IpProtocol: "-1" },
    { IpProtocol: "icmp", FromPort: -1, ToPort: -1 },
    { IpProtocol: "icmp", FromPort: 8, ToPort: 0 },
    { IpProtocol: "icmp", FromPort: 0, ToPort: -1 },
    { IpProtocol: "tcp", FromPort, ToPort },
    { IpProtocol: "udp", FromPort, ToPort },
  ]);
  if (chance.percent(25)) return { ...traffic, UserIdGroupPairs: [{ GroupId: chance.pick(groups) }] };
  return {
    ...traffic,
    IpRanges: [{ CidrIp: chance.percent(40) ? "0.0.0.0/0" : chance.pick([...blocks, "198.51.100.7/32"]) }],
  };
}

async function launch(client: EC2Client, chance: Chance, vpc: Vpc): Promise<void> {
  for (let n = 0; n <= chance.below(2); n += 1) {
    const { Instances } = await client.send(
      new RunInstancesCommand({
        ImageId: image,
        InstanceType: "t3.micro",
        MinCount: 1,
        MaxCount: 1,
        NetworkInterfaces: [
          {
            DeviceIndex: 0,
            SubnetId: chance.pick(vpc.subnets).id,
            Groups: chance.percent(30) ? vpc.groups : [chance.pick(vpc.groups)],
            AssociatePublicIpAddress: chance.percent(40),
            ...(chance.percent(20) && { SecondaryPrivateIpAddressCount: 1 }),
          },
        ],
      }),
    );
    const [instance] = Instances!;
    const NetworkInterfaceId = instance!.NetworkInterfaces![0]!.NetworkInterfaceId!;
    vpc.interfaces.push(NetworkInterfaceId);
    if (chance.percent(20)) {
      const { AllocationId } = await client.send(new AllocateAddressCommand({ Domain: "vpc" }));
      await refused(client.send(new AssociateAddressCommand({ AllocationId, NetworkInterfaceId })));
    }
    if (chance.percent(15)) {
      const SourceDestCheck = { Value: false };
      await client.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck }));
    }
    if (chance.percent(6)) {
      await client.send(new StopInstancesCommand({ InstanceIds: [instance!.InstanceId!] }));
    }
  }
}

async function route(
  client: EC2Client,
  chance: Chance,
  vpc: Vpc,
  vpcs: readonly Vpc[],
  peerings: readonly Peered[],
): Promise<void> {
  for (const RouteTableId of vpc.tables) {
    const add = (DestinationCidrBlock: string, target: object) =>
      refused(client.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock, ...target })));
    if (vpc.gateway && chance.percent(85)) await add("0.0.0.0/0", { GatewayId: vpc.gateway });
    for (const { id: VpcPeeringConnectionId, ends } of peerings) {
      const far = ends.find((each) => each !== vpc);
      if (!ends.includes(vpc) || !far || !chance.percent(88)) continue;
      const part = chance.pick(far.subnets).block;
      const wide = chance.percent(4) ? "10.0.0.0/8" : far.block;
      await add(chance.percent(80) ? wide : part, { VpcPeeringConnectionId });
      // Towards a third VPC: a peering is not transitive.
      if (chance.percent(8)) await add(chance.pick(vpcs).block, { VpcPeeringConnectionId });
    }
    if (vpc.interfaces.length > 0 && chance.percent(12)) {
      const destination = chance.pick([
        chance.pick(vpcs).block,
        chance.pick(chance.pick(vpcs).subnets).block,
      ]);
      await add(destination, { NetworkInterfaceId: chance.pick(vpc.interfaces) });
    }
  }
}

/** A network ACL of random entries, in the place of the default one. */
async function shut(client: EC2Client, chance: Chance, vpc: Vpc, blocks: readonly string[]): Promise<void> {
  const { NetworkAcl } = await client.send(new CreateNetworkAclCommand({ VpcId: vpc.id }));
  const NetworkAclId = NetworkAcl!.NetworkAclId!;
  for (const Egress of [false, true]) {
    for (let n = 1; n <= 1 + chance.below(4); n += 1) {
      const [From, To] = chance.pick(portRanges);
      const traffic = chance.pick([
        { Protocol: "-1" },
        { Protocol: "1", IcmpTypeCode: { Type: chance.pick([-1, 0, 8]), Code: -1 } },
        { Protocol: "6", PortRange: { From, To } },
        { Protocol: "17", PortRange: { From, To } },
      ]);
      await refused(
        client.send(
          new CreateNetworkAclEntryCommand({
            NetworkAclId,
            Egress,
            RuleNumber: n * 10,
            RuleAction: chance.percent(65) ? "allow" : "deny",
            CidrBlock: chance.pick(blocks),
            ...traffic,
          }),
        ),
      );
    }
    if (chance.percent(65)) {
      const all = { Protocol: "-1", CidrBlock: "0.0.0.0/0", RuleAction: "allow" } as const;
      await client.send(new CreateNetworkAclEntryCommand({ NetworkAclId, Egress, RuleNumber: 900, ...all }));
    }
  }
  const subnet = chance.pick(vpc.subnets).id;
  const { NetworkAcls } = await client.send(
    new DescribeNetworkAclsCommand({ Filters: [{ Name: "association.subnet-id", Values: [subnet] }] }),
  );
  const held = NetworkAcls![0]!.Associations!.find((each) => each.SubnetId === subnet);
  const AssociationId = held!.NetworkAclAssociationId!;
  await client.send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
}

/** Whether EC2 refused the call; what went wrong in any other way is thrown. */
async function refused(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return false;
  } catch (error) {
    if (error instanceof EC2ServiceException && error.name !== "InternalError") return true;
    throw error;
  }
}
