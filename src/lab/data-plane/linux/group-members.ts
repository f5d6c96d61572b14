import { address as parsed } from "../../../net/cidr.ts";
import { compileTable, matchRoute } from "../../../net/routes.ts";
import type { SecurityGroup } from "../../../net/types.ts";
import { type Card, farSide, isIpv4, type Site } from "./site.ts";

/** Private addresses of members in the same VPC, or over an active peering in the same Region. */
export function membersOf({ snapshot, vpcs }: Site, { vpc }: SecurityGroup, id: string): string[] {
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

/**
 * Addresses of another VPC that rules of a card would take for members of a group, though here `far` has them: two peers of
 * one VPC may overlap, and a rule means instances. Where one names a group of `far` with the address too, that one counts.
 * https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
 */
export function mistakable(site: Site, card: Card, far: string): string[] {
  const members = namedMembers(site, card, "ingress");
  if (members.length === 0) return [];
  const here = new Set(
    site.snapshot.interfaces
      .filter((each) => each.vpc === far)
      .flatMap((each) => each.addresses.map((own) => own.private)),
  );
  const meant = new Set(members.filter(({ vpc }) => vpc === far).map(({ address }) => address));
  const others = members.filter(({ vpc, address }) => vpc !== far && here.has(address));
  return [...new Set(others.map(({ address }) => address))].filter((address) => !meant.has(address));
}

/**
 * The same of what the card sends: addresses of members in one peer of which its routes lead to another, by the VPC that they
 * lead to.
 */
export function mistakableAhead(site: Site, card: Card): Map<string, string[]> {
  const ahead = new Map<string, Set<string>>();
  // A VPC cannot be peered with one that overlaps with it, so its own addresses are never mistaken.
  const members = namedMembers(site, card, "egress").filter(({ vpc }) => vpc !== card.vpc);
  if (members.length === 0) return new Map();
  const table = compileTable(card.subnet.table, site.prefixLists);
  for (const { vpc, address } of members) {
    const target = matchRoute(table, parsed(address))?.route.target;
    const peering = site.snapshot.peerings.find(({ id }) => target?.kind === "peering" && id === target.id);
    const to = peering && farSide(peering, card.vpc)?.vpc;
    if (to && to !== vpc) ahead.set(to, (ahead.get(to) ?? new Set()).add(address));
  }
  return new Map([...ahead].map(([vpc, addresses]) => [vpc, [...addresses]]));
}

/** The members of all groups that the rules of a card's groups name, each with its VPC. */
function namedMembers(site: Site, card: Card, direction: "ingress" | "egress") {
  const groups = site.snapshot.securityGroups.filter(({ id }) => card.row.groups.includes(id));
  const vpcOf = (id: string) => site.snapshot.securityGroups.find((each) => each.id === id)?.vpc;
  return groups.flatMap((group) =>
    group[direction].flatMap(({ peer }) =>
      peer.kind === "group"
        ? membersOf(site, group, peer.id).map((address) => ({ address, vpc: vpcOf(peer.id) }))
        : [],
    ),
  );
}
