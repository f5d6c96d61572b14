import type { Snapshot } from "./types.ts";

/**
 * Snapshots of several accounts and Regions as one. What two of them show (a peering is seen from both its sides, a shared
 * subnet from each account) is there once, as the later snapshot has it.
 */
export function mergeSnapshots(snapshots: readonly Snapshot[]): Snapshot {
  const merged = <Table extends keyof Snapshot>(table: Table): Snapshot[Table] => {
    const rows = snapshots.flatMap((snapshot): { id: string }[] => snapshot[table]);
    return [...new Map(rows.map((row) => [row.id, row])).values()] as Snapshot[Table];
  };
  return {
    vpcs: merged("vpcs"),
    subnets: merged("subnets"),
    routeTables: merged("routeTables"),
    internetGateways: merged("internetGateways"),
    peerings: merged("peerings"),
    securityGroups: merged("securityGroups"),
    networkAcls: merged("networkAcls"),
    interfaces: merged("interfaces"),
    instances: merged("instances"),
    prefixLists: merged("prefixLists"),
  };
}
