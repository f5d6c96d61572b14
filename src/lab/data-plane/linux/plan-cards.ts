import { mistakableAhead } from "./group-members.ts";
import { localFirst, type NamespacePlan } from "./plan.ts";
import { type Chain, chain, groupChain, groupChainName, markOf } from "./security-group-chains.ts";
import { type Card, type Site, setOf } from "./site.ts";

/**
 * The network cards of all instances, where security groups stand: outside of the guests, as on AWS, and one conntrack zone
 * a card, so that the gates of both ends of a flow keep their states apart. `g<n>` leads to the guest, `r<n>` to its VPC's
 * router. The card answers ARP for the guest's whole subnet.
 */
export function cardsPlan(site: Site): NamespacePlan {
  const cards = [...site.cards.values()];
  return {
    kind: "network",
    sysctls: new Map([["ip_forward", "1"], ["conf/all/proxy_arp", "1"], ...quietRouter]),
    addresses: new Set(),
    neighbours: new Map(
      cards.map(({ n, addresses, mac }) => [`${addresses[0]?.private} dev g${n}`, `lladdr ${mac}`]),
    ),
    routes: new Map(
      cards.flatMap(({ n, addresses }) => [
        [`default table ${outward(n)}`, `dev r${n}`],
        [`default table ${inward(n)}`, `via ${addresses[0]?.private} dev g${n} onlink`],
      ]),
    ),
    rules: new Set([
      localFirst,
      ...cards.flatMap(({ n }) => [
        `pref 100 iif g${n} lookup ${outward(n)}`,
        `pref 100 iif r${n} lookup ${inward(n)}`,
      ]),
    ]),
    filter: new Map(cards.length > 0 ? gates(site, cards) : []),
    hidesHops: true,
  };
}

/** Routes tell nothing to the senders, and the source's way back is nobody's business here. */
export const quietRouter = [
  ["conf/all/rp_filter", "0"],
  ["conf/default/rp_filter", "0"],
  ["conf/all/send_redirects", "0"],
  ["conf/default/send_redirects", "0"],
] as const;

/** The kernel counts zones in 16 bits. */
const zones = 65_536;
const outward = (n: number) => 100_000 + 2 * n;
const inward = (n: number) => 100_001 + 2 * n;

/**
 * Mark 1: the packet is not the card's own, so a middlebox handles it, and rules that name groups do not apply. From card to
 * card that is told by the reserved bit of the IP header, which no guest sees. Other marks: see `markOf`.
 */
export const middleboxBit = {
  set: "ip frag-off set ip frag-off | 0x8000",
  isSet: "ip frag-off & 0x8000 == 0x8000",
  clear: "ip frag-off set ip frag-off & 0x7fff",
};

function gates(site: Site, cards: readonly Card[]): Chain[] {
  const zoneOf = cards.flatMap(({ n }) => [`"g${n}" : ${n % zones}`, `"r${n}" : ${n % zones}`]);
  const ways = cards.flatMap(({ n }) => [`"g${n}" : goto out_${n}`, `"r${n}" : goto in_${n}`]);
  const used = new Set(cards.flatMap((card) => card.row.groups));
  const groups = site.snapshot.securityGroups.filter((group) => used.has(group.id));
  return [
    chain("zones", [
      "type filter hook prerouting priority -300;",
      `ct zone set iifname map { ${zoneOf.join(", ")} }`,
    ]),
    chain("arriving", [
      "type filter hook prerouting priority -160;",
      `iifname "r*" ${middleboxBit.isSet} meta mark set 1 ${middleboxBit.clear}`,
    ]),
    ...groups.flatMap((group) => [groupChain(site, group, "egress"), groupChain(site, group, "ingress")]),
    ...cards.flatMap((card) => [gate(site, card, "out"), gate(site, card, "in")]),
    chain("forward", [
      "type filter hook forward priority 0; policy drop;",
      `iifname vmap { ${ways.join(", ")} }`,
    ]),
    chain("leaving", [
      "type filter hook postrouting priority 0;",
      `oifname "r*" meta mark 1 ${middleboxBit.set}`,
    ]),
    chain("here", ["type filter hook input priority 0; policy drop;"]),
  ];
}

/** One card's gate: the source/destination check, then what conntrack knows, then the groups' rules together. */
function gate(site: Site, card: Card, way: "in" | "out"): Chain {
  const { n, row, addresses } = card;
  const own = setOf(addresses.map((each) => each.private));
  const foreign = `ip ${way === "in" ? "daddr" : "saddr"} != ${own}`;
  const direction = way === "in" ? "ingress" : "egress";
  const ahead = way === "out" ? [...mistakableAhead(site, card)] : [];
  return chain(`${way}_${n}`, [
    ...ahead.map(([vpc, there]) => `ip daddr ${setOf(there)} meta mark set ${markOf(site, vpc)}`),
    row.sourceDestCheck ? `${foreign} counter drop` : `${foreign} meta mark set 1`,
    "ct state established,related accept",
    ...row.groups.map((group) => `jump ${groupChainName(group, direction)}`),
    "counter drop",
  ]);
}
