import type {
  NetworkAcl,
  NetworkInterface,
  Peering,
  PrefixList,
  RouteTable,
  Snapshot,
  Vpc,
} from "../../../net/types.ts";
import type { GuestFacts, NumberOf } from "./plan.ts";

/** The snapshot as the plans look at it: only what takes part, found by id. IPv4 only. */
export interface Site {
  snapshot: Snapshot;
  numberOf: NumberOf;
  /** VPCs with a running instance, by id. */
  vpcs: ReadonlyMap<string, SiteVpc>;
  /** Interfaces of running instances, by id. */
  cards: ReadonlyMap<string, Card>;
  /** IPv4 blocks only. */
  prefixLists: ReadonlyMap<string, PrefixList>;
}

export interface SiteVpc {
  id: string;
  row: Vpc;
  /** IPv4 blocks. */
  blocks: string[];
  cards: Card[];
  /** The internet gateway that is attached, if any. */
  gateway?: string;
}

/** A network interface of a running instance: its place in the network, where the security groups stand. */
export interface Card {
  id: string;
  n: number;
  vpc: string;
  row: NetworkInterface;
  /** IPv4. */
  addresses: { private: string; public?: string }[];
  mac: string;
  subnet: { id: string; n: number; block: string; acl: NetworkAcl; table: RouteTable };
  /** VPC Block Public Access shuts the gateway to it. */
  blocked: boolean;
}

export function siteOf(snapshot: Snapshot, guests: readonly GuestFacts[], numberOf: NumberOf): Site {
  const macs = new Map(guests.flatMap((guest) => guest.links.map((link) => [link.id, link.mac] as const)));
  const subnets = new Map(snapshot.subnets.map((subnet) => [subnet.id, subnet]));
  const rows = new Map(snapshot.vpcs.map((vpc) => [vpc.id, vpc]));
  const found = new Map<string, Card>();
  const vpcs = new Map<string, SiteVpc>();
  for (const row of snapshot.interfaces) {
    const mac = macs.get(row.id);
    const subnet = subnets.get(row.subnet);
    const vpcRow = rows.get(row.vpc);
    const block = subnet?.cidrs.find(isIpv4);
    const acl = snapshot.networkAcls.find((each) => each.subnets.includes(row.subnet));
    const tables = snapshot.routeTables.filter((each) => each.vpc === row.vpc);
    const table =
      tables.find((each) => each.subnets.includes(row.subnet)) ?? tables.find((each) => each.main);
    if (!mac || !subnet || !vpcRow || !block || !acl || !table) continue;
    const card: Card = {
      id: row.id,
      n: numberOf(row.id),
      vpc: row.vpc,
      row,
      addresses: row.addresses.filter((each) => isIpv4(each.private)),
      mac,
      subnet: { id: subnet.id, n: numberOf(subnet.id), block, acl, table },
      blocked: (subnet.internetGatewayBlock ?? vpcRow.internetGatewayBlock) !== "off",
    };
    found.set(card.id, card);
    const vpc = vpcs.get(row.vpc);
    if (vpc) vpc.cards.push(card);
    else {
      vpcs.set(row.vpc, {
        id: row.vpc,
        row: vpcRow,
        blocks: vpcRow.cidrs.filter(isIpv4),
        cards: [card],
        gateway: snapshot.internetGateways.find((each) => each.vpc === row.vpc)?.id,
      });
    }
  }
  const prefixLists = new Map(
    snapshot.prefixLists.map(({ id, cidrs }) => [id, { id, cidrs: cidrs.filter(isIpv4) }]),
  );
  return { snapshot, numberOf, vpcs, cards: found, prefixLists };
}

/** The other side of a peering, whatever its status, where this VPC is one of its sides. */
export function farSide({ requester, accepter }: Peering, vpc: string): Peering["requester"] | undefined {
  if (requester.vpc === vpc) return accepter;
  return accepter.vpc === vpc ? requester : undefined;
}

export function isIpv4(text: string): boolean {
  return !text.includes(":");
}

/** `{ a, b }`, an anonymous set of nftables, or the one element alone. */
export function setOf(elements: readonly string[]): string {
  return elements.length === 1 ? elements[0]! : `{ ${elements.join(", ")} }`;
}

/** An AWS id as a name in nftables. */
export function nameOf(id: string): string {
  return id.replaceAll("-", "_");
}

/** MAC address of everything that is not an instance. */
export const fabricMac = "0e:00:00:00:00:01";

/** The MTU within a Region. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network_mtu.html */
export const jumbo = 9001;
