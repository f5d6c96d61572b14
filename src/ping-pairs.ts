import type { Topology, VpcSpec } from "./topology.ts";

/** A ping to prove: from an instance that we can connect to, to the instance at the other end of a peering. */
export interface PingPair {
  from: VpcSpec;
  to: VpcSpec;
}

/** Every ping that the topology should carry: from each connecting VPC over each of its peerings. */
export function pingPairs({ vpcs, peerings }: Topology): PingPair[] {
  const named = (name: string) => vpcs.find((vpc) => vpc.name === name)!;
  return peerings
    .flatMap(({ requester, accepter }) => [
      { from: named(requester), to: named(accepter) },
      { from: named(accepter), to: named(requester) },
    ])
    .filter(({ from }) => from.connects);
}
