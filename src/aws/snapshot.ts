import { fromEc2 } from "../net/from-ec2.ts";
import type { Snapshot } from "../net/types.ts";
import type { Aws } from "./aws.ts";
import { type Ec2Rows, tablesOf } from "./tables.ts";

/** An id's tags, by key. */
export type Tags = Readonly<Record<string, string>>;

/** The model's facts, and beside them what only people care for. */
export interface Reading {
  snapshot: Snapshot;
  /** Resource id -> its tags; ids without any are left out. */
  tags: Readonly<Record<string, Tags>>;
}

/** These VPCs as they are on AWS now. See `tablesOf` for what is asked. `account` is for rows that do not say their owner. */
export async function readVpcs(
  aws: Aws,
  place: { account: string; region: string },
  vpcIds: readonly string[],
): Promise<Reading> {
  const tables = await tablesOf(aws, vpcIds);
  return { snapshot: fromEc2({ ...place, ...tables }), tags: tagsOf(tables) };
}

interface TaggedRow {
  Tags?: { Key?: string; Value?: string }[];
  TagSet?: { Key?: string; Value?: string }[];
}

function tagsOf(tables: Ec2Rows): Record<string, Tags> {
  const found: Record<string, Tags> = {};
  const read = <Row extends TaggedRow>(rows: readonly Row[], idOf: (row: Row) => string | undefined) => {
    for (const row of rows) {
      const tags = row.Tags ?? row.TagSet ?? [];
      const id = idOf(row);
      if (id && tags.length > 0)
        found[id] = Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
    }
  };
  read(tables.vpcs, (row) => row.VpcId);
  read(tables.subnets, (row) => row.SubnetId);
  read(tables.routeTables, (row) => row.RouteTableId);
  read(tables.internetGateways, (row) => row.InternetGatewayId);
  read(tables.vpcPeeringConnections, (row) => row.VpcPeeringConnectionId);
  read(tables.securityGroups, (row) => row.GroupId);
  read(tables.networkAcls, (row) => row.NetworkAclId);
  read(tables.networkInterfaces, (row) => row.NetworkInterfaceId);
  read(tables.instances, (row) => row.InstanceId);
  return found;
}
