import { fromEc2 } from "../net/from-ec2.ts";
import { mergeSnapshots } from "../net/merge-snapshots.ts";
import type { Snapshot } from "../net/types.ts";
import { peeringWithCidrs } from "./actions/peering-states.ts";
import { withRouteStates } from "./route-state.ts";
import type { Tables, World } from "./world.ts";

/**
 * Everything in the lab that decides about packets, over all accounts and Regions, in the model's form. What Describe does
 * not show yet is there already: packets do not wait for it.
 */
export function snapshotOf(world: World): Snapshot {
  const peerings = [...world.peerings.values()].map((peering) => peeringWithCidrs(world, peering));
  return mergeSnapshots([
    ...[...world.tables.values()].map((tables) => snapshotOfTables(world, tables)),
    fromEc2({ account: "", region: "", vpcPeeringConnections: peerings }),
  ]);
}

function snapshotOfTables(world: World, tables: Tables): Snapshot {
  return fromEc2({
    account: tables.account,
    region: tables.region,
    vpcs: tables.vpcs.values(),
    subnets: tables.subnets.values(),
    routeTables: [...tables.routeTables.values()].map((table) => withRouteStates(world, table)),
    internetGateways: tables.internetGateways.values(),
    securityGroups: tables.securityGroups.values(),
    securityGroupRules: tables.securityGroupRules.values(),
    networkAcls: tables.networkAcls.values(),
    networkInterfaces: tables.networkInterfaces.values(),
    instances: [...tables.instances.values()].map((record) => record.instance),
  });
}
