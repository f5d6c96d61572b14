import { CreateRouteCommand } from "@aws-sdk/client-ec2";
import type { Chance } from "./chance.ts";
import { refused } from "./clients.ts";
import type { Peered } from "./peerings.ts";
import type { Vpc } from "./vpcs.ts";

/** Routes as they should be for the most part: to the gateway, to the peers; and some that mislead. */
export async function route(
  chance: Chance,
  vpc: Vpc,
  vpcs: readonly Vpc[],
  peerings: readonly Peered[],
): Promise<void> {
  for (const RouteTableId of vpc.tables) {
    const add = (DestinationCidrBlock: string, target: object) =>
      refused(vpc.client.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock, ...target })));
    if (vpc.gateway && chance.percent(90)) await add("0.0.0.0/0", { GatewayId: vpc.gateway });
    for (const { id: VpcPeeringConnectionId, ends } of peerings) {
      const far = ends.find((each) => each !== vpc);
      if (!ends.includes(vpc) || !far || !chance.percent(92)) continue;
      const wide = chance.percent(4) ? ["10.0.0.0/8"] : far.blocks;
      const destinations = chance.percent(85) ? wide : [chance.pick(far.subnets).block];
      for (const each of destinations) await add(each, { VpcPeeringConnectionId });
      // Towards a third VPC: a peering is not transitive.
      if (chance.percent(8)) await add(chance.pick(chance.pick(vpcs).blocks), { VpcPeeringConnectionId });
    }
    if (chance.percent(12)) {
      const other = chance.pick(vpcs);
      const destination = chance.pick([...other.blocks, chance.pick(other.subnets).block, "8.8.8.0/24"]);
      await add(destination, { NetworkInterfaceId: chance.pick(vpc.interfaces) });
    }
  }
}

/**
 * A middlebox as it is meant: two subnets whose route tables lead to each other by an interface in a third, one way or both.
 * https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html#route-tables-appliance-routing
 */
export async function inspect(chance: Chance, vpc: Vpc): Promise<void> {
  const [a, b] = chance.percent(50) ? vpc.subnets : [...vpc.subnets].reverse();
  if (!a || !b) return;
  const NetworkInterfaceId = chance.pick(vpc.interfaces);
  const ways = [
    { from: a, to: b },
    { from: b, to: a },
  ];
  for (const { from, to } of chance.percent(75) ? ways : ways.slice(1)) {
    const input = { RouteTableId: from.table, DestinationCidrBlock: to.block, NetworkInterfaceId };
    await refused(vpc.client.send(new CreateRouteCommand(input)));
  }
}
