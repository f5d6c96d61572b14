import { aclFrom } from "./acl-from-ec2.ts";
import { cidr } from "./cidr.ts";
import { blocks, isThere, must } from "./ec2-rows.ts";
import type {
  Ec2InternetGateway,
  Ec2PeeringSide,
  Ec2RouteTable,
  Ec2Subnet,
  Ec2Tables,
  Ec2Vpc,
  Ec2VpcPeeringConnection,
} from "./ec2-shapes.ts";
import { interfaceFrom } from "./interface-from-ec2.ts";
import { routeFrom } from "./route-from-ec2.ts";
import { groupsFrom } from "./security-groups-from-ec2.ts";
import type {
  InternetGateway,
  InternetGatewayBlock,
  Peering,
  PeeringSide,
  RouteTable,
  Snapshot,
  Subnet,
  Vpc,
} from "./types.ts";

/**
 * The tables of one account in one Region as the model's facts. Ids and addresses only: tags and names stay behind. Throws
 * a TypeError for a row without what EC2 always answers (its id, an address), a RangeError for what is no address.
 */
export function fromEc2(tables: Ec2Tables): Snapshot {
  const instances = [
    ...(tables.instances ?? []),
    ...[...(tables.reservations ?? [])].flatMap((reservation) => reservation.Instances ?? []),
  ];
  return {
    vpcs: each(tables.vpcs, (row) => vpcFrom(row, tables)),
    subnets: each(tables.subnets, subnetFrom),
    routeTables: each(tables.routeTables, routeTableFrom),
    internetGateways: each(tables.internetGateways, gatewayFrom),
    peerings: each(tables.vpcPeeringConnections, (row) => peeringFrom(row, tables)),
    securityGroups: groupsFrom(tables.securityGroups ?? [], tables.securityGroupRules),
    networkAcls: each(tables.networkAcls, aclFrom),
    interfaces: each(tables.networkInterfaces, interfaceFrom),
    instances: instances.map((row) => ({
      id: must(row.InstanceId, "InstanceId"),
      state: must(row.State?.Name, "State"),
    })),
    prefixLists: each(tables.prefixLists, (row) => ({
      id: must(row.PrefixListId, "PrefixListId"),
      cidrs: (row.Entries ?? []).map((entry) => cidr(must(entry.Cidr, "Cidr")).text),
    })),
  };
}

function vpcFrom(row: Ec2Vpc, { account, region }: Ec2Tables): Vpc {
  const secondary = (row.CidrBlockAssociationSet ?? [])
    .filter((association) => isThere(association.CidrBlockState?.State))
    .map((association) => association.CidrBlock);
  return {
    id: must(row.VpcId, "VpcId"),
    account: row.OwnerId ?? account,
    region,
    cidrs: blocks(row.CidrBlock, ...secondary, ...ipv6Of(row)),
    internetGatewayBlock: blockMode(row) ?? "off",
  };
}

function subnetFrom(row: Ec2Subnet): Subnet {
  const mode = blockMode(row);
  return {
    id: must(row.SubnetId, "SubnetId"),
    vpc: must(row.VpcId, "VpcId"),
    cidrs: blocks(row.CidrBlock, ...ipv6Of(row)),
    zone: row.AvailabilityZone ?? "",
    ...(mode && { internetGatewayBlock: mode }),
  };
}

function routeTableFrom(row: Ec2RouteTable): RouteTable {
  const associations = (row.Associations ?? []).filter((one) => isThere(one.AssociationState?.State));
  return {
    id: must(row.RouteTableId, "RouteTableId"),
    vpc: must(row.VpcId, "VpcId"),
    main: associations.some((one) => one.Main),
    subnets: associations.flatMap((one) => one.SubnetId ?? []),
    gateways: associations.flatMap((one) => one.GatewayId ?? []),
    // "filtered" routes, which a route server withholds, forward nothing.
    routes: (row.Routes ?? []).filter((route) => route.State !== "filtered").map(routeFrom),
  };
}

function gatewayFrom(row: Ec2InternetGateway): InternetGateway {
  // EC2 answers "available" for what its own documentation calls "attached".
  const attached = row.Attachments?.find(({ State }) => State === "available" || State === "attached");
  return {
    id: must(row.InternetGatewayId, "InternetGatewayId"),
    ...(attached?.VpcId && { vpc: attached.VpcId }),
  };
}

function peeringFrom(row: Ec2VpcPeeringConnection, { account, region }: Ec2Tables): Peering {
  const status = must(row.Status?.Code, "Status");
  const side = (info: Ec2PeeringSide = {}): PeeringSide => {
    const dnsResolution = info.PeeringOptions?.AllowDnsResolutionFromRemoteVpc;
    return {
      vpc: must(info.VpcId, "VpcId"),
      account: info.OwnerId ?? account,
      region: info.Region ?? region,
      cidrs: status === "active" ? peerBlocks(info) : [],
      ...(dnsResolution !== undefined && { dnsResolution }),
    };
  };
  return {
    id: must(row.VpcPeeringConnectionId, "VpcPeeringConnectionId"),
    status,
    requester: side(row.RequesterVpcInfo),
    accepter: side(row.AccepterVpcInfo),
  };
}

function peerBlocks(side: Ec2PeeringSide): string[] {
  const ipv4 = (side.CidrBlockSet ?? []).map((one) => one.CidrBlock);
  const ipv6 = (side.Ipv6CidrBlockSet ?? []).map((one) => one.Ipv6CidrBlock);
  return blocks(side.CidrBlock, ...ipv4, ...ipv6);
}

function ipv6Of(row: Ec2Vpc | Ec2Subnet): (string | undefined)[] {
  return (row.Ipv6CidrBlockAssociationSet ?? [])
    .filter((association) => isThere(association.Ipv6CidrBlockState?.State))
    .map((association) => association.Ipv6CidrBlock);
}

function blockMode(row: Ec2Vpc | Ec2Subnet): InternetGatewayBlock | undefined {
  const mode = row.BlockPublicAccessStates?.InternetGatewayBlockMode;
  return mode === "off" || mode === "block-bidirectional" || mode === "block-ingress" ? mode : undefined;
}

function each<Row, Fact>(rows: Iterable<Row> | undefined, convert: (row: Row) => Fact): Fact[] {
  return Array.from(rows ?? [], convert);
}
