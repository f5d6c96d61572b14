import type { Peering } from "../../../net/types.ts";
import { aclChain, aclChainName } from "./acl-chains.ts";
import { mistakable } from "./group-members.ts";
import { middleboxBit } from "./plan-cards.ts";
import { type Chain, chain } from "./security-group-chains.ts";
import { type Card, farSide, type Site, type SiteVpc, setOf } from "./site.ts";

/**
 * What a VPC's router lets pass and translates, without any state: network ACLs where packets cross a subnet's edge, the fence
 * of each peering, and the internet gateway's addresses, one to one.
 */
export function routerFilter(site: Site, vpc: SiteVpc, peerings: readonly Peering[]): Chain[] {
  const { cards } = vpc;
  const acls = new Map(cards.map(({ subnet }) => [subnet.acl.id, subnet.acl]));
  const inside = cards.map(({ n, subnet }) => `${subnet.n} . "r${n}"`);
  const mapped = vpc.gateway === undefined ? [] : translations(cards);
  const per = (text: (card: Card) => string) => `{ ${cards.map(text).join(", ")} }`;
  const intoSubnets = `oifname vmap ${per(({ n, subnet }) => `"r${n}" : jump ${aclChainName(subnet.acl.id, "ingress")}`)}`;
  return [
    ...[...acls.values()].flatMap((acl) => [aclChain(acl, "egress"), aclChain(acl, "ingress")]),
    chain("stateless", ["type filter hook prerouting priority -300;", "notrack"]),
    chain("arriving", [
      "type filter hook prerouting priority -150;",
      `meta mark set iifname map ${per(({ n, subnet }) => `"r${n}" : ${subnet.n}`)}`,
      ...(mapped.length > 0
        ? [
            `iifname "igw" ip daddr != ${setOf(mapped.map((each) => each.public))} counter drop`,
            `iifname "igw" ip daddr set ip daddr map { ${mapped.map((each) => `${each.public} : ${each.private}`).join(", ")} }`,
          ]
        : [`iifname "igw" counter drop`]),
    ]),
    chain("forward", [
      "type filter hook forward priority 0;",
      // Never true. It makes the kernel put fragments together here: rules look at ports, which only the first one has.
      "ct state invalid drop",
      `meta mark . oifname { ${inside.join(", ")} } accept`,
      `iifname vmap ${per(({ n, subnet }) => `"r${n}" : jump ${aclChainName(subnet.acl.id, "egress")}`)}`,
      ...peerings.flatMap((each) => peeringFence(site, vpc, each)),
      ...(mapped.length > 0
        ? [
            // By the address alone: a middlebox may hand on what another interface has sent.
            `oifname "igw" ip saddr != ${setOf(mapped.map((each) => each.private))} counter drop`,
          ]
        : [`oifname "igw" counter drop`]),
      intoSubnets,
    ]),
    // Errors that the router itself tells, as of packets that are too big, come into the subnet like all else.
    // https://docs.aws.amazon.com/vpc/latest/userguide/path_mtu_discovery.html
    chain("telling", ["type filter hook output priority 0;", intoSubnets]),
    // A gateway's translation has no state: it is one to one, by the tables of the moment.
    chain("leaving", [
      "type filter hook postrouting priority 0;",
      ...(mapped.length > 0
        ? [
            `oifname "igw" ip saddr set ip saddr map { ${mapped.map((each) => `${each.private} : ${each.public}`).join(", ")} }`,
          ]
        : []),
    ]),
    chain("here", ["type filter hook input priority 0; policy drop;"]),
  ];
}

function translations(cards: readonly Card[]) {
  return cards
    .filter((card) => !card.blocked)
    .flatMap(({ addresses }) =>
      addresses.flatMap((each) => (each.public ? [{ private: each.private, public: each.public }] : [])),
    );
}

/**
 * A peering carries only what goes from an address of this VPC to one of the other: no transit, no edge to edge routing.
 * https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations
 */
function peeringFence(site: Site, vpc: SiteVpc, peering: Peering): string[] {
  const far = farSide(peering, vpc.id)?.vpc ?? "";
  const blocks = site.vpcs.get(far)?.blocks ?? [];
  const name = `"p${site.numberOf(peering.id)}"`;
  return [
    `oifname ${name} ip saddr != ${setOf(vpc.blocks)} counter drop`,
    ...vpc.cards.flatMap((card) => {
      const others = mistakable(site, card, far);
      if (others.length === 0) return [];
      return `iifname ${name} oifname "r${card.n}" ip saddr ${setOf(others)} ${middleboxBit.set}`;
    }),
    ...(blocks.length > 0 ? [`oifname ${name} ip daddr != ${setOf(blocks)} counter drop`] : []),
  ];
}
