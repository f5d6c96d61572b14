import type { NetworkAcl } from "../../../net/types.ts";
import { type Chain, chain } from "./security-group-chains.ts";
import { isIpv4, nameOf } from "./site.ts";
import { trafficMatch } from "./traffic-match.ts";

/** The chain that returns for what an ACL allows in one direction, and drops all else. */
export function aclChainName(id: string, direction: "ingress" | "egress"): string {
  return `${nameOf(id)}_${direction}`;
}

/** An ACL's entries in order: the first that matches decides, for each packet anew. */
export function aclChain(acl: NetworkAcl, direction: "ingress" | "egress"): Chain {
  const end = direction === "ingress" ? "saddr" : "daddr";
  const entries = acl.entries
    .filter((entry) => entry.direction === direction && isIpv4(entry.cidr))
    .sort((a, b) => a.number - b.number);
  const lines = entries.flatMap((entry) => {
    const traffic = trafficMatch(entry);
    if (traffic === undefined) return [];
    const peer = entry.cidr === "0.0.0.0/0" ? "" : `ip ${end} ${entry.cidr}`;
    const verdict = entry.action === "allow" ? "return" : "counter drop";
    return [peer, traffic, verdict].filter(Boolean).join(" ");
  });
  return chain(aclChainName(acl.id, direction), [...lines, "counter drop"]);
}
