import type { VpcPeeringConnection } from "@aws-sdk/client-ec2";
import type { Call } from "./action.ts";
import { Ec2Error } from "./error.ts";
import { isShown } from "./transition.ts";
import type { Tables } from "./world.ts";

type TableName = Exclude<
  { [Name in keyof Tables]-?: Tables[Name] extends Map<string, unknown> ? Name : never }[keyof Tables],
  "tags" | "clientTokens" | "visibleFrom" | "vpcAttributes"
>;

interface Kind {
  /** The id's prefix, and so how an id tells what it names. */
  prefix: string;
  table: TableName | "peerings";
  /** `ResourceType` in TagSpecifications and DescribeTags. */
  tagType: string;
  notFound: string;
  malformed: string;
  /** EC2's noun in its messages: "The <noun> 'x' does not exist". */
  noun: string;
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const kind = <const Table extends Kind["table"]>(
  prefix: string,
  table: Table,
  tagType: string,
  stem: string,
  noun: string,
): Kind & { table: Table } => ({
  prefix,
  table,
  tagType,
  notFound: `Invalid${stem}.NotFound`,
  malformed: `Invalid${stem}.Malformed`,
  noun,
});

/** Every kind of resource that has an id, a table and tags. */
export const kinds = {
  vpc: kind("vpc", "vpcs", "vpc", "VpcID", "vpc ID"),
  subnet: kind("subnet", "subnets", "subnet", "SubnetID", "subnet ID"),
  internetGateway: kind(
    "igw",
    "internetGateways",
    "internet-gateway",
    "InternetGatewayID",
    "internetGateway ID",
  ),
  routeTable: kind("rtb", "routeTables", "route-table", "RouteTableID", "routeTable ID"),
  peering: kind(
    "pcx",
    "peerings",
    "vpc-peering-connection",
    "VpcPeeringConnectionID",
    "vpcPeeringConnection ID",
  ),
  securityGroup: kind("sg", "securityGroups", "security-group", "Group", "security group"),
  securityGroupRule: kind(
    "sgr",
    "securityGroupRules",
    "security-group-rule",
    "SecurityGroupRuleId",
    "security group rule ID",
  ),
  networkAcl: kind("acl", "networkAcls", "network-acl", "NetworkAclID", "networkAcl ID"),
  networkInterface: kind(
    "eni",
    "networkInterfaces",
    "network-interface",
    "NetworkInterfaceID",
    "networkInterface ID",
  ),
  instance: kind("i", "instances", "instance", "InstanceID", "instance ID"),
  volume: kind("vol", "volumes", "volume", "Volume", "volume"),
  address: kind("eipalloc", "addresses", "elastic-ip", "AllocationID", "allocation ID"),
  image: kind("ami", "images", "image", "AMIID", "image id"),
} satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;

type Row<Name extends KindName> = (typeof kinds)[Name]["table"] extends infer Table
  ? Table extends TableName
    ? Tables[Table] extends Map<string, infer Value>
      ? Value
      : never
    : VpcPeeringConnection
  : never;

/**
 * The resource with that id in the caller's tables, as far as the caller may see it yet. Throws MissingParameter's cousin
 * `Invalid...ID.Malformed` for an id of another kind, and `...NotFound` where there is none.
 */
export function find<Name extends KindName>(call: Call, name: Name, id: string | undefined): Row<Name> {
  const kind = kinds[name];
  if (!id?.startsWith(`${kind.prefix}-`)) {
    throw new Ec2Error(kind.malformed, `Invalid id: "${id ?? ""}" (expecting "${kind.prefix}-...")`);
  }
  const table = (kind.table === "peerings" ? call.world.peerings : call.tables[kind.table]) as Map<
    string,
    Row<Name>
  >;
  const row = table.get(id);
  if (row === undefined || !isShown(call, id) || (kind.table === "peerings" && !isParty(call, row))) {
    throw new Ec2Error(kind.notFound, `The ${kind.noun} '${id}' does not exist`);
  }
  return row;
}

/** Whether a peering has a side in the caller's account and Region; to all others it does not exist. */
export function isParty(
  { account, region }: Pick<Call, "account" | "region">,
  { RequesterVpcInfo, AccepterVpcInfo }: VpcPeeringConnection,
): boolean {
  return [RequesterVpcInfo, AccepterVpcInfo].some(
    (side) => side?.OwnerId === account && side.Region === region,
  );
}
