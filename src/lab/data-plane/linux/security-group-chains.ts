import type { SecurityGroup, SecurityGroupRule } from "../../../net/types.ts";
import { type Card, farSide, isIpv4, nameOf, type Site, setOf } from "./site.ts";
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
 * A rule that names a group means the private addresses of its members, and only packets that no middlebox has handled
 * (mark 1). https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html#security-group-referencing
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
    peer.kind === "prefix-list" ? (site.prefixLists.get(peer.id) ?? []) : membersOf(site, group, peer.id);
  if (blocks.length === 0) return undefined;
  return `${peer.kind === "group" ? "meta mark 0 " : ""}ip ${end} ${setOf(blocks)}`;
}

/**
 * Addresses of another VPC that rules of a card would take for members of a group, though here `far` has them: two peers of
 * one VPC may overlap. Where a rule names a group of `far` with the address too, that one counts.
 */
export function mistakable(site: Site, card: Card, far: string): string[] {
  const here = new Set(
    site.snapshot.interfaces
      .filter((each) => each.vpc === far)
      .flatMap((each) => each.addresses.map((own) => own.private)),
  );
  const groups = site.snapshot.securityGroups.filter(({ id }) => card.row.groups.includes(id));
  const named = groups.flatMap((group) =>
    group.ingress.flatMap(({ peer }) => (peer.kind === "group" ? [{ group, id: peer.id }] : [])),
  );
  const vpcOf = (id: string) => site.snapshot.securityGroups.find((each) => each.id === id)?.vpc;
  const members = (own: boolean) =>
    named
      .filter(({ id }) => (vpcOf(id) === far) === own)
      .flatMap(({ group, id }) => membersOf(site, group, id));
  const meant = new Set(members(true));
  return [...new Set(members(false))].filter((address) => here.has(address) && !meant.has(address));
}

/** Members in the same VPC, or over a peering that is or may become active, in the same Region. */
function membersOf({ snapshot, vpcs }: Site, { vpc }: SecurityGroup, id: string): string[] {
  const members = snapshot.interfaces.filter((each) => each.groups.includes(id));
  const region = vpcs.get(vpc)?.row.region;
  return members
    .filter((each) => each.vpc === vpc || (vpcs.get(each.vpc)?.row.region === region && isPeer(each.vpc)))
    .flatMap((each) => each.addresses.map((own) => own.private).filter(isIpv4));

  function isPeer(other: string): boolean {
    return snapshot.peerings.some(
      (peering) => peering.status === "active" && farSide(peering, vpc)?.vpc === other,
    );
  }
}
