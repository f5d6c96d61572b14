import type { Hop, Probe } from "../net/types.ts";

/**
 * The peerctl command that clears a blocker on the stack's own resources; undefined where none does (a network ACL or an
 * instance that somebody changed by hand).
 */
export function remedyFor({ code, kind, wanted }: Hop, { protocol, from }: Probe): string | undefined {
  const fromOutside = from.kind === "internet";
  switch (code) {
    case "no-public-address":
      return "peerctl eip";
    case "no-internet-gateway":
      return "peerctl create-vpcs";
    case "no-route":
    case "route-elsewhere":
      if (fromOutside) return "peerctl create-vpcs";
      // `wanted` names the peering that the route should lead to; where there is none, that comes first.
      return wanted ? "peerctl route" : "peerctl peer";
    case "route-blackhole":
      return fromOutside ? "peerctl create-vpcs" : "peerctl peer && peerctl route";
    case "peering-not-active":
    case "peering-not-transitive":
      return "peerctl peer";
    case "security-group-ingress":
      if (protocol === "icmp" && kind === "security-group") return "peerctl open-icmp";
      return fromOutside ? "peerctl launch" : undefined;
    case "instance-not-running":
      return "peerctl launch";
    default:
      return undefined;
  }
}
