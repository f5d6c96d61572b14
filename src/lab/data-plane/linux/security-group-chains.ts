import type { SecurityGroup, SecurityGroupRule } from "../../../net/types.ts";
import { membersOf } from "./group-members.ts";
import { isIpv4, nameOf, type Site, setOf } from "./site.ts";
import { trafficMatch } from "./traffic-match.ts";

type Direction = "ingress" | "egress";

/** The chain that accepts what a group lets through in one direction, and returns for all else. */
export function groupChain(site: Site, group: SecurityGroup, direction: Direction): Chain {
  const lines = group[direction].flatMap((rule) => acceptance(site, group, rule, direction) ?? []);
  return chain(groupChainName(group.id, direction), lines);
}

export function groupChainName(id: string, direction: Direction): string {
  return `${nameOf(id)}_${direction}`;
}

/** A chain's name and text. */
export type Chain = readonly [name: string, text: string];

export function chain(name: string, lines: readonly string[]): Chain {
  return [name, [`  chain ${name} {`, ...lines.map((line) => `    ${line}`), "  }", ""].join("\n")];
}

function acceptance(
  site: Site,
  group: SecurityGroup,
  rule: SecurityGroupRule,
  direction: Direction,
): string | undefined {
  const traffic = trafficMatch({ ...rule, icmpType: rule.fromPort, icmpCode: rule.toPort });
  const peer = peerMatch(site, group, rule, direction === "ingress" ? "saddr" : "daddr");
  if (traffic === undefined || peer === undefined) return undefined;
  return [peer, traffic, "accept"].filter(Boolean).join(" ");
}

/**
 * What a card marks packets with that leave for this VPC, where their destination is a group member's address in another
 * VPC too. Mark 1 is the middleboxes'.
 */
export function markOf(site: Site, vpc: string): number {
  return 2 + site.numberOf(vpc);
}

/**
 * A rule that names a group means the private addresses of its members, and only packets that no middlebox has handled,
 * and that go to no other VPC's instance with such an address. https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html#security-group-referencing
 */
function peerMatch(
  site: Site,
  group: SecurityGroup,
  { peer }: SecurityGroupRule,
  end: "saddr" | "daddr",
): string | undefined {
  if (peer.kind === "cidr") {
    if (!isIpv4(peer.cidr)) return undefined;
    return peer.cidr === "0.0.0.0/0" ? "" : `ip ${end} ${peer.cidr}`;
  }
  const blocks =
    peer.kind === "prefix-list"
      ? (site.prefixLists.get(peer.id)?.cidrs ?? [])
      : membersOf(site, group, peer.id);
  if (blocks.length === 0) return undefined;
  const marks = peer.kind === "group" ? `meta mark ${marksOf(site, group, peer.id)} ` : "";
  return `${marks}ip ${end} ${setOf(blocks)}`;
}

function marksOf(site: Site, { vpc }: SecurityGroup, named: string): string {
  const there = site.snapshot.securityGroups.find(({ id }) => id === named)?.vpc;
  return there === undefined || there === vpc ? "0" : `{ 0, ${markOf(site, there)} }`;
}
