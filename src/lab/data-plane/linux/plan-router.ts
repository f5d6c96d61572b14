import type { NetworkAcl, Peering, Route, RouteTable } from "../../../net/types.ts";
import { mistakable } from "./group-members.ts";
import { localFirst, type NamespacePlan, type Wire } from "./plan.ts";
import { middleboxBit, quietRouter } from "./plan-cards.ts";
import { type Chain, chain } from "./security-group-chains.ts";
import {
  addressIn,
  type Card,
  fabricMac,
  farSide,
  isIpv4,
  jumbo,
  nameOf,
  type Site,
  type SiteVpc,
  setOf,
} from "./site.ts";
import { trafficMatch } from "./traffic-match.ts";

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network_mtu.html */
const betweenRegions = 8500;

/**
 * The router of a VPC: `r<n>` leads to a card, `p<n>` over a peering, `igw` to the internet. Each route table is a table of
 * the kernel, chosen by the interface that a packet comes in by. What the VPC delivers itself is in the kernel's main table:
 * a `local` route throws back to it, a peering's far side uses it alone, as no route table there applies.
 */
export function routerPlan(site: Site, vpc: SiteVpc): { plan: NamespacePlan; wires: Wire[] } {
  const peerings = activePeerings(site, vpc);
  const edge = site.snapshot.routeTables.find(
    (table) => vpc.gateway && table.gateways?.includes(vpc.gateway),
  );
  const tables = new Map(vpc.cards.map(({ subnet }) => [subnet.table.id, subnet.table]));
  if (edge) tables.set(edge.id, edge);
  const plan: NamespacePlan = {
    kind: "network",
    sysctls: new Map([["ip_forward", "1"], ...quietRouter]),
    // Packets too big for a link are told so from here. Reserved in every VPC, so nobody's.
    addresses: new Set([`${addressIn(vpc.blocks[0]!, 1)}/32 dev lo`]),
    neighbours: new Map(),
    routes: new Map([
      ["default", "blackhole"] as const,
      ...vpc.cards.flatMap(({ n, addresses }) =>
        addresses.map((each) => [`${each.private}/32`, `dev r${n}`] as const),
      ),
      ...[...tables.values()].flatMap((table) => [...tableRoutes(site, vpc, table, peerings)]),
    ]),
    rules: new Set([
      localFirst,
      ...vpc.cards.flatMap(({ n, subnet }) => [
        // No route can lead traffic out of its own subnet.
        `pref 100 iif r${n} to ${subnet.block} lookup main`,
        `pref 200 iif r${n} lookup ${tableNumber(site, subnet.table)}`,
      ]),
      ...(edge ? [`pref 200 iif igw lookup ${tableNumber(site, edge)}`] : []),
    ]),
    filter: new Map(filterOf(site, vpc, peerings)),
    hidesHops: true,
  };
  // Each pair of routers is joined once, by the side that is named first.
  const wires = peerings
    .filter((each) => each.requester.vpc === vpc.id)
    .map(
      ({ id, requester, accepter }): Wire => ({
        mtu: requester.region === accepter.region ? jumbo : betweenRegions,
        ends: [
          { namespace: requester.vpc, name: `p${site.numberOf(id)}`, mac: fabricMac, arp: false },
          { namespace: accepter.vpc, name: `p${site.numberOf(id)}`, mac: fabricMac, arp: false },
        ],
      }),
    );
  return { plan, wires };
}

function activePeerings({ snapshot, vpcs }: Site, { id }: SiteVpc): Peering[] {
  return snapshot.peerings.filter((each) => {
    const far = farSide(each, id);
    return each.status === "active" && far && far.vpc !== id && vpcs.has(far.vpc);
  });
}

function tableNumber(site: Site, table: RouteTable): number {
  return 1_000_000_000 + site.numberOf(table.id);
}

/** Of routes to one destination, static ones come before those by prefix list, propagated ones last. */
function tableRoutes(site: Site, vpc: SiteVpc, table: RouteTable, peerings: readonly Peering[]) {
  const number = tableNumber(site, table);
  const routes = new Map<string, string>([[`default metric 1000 table ${number}`, "blackhole"]]);
  const ranked = [...table.routes].sort((a, b) => precedence(a) - precedence(b));
  for (const route of ranked) {
    const blocks = route.destination.startsWith("pl-")
      ? (site.prefixLists.get(route.destination) ?? [])
      : [route.destination];
    for (const block of blocks.filter(isIpv4)) {
      const key = `${block === "0.0.0.0/0" ? "default" : block} table ${number}`;
      if (!routes.has(key)) routes.set(key, wayOf(site, vpc, route, peerings));
    }
  }
  return routes;
}

function precedence({ destination, propagated }: Route): number {
  if (propagated) return 2;
  return destination.startsWith("pl-") ? 1 : 0;
}

function wayOf(site: Site, vpc: SiteVpc, { target, state }: Route, peerings: readonly Peering[]): string {
  if (target.kind === "local") return "throw";
  if (state === "blackhole") return "blackhole";
  if (target.kind === "internet-gateway" && target.id === vpc.gateway) return "dev igw";
  if (target.kind === "peering" && peerings.some((each) => each.id === target.id)) {
    return `dev p${site.numberOf(target.id)}`;
  }
  const card = target.kind === "interface" ? site.cards.get(target.id) : undefined;
  return card?.vpc === vpc.id ? `dev r${card.n}` : "blackhole";
}

function filterOf(site: Site, vpc: SiteVpc, peerings: readonly Peering[]): Chain[] {
  const { cards } = vpc;
  const acls = new Map(cards.map(({ subnet }) => [subnet.acl.id, subnet.acl]));
  const inside = cards.map(({ n, subnet }) => `${subnet.n} . "r${n}"`);
  const mapped = vpc.gateway === undefined ? [] : translations(cards);
  const per = (text: (card: Card) => string) => `{ ${cards.map(text).join(", ")} }`;
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
            `oifname "igw" iifname . ip saddr != { ${mapped.map((each) => `"r${each.n}" . ${each.private}`).join(", ")} } counter drop`,
          ]
        : [`oifname "igw" counter drop`]),
      `oifname vmap ${per(({ n, subnet }) => `"r${n}" : jump ${aclChainName(subnet.acl.id, "ingress")}`)}`,
    ]),
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
    .flatMap(({ n, addresses }) =>
      addresses.flatMap((each) => (each.public ? [{ n, private: each.private, public: each.public }] : [])),
    );
}

/**
 * A peering carries only what goes from an address of this VPC to one of the other: no transit, no edge to edge routing.
 * https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations
 */
function peeringFence(site: Site, vpc: SiteVpc, peering: Peering): string[] {
  const far = site.vpcs.get(farSide(peering, vpc.id)?.vpc ?? "")?.blocks ?? [];
  const wire = `oifname "p${site.numberOf(peering.id)}"`;
  return [
    `${wire} ip saddr != ${setOf(vpc.blocks)} counter drop`,
    ...vpc.cards.flatMap((card) => {
      const others = mistakable(site, card, farSide(peering, vpc.id)?.vpc ?? "");
      if (others.length === 0) return [];
      return `iifname "p${site.numberOf(peering.id)}" oifname "r${card.n}" ip saddr ${setOf(others)} ${middleboxBit.set}`;
    }),
    ...(far.length > 0 ? [`${wire} ip daddr != ${setOf(far)} counter drop`] : []),
  ];
}

function aclChainName(id: string, direction: "ingress" | "egress"): string {
  return `${nameOf(id)}_${direction}`;
}

/** An ACL's entries in order: the first that matches decides, for each packet anew. */
function aclChain(acl: NetworkAcl, direction: "ingress" | "egress"): Chain {
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
