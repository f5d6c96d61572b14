import { addressOf, cidr } from "../../../net/cidr.ts";
import type { Peering } from "../../../net/types.ts";
import { localFirst, type NamespacePlan, type Wire } from "./plan.ts";
import { quietRouter } from "./plan-cards.ts";
import { routerFilter } from "./router-filter.ts";
import { tableNumber, tableRoutes } from "./router-tables.ts";
import { fabricMac, farSide, jumbo, type Site, type SiteVpc } from "./site.ts";

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
    addresses: new Set([`${addressOf(4, Number(cidr(vpc.blocks[0]!).first) + 1).text}/32 dev lo`]),
    neighbours: new Map(),
    routes: new Map([
      ["default", "blackhole"] as const,
      ...vpc.cards.flatMap(({ n, addresses }) =>
        addresses.map((each) => [`${each.private}/32`, `dev r${n}`] as const),
      ),
      ...[...tables.values()].flatMap((table) => [
        ...tableRoutes(site, vpc, table, { peerings, edge: table === edge }),
      ]),
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
    filter: new Map(routerFilter(site, vpc, peerings)),
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
