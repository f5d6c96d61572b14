import {
  DescribeAddressesCommand,
  DescribeEgressOnlyInternetGatewaysCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpnGatewaysCommand,
  type NetworkInterface,
} from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import type { Blocker, Ours } from "./blocker.ts";
import { allPages } from "./pages.ts";
import { stackTag } from "./tags.ts";

type Filters = { Name: string; Values: string[] }[];

/** Those of our own instances go with them; it only takes AWS a moment. */
async function theirInterfaces(aws: Aws, Filters: Filters, ours: Ours): Promise<NetworkInterface[]> {
  const rows = await allPages(
    (NextToken) => aws.ec2(new DescribeNetworkInterfacesCommand({ Filters, NextToken })),
    (page) => page.NetworkInterfaces,
  );
  return rows.filter(({ Attachment, TagSet }) => {
    const isOurs = TagSet?.some(({ Key, Value }) => Key === stackTag && Value === ours.uuid);
    return !isOurs && !ours.ids.has(Attachment?.InstanceId ?? "");
  });
}

export async function interfaces(aws: Aws, Filters: Filters, ours: Ours): Promise<Blocker[]> {
  return (await theirInterfaces(aws, Filters, ours)).map(interfaceBlocker);
}

/** A gateway stays attached while anything in its VPC has a public address. */
export async function mappedInterfaces(aws: Aws, VpcId: string, ours: Ours): Promise<Blocker[]> {
  const rows = await theirInterfaces(aws, [{ Name: "vpc-id", Values: [VpcId] }], ours);
  return rows.filter(({ Association }) => Association?.PublicIp).map(interfaceBlocker);
}

function interfaceBlocker(row: NetworkInterface): Blocker {
  const { NetworkInterfaceId, Description, InterfaceType } = row;
  const detail = Description ? `"${Description}"` : InterfaceType;
  return { id: NetworkInterfaceId!, type: "network interface", ...(detail && { detail }) };
}

/** Who holds one of our addresses, e.g. a NAT gateway: only they can let it go. */
export async function holders(aws: Aws, Filters: Filters, ours: Ours): Promise<Blocker[]> {
  const { Addresses } = await aws.ec2(new DescribeAddressesCommand({ Filters }));
  return (Addresses ?? [])
    .filter(({ NetworkInterfaceId, InstanceId }) => NetworkInterfaceId && !ours.ids.has(InstanceId ?? ""))
    .map(({ NetworkInterfaceId, PublicIp }) => ({
      id: NetworkInterfaceId!,
      type: "network interface",
      detail: `it holds ${PublicIp}`,
    }));
}

/** Others' subnets and gateways that use a route table of ours. */
export async function associated(aws: Aws, RouteTableId: string): Promise<Blocker[]> {
  const { RouteTables } = await aws.ec2(new DescribeRouteTablesCommand({ RouteTableIds: [RouteTableId] }));
  return (RouteTables?.[0]?.Associations ?? [])
    .filter(({ AssociationState }) => AssociationState?.State !== "disassociated")
    .map(({ SubnetId, GatewayId, Main, RouteTableAssociationId }) => ({
      id: SubnetId ?? GatewayId ?? RouteTableAssociationId!,
      type: SubnetId ? "subnet" : GatewayId ? "gateway" : "association",
      detail: Main ? "it is the VPC's main route table" : `associated by ${RouteTableAssociationId}`,
    }));
}

export async function subnets(aws: Aws, Filters: Filters): Promise<Blocker[]> {
  const { Subnets } = await aws.ec2(new DescribeSubnetsCommand({ Filters }));
  return (Subnets ?? []).map(({ SubnetId, CidrBlock }) => ({
    id: SubnetId!,
    type: "subnet",
    detail: CidrBlock!,
  }));
}

export async function groups(aws: Aws, Filters: Filters): Promise<Blocker[]> {
  const { SecurityGroups } = await aws.ec2(new DescribeSecurityGroupsCommand({ Filters }));
  return (SecurityGroups ?? [])
    .filter(({ GroupName }) => GroupName !== "default")
    .map(({ GroupId, GroupName }) => ({ id: GroupId!, type: "security group", detail: GroupName! }));
}

export async function referringGroups(aws: Aws, GroupId: string): Promise<Blocker[]> {
  const names = ["ip-permission.group-id", "egress.ip-permission.group-id"];
  const answers = await Promise.all(
    names.map((Name) =>
      aws.ec2(new DescribeSecurityGroupsCommand({ Filters: [{ Name, Values: [GroupId] }] })),
    ),
  );
  const referring = new Map(
    answers
      .flatMap(({ SecurityGroups }) => SecurityGroups ?? [])
      .map((row) => [row.GroupId!, row.GroupName!]),
  );
  referring.delete(GroupId);
  const type = "security group that refers to it";
  return [...referring].map(([id, detail]) => ({ id, type, detail }));
}

/** The main one goes with its VPC. */
export async function routeTables(aws: Aws, Filters: Filters): Promise<Blocker[]> {
  const { RouteTables } = await aws.ec2(new DescribeRouteTablesCommand({ Filters }));
  return (RouteTables ?? [])
    .filter(({ Associations }) => !Associations?.some(({ Main }) => Main))
    .map(({ RouteTableId }) => ({ id: RouteTableId!, type: "route table" }));
}

export async function networkAcls(aws: Aws, Filters: Filters): Promise<Blocker[]> {
  const { NetworkAcls } = await aws.ec2(new DescribeNetworkAclsCommand({ Filters }));
  return (NetworkAcls ?? [])
    .filter(({ IsDefault }) => !IsDefault)
    .map(({ NetworkAclId }) => ({ id: NetworkAclId!, type: "network ACL" }));
}

export async function gateways(aws: Aws, Filters: Filters): Promise<Blocker[]> {
  const { InternetGateways } = await aws.ec2(new DescribeInternetGatewaysCommand({ Filters }));
  return (InternetGateways ?? []).map(({ InternetGatewayId }) => ({
    id: InternetGatewayId!,
    type: "internet gateway",
  }));
}

/** One that was deleted or taken off is shown for a while. */
export async function vpnGateways(aws: Aws, Filters: Filters): Promise<Blocker[]> {
  const { VpnGateways } = await aws.ec2(new DescribeVpnGatewaysCommand({ Filters }));
  return (VpnGateways ?? [])
    .filter(({ State, VpcAttachments }) => {
      return State !== "deleted" && VpcAttachments?.some((each) => each.State !== "detached");
    })
    .map(({ VpnGatewayId }) => ({ id: VpnGatewayId!, type: "VPN gateway" }));
}

/** AWS has no filter by VPC for these. */
export async function egressOnlyGateways(aws: Aws, VpcId: string): Promise<Blocker[]> {
  const rows = await allPages(
    (NextToken) => aws.ec2(new DescribeEgressOnlyInternetGatewaysCommand({ NextToken })),
    (page) => page.EgressOnlyInternetGateways,
  );
  return rows
    .filter(({ Attachments }) => Attachments?.some((each) => each.VpcId === VpcId))
    .map((row) => ({ id: row.EgressOnlyInternetGatewayId!, type: "egress-only internet gateway" }));
}

export async function endpoints(aws: Aws, Filters: Filters): Promise<Blocker[]> {
  const { VpcEndpoints } = await aws.ec2(new DescribeVpcEndpointsCommand({ Filters }));
  return (VpcEndpoints ?? [])
    .filter(({ State }) => !/^deleted$/i.test(State ?? ""))
    .map(({ VpcEndpointId, ServiceName }) => ({
      id: VpcEndpointId!,
      type: "VPC endpoint",
      detail: ServiceName!,
    }));
}
