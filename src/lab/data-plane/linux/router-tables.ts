import { compileTable } from "../../../net/routes.ts";
import type { Peering, Route, RouteTable } from "../../../net/types.ts";
import type { Card, Site, SiteVpc } from "./site.ts";

/** The number of the kernel's table that stands for a route table. */
export function tableNumber(site: Site, table: RouteTable): number {
  return 1_000_000_000 + site.numberOf(table.id);
}

/**
 * A route table as one of the kernel's: what matches nothing goes nowhere. `peerings` are the VPC's active ones. What comes in
 * by a gateway (`edge`) is led only to interfaces that have a public address.
 * https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html#gateway-route-table-rules
 */
export function tableRoutes(
  site: Site,
  vpc: SiteVpc,
  table: RouteTable,
  { peerings, edge }: { peerings: readonly Peering[]; edge: boolean },
): Map<string, string> {
  const number = tableNumber(site, table);
  const routes = new Map<string, string>([[`default metric 1000 table ${number}`, "blackhole"]]);
  // Of routes to one destination the first is the one that wins.
  for (const { block, route } of compileTable(table, site.prefixLists).routes) {
    if (block.family === 6) continue;
    const key = `${block.prefix === 0 ? "default" : block.text} table ${number}`;
    const leads = (card: Card) => !edge || card.addresses.some((each) => each.public !== undefined);
    if (!routes.has(key)) routes.set(key, wayOf(site, vpc, route, peerings, leads));
  }
  return routes;
}

function wayOf(
  site: Site,
  vpc: SiteVpc,
  { target, state }: Route,
  peerings: readonly Peering[],
  leads: (card: Card) => boolean,
): string {
  if (target.kind === "local") return "throw";
  if (state === "blackhole") return "blackhole";
  if (target.kind === "internet-gateway" && target.id === vpc.gateway) return "dev igw";
  if (target.kind === "peering" && peerings.some((each) => each.id === target.id)) {
    return `dev p${site.numberOf(target.id)}`;
  }
  const card = target.kind === "interface" ? site.cards.get(target.id) : undefined;
  return card?.vpc === vpc.id && leads(card) ? `dev r${card.n}` : "blackhole";
}
