import { pingPairs } from "../ping-pairs.ts";
import type { PeeringSpec, Topology, VpcSpec } from "../topology.ts";
import { key } from "./keys.ts";
import type { StepName } from "./step.ts";

/** The keys that each step records once it is done, for whoever asks how far a stack is without asking AWS. */
export function wantedKeys(topology: Topology): Record<StepName, string[]> {
  const { vpcs, peerings } = topology;
  const connecting = vpcs.filter(({ connects }) => connects);
  const eachVpc = (among: readonly VpcSpec[], ...kinds: ((vpc: string) => string)[]) =>
    among.flatMap(({ name }) => kinds.map((kind) => kind(name)));
  const eachPeering = (...kinds: ((peering: PeeringSpec) => string)[]) =>
    peerings.flatMap((peering) => kinds.map((kind) => kind(peering)));
  return {
    "create-vpcs": [
      ...eachVpc(vpcs, key.vpc, key.subnet, key.internetGateway, key.attachment),
      ...eachVpc(vpcs, key.routeTable, key.association, key.internetRoute),
    ],
    peer: eachPeering(key.peering, key.acceptance),
    route: eachPeering(
      ({ requester, accepter }) => key.route(requester, accepter),
      ({ requester, accepter }) => key.route(accepter, requester),
    ),
    launch: [...eachVpc(vpcs, key.securityGroup, key.instance), ...eachVpc(connecting, key.sshRule)],
    eip: eachVpc(connecting, key.address, key.addressAssociation),
    "open-icmp": pingPairs(topology).map(({ from, to }) => key.icmpRule(from.name, to.name)),
  };
}
