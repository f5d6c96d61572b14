import { type Address, type Block, cidr, contains } from "./cidr.ts";
import type { PrefixList, Route, RouteTable, Subnet } from "./types.ts";

/** A route table ready for look-ups: prefix lists spelled out, the route that wins before those that yield. */
export interface Table {
  id: string;
  vpc: string;
  main: boolean;
  routes: TableRoute[];
}

export interface TableRoute {
  block: Block;
  route: Route;
  /** "10.2.0.0/16 -> pcx-0a1b (active)"; a prefix list's id stands before the block that matched. */
  text: string;
}

/**
 * Longest prefix first; of equal length static routes before prefix lists' before propagated ones.
 * https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
 */
export function compileTable(table: RouteTable, prefixLists: ReadonlyMap<string, PrefixList>): Table {
  const routes = table.routes.flatMap((route) =>
    destinations(route, prefixLists).map((text) => {
      const block = cidr(text);
      const named = route.destination === text ? text : `${route.destination} (${block.text})`;
      return { block, route, text: `${named} -> ${route.target.id} (${route.state})` };
    }),
  );
  routes.sort((a, b) => b.block.prefix - a.block.prefix || precedence(a.route) - precedence(b.route));
  return { id: table.id, vpc: table.vpc, main: table.main, routes };
}

/** The route that a packet to `destination` takes, by longest prefix match; undefined where none matches. */
export function matchRoute(table: Table, destination: Address): TableRoute | undefined {
  return table.routes.find(({ block }) => contains(block, destination));
}

/**
 * The table of each subnet, by the subnet's id: the explicitly associated one, else the main table of the subnet's VPC.
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html
 */
export function tablesBySubnet(
  subnets: readonly Subnet[],
  tables: readonly RouteTable[],
  compiled: ReadonlyMap<string, Table>,
): Map<string, Table> {
  const explicit = new Map(tables.flatMap((table) => table.subnets.map((subnet) => [subnet, table.id])));
  const main = new Map(tables.filter((table) => table.main).map((table) => [table.vpc, table.id]));
  const found = new Map<string, Table>();
  for (const { id, vpc } of subnets) {
    const table = compiled.get(explicit.get(id) ?? main.get(vpc) ?? "");
    if (table) found.set(id, table);
  }
  return found;
}

/** A prefix list that the snapshot lacks has no destinations: AWS's own lists (S3) lead to endpoints, not to instances. */
function destinations(route: Route, prefixLists: ReadonlyMap<string, PrefixList>): string[] {
  if (!isPrefixList(route.destination)) return [route.destination];
  return prefixLists.get(route.destination)?.cidrs ?? [];
}

function precedence(route: Route): number {
  if (route.propagated) return 2;
  return isPrefixList(route.destination) ? 1 : 0;
}

const isPrefixList = (destination: string) => destination.startsWith("pl-");
