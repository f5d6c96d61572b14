import { address, cidr, contains } from "../../net/cidr.ts";
import type { Endpoint, Hop, NetworkInterface, Route, RouteTable, Vpc } from "../../net/types.ts";
import type { PeeringSpec, VpcSpec } from "../../topology.ts";
import type { Surroundings } from "./line.ts";

/** The route table that sent the packet to this hop: the hop itself, or the last one before it on the same leg. */
export function tableBefore({ snapshot, verdict }: Surroundings, hop: Hop): RouteTable | undefined {
  const place = verdict.hops.indexOf(hop);
  const found = verdict.hops
    .slice(0, place + 1)
    .findLast(({ kind, leg }) => kind === "route-table" && leg === hop.leg);
  return snapshot.routeTables.find(({ id }) => id === found?.id);
}

/** The route that the packet took there; undefined where none matched. */
export function routeBefore(around: Surroundings, hop: Hop): Route | undefined {
  const table = tableBefore(around, hop);
  const place = around.verdict.hops.indexOf(hop);
  const decided = around.verdict.hops
    .slice(0, place + 1)
    .findLast(({ kind, leg }) => kind === "route-table" && leg === hop.leg);
  // A hop writes its route as "DESTINATION -> TARGET (STATE)".
  const destination = decided?.rule?.split(" ")[0];
  return table?.routes.find((route) => route.destination === destination);
}

/** The VPC that the packet should end up in, by the probe's end or else by who has its address; never `here`. */
export function farVpc({ snapshot, verdict }: Surroundings, hop: Hop, here: string): Vpc | undefined {
  const end = hop.leg === "forward" ? verdict.probe.to : verdict.probe.from;
  const meant = interfaceAt(snapshot.interfaces, end)?.vpc;
  const others = snapshot.vpcs.filter(({ id }) => id !== here);
  const asked = others.find(({ id }) => id === meant);
  return asked ?? others.find((vpc) => blockOf(vpc, hop.destination) !== undefined);
}

/** The VPC's block that holds the address. */
export function blockOf({ cidrs }: Vpc, text: string): string | undefined {
  return cidrs.find((block) => contains(cidr(block), address(text)));
}

export function interfaceAt(
  interfaces: readonly NetworkInterface[],
  end: Endpoint,
): NetworkInterface | undefined {
  return end.kind === "interface" ? interfaces.find(({ id }) => id === end.id) : undefined;
}

/** The stack's name for a VPC that it made. */
export function nameOf({ keyOf }: Surroundings, vpc: string | undefined): string | undefined {
  const key = vpc && keyOf(vpc);
  return key?.startsWith("vpc/") ? key.slice("vpc/".length) : undefined;
}

export function specOf({ topology }: Surroundings, name: string | undefined): VpcSpec | undefined {
  return topology?.vpcs.find((vpc) => vpc.name === name);
}

/** The peering that the stack's topology wants between the two, if both are the stack's. */
export function wantedPeering(around: Surroundings, a: string, b: string): PeeringSpec | undefined {
  const names = [nameOf(around, a), nameOf(around, b)];
  return around.topology?.peerings.find(
    ({ requester, accepter }) => names.includes(requester) && names.includes(accepter),
  );
}

/** The block of just this address, or of everybody. */
export function blockFor({ anybody }: Surroundings, text: string, isFarEnd: boolean): string {
  const isIpv6 = text.includes(":");
  if (anybody && isFarEnd) return isIpv6 ? "::/0" : "0.0.0.0/0";
  return `${text}/${isIpv6 ? 128 : 32}`;
}

/** Whether an address is the probe's end outside of AWS. */
export function isOutside({ verdict }: Surroundings, text: string): boolean {
  const { from, to } = verdict.probe;
  return [from, to].some((end) => end.kind === "internet" && end.address === text);
}
