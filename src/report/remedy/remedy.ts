import type { Hop } from "../../net/types.ts";
import { instanceRemedy } from "./instance.ts";
import { addressRemedy, gatewayRemedy, publicAccessRemedy } from "./internet.ts";
import { aws, type Remedy, type Surroundings } from "./line.ts";
import { aclRemedy } from "./network-acl.ts";
import { addressUnknownRemedy, peeringRemedy } from "./peering.ts";
import { routeRemedy, wrongPeeringRemedy } from "./route.ts";
import { groupRemedy } from "./security-group.ts";

/** The ways to clear all of a verdict's blockers, each once, in the order to run them in. */
export function remediesFor(around: Surroundings): Remedy[] {
  const all = around.verdict.blockers.flatMap((hop) => remediesOf(around, hop));
  const unique = [...new Map(all.map((each) => [each.command ?? each.note, each])).values()];
  return unique.sort((a, b) => a.stage - b.stage);
}

/** What clears one blocker; more than one where they build on each other. Empty for a hop that passes. */
export function remediesOf(around: Surroundings, hop: Hop): Remedy[] {
  switch (hop.code) {
    case "instance-not-running":
      return [instanceRemedy(around, hop.id)];
    case "no-public-address":
      return [addressRemedy(around, hop)];
    case "no-internet-gateway":
      return [gatewayRemedy(around, hop)];
    case "block-public-access":
      return [publicAccessRemedy(around, hop)];
    case "no-route":
    case "route-blackhole":
    case "route-elsewhere":
      return routeRemedy(around, hop);
    case "peering-not-active":
      return [peeringRemedy(around, hop)];
    case "peering-not-transitive":
      return wrongPeeringRemedy(around, hop);
    case "security-group-egress":
    case "security-group-ingress":
      return [groupRemedy(around, hop)];
    case "network-acl-egress":
    case "network-acl-ingress":
      return [aclRemedy(around, hop)];
    case "source-dest-check":
      return [
        aws(
          around,
          2,
          `modify-network-interface-attribute --network-interface-id ${hop.id} --no-source-dest-check`,
        ),
      ];
    case "address-unknown":
      return [addressUnknownRemedy(around, hop)];
    case undefined:
      return [];
  }
}
