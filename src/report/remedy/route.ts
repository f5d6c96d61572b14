import { address } from "../../net/cidr.ts";
import type { Hop, Route, RouteTable, Vpc } from "../../net/types.ts";
import { isInternal } from "../../net/walk.ts";
import { instanceRemedy } from "./instance.ts";
import { gatewayRemedy, gatewayVariable } from "./internet.ts";
import { aws, type Remedy, type Surroundings, step, you } from "./line.ts";
import { peeringBetween, peeringRemedyOf, peeringVariable } from "./peering.ts";
import {
  blockOf,
  farVpc,
  interfaceAt,
  nameOf,
  routeBefore,
  specOf,
  tableBefore,
  wantedPeering,
} from "./places.ts";

/** For a route that is missing, dead, or leads to where peerctl cannot look. */
export function routeRemedy(around: Surroundings, hop: Hop): Remedy[] {
  const table = tableBefore(around, hop);
  if (!table) return [you("The interface that the route names is not in these tables: look at it there.")];
  const route = hop.rule === undefined ? undefined : routeBefore(around, hop);
  const far = farVpc(around, hop, table.vpc);
  const dead = hop.code !== "no-route" ? route : undefined;
  // Only a private address is meant to go by a peering.
  const peering = far && blockOf(far, hop.destination) && peeringBetween(around, table.vpc, far.id);
  if (far && peering && peering.status !== "active" && dead?.target.id === peering.id) {
    return [peeringRemedyOf(around, table.vpc, far.id, peering)];
  }
  if (hop.wanted?.startsWith("igw-")) return [toGateway(around, table, dead, hop, hop.wanted)];
  if (dead?.target.kind === "interface" && !peering) return [middleboxRemedy(around, dead)];
  if (far && blockOf(far, hop.destination)) return toPeer(around, hop, table, far, dead);
  if (hop.code === "route-elsewhere") {
    return [you(`What happens beyond ${route?.target.id ?? "it"} has to be looked at there.`)];
  }
  if (isPrivate(around, hop))
    return [you(`No VPC in these tables has ${hop.destination}: nothing can be routed to it.`)];
  return [gatewayRemedy(around, hop), toGateway(around, table, dead, hop, undefined)].filter(
    (each, place, all) => all.findIndex(({ command }) => command === each.command) === place,
  );
}

/** For a route to a peering that cannot carry the packet. */
export function wrongPeeringRemedy(around: Surroundings, hop: Hop): Remedy[] {
  const table = tableBefore(around, hop);
  const route = routeBefore(around, hop);
  const far = table && farVpc(around, hop, table.vpc);
  if (!table || !far)
    return [you("VPC peering does not carry this packet; put the two ends into VPCs that are peered.")];
  return toPeer(around, hop, table, far, route);
}

/** @param present the route that stands there now, to be replaced; undefined where there is none for these addresses */
function toPeer(
  around: Surroundings,
  hop: Hop,
  table: RouteTable,
  far: Vpc,
  present: Route | undefined,
): Remedy[] {
  const living = peeringBetween(around, table.vpc, far.id);
  const before =
    living && living.status === "active" ? [] : [peeringRemedyOf(around, table.vpc, far.id, living)];
  if (before.some(({ by }) => by === "you")) return before;
  const destination = present?.destination ?? blockOf(far, hop.destination)!;
  const isOurs =
    around.keyOf(table.id)?.startsWith("route-table/") &&
    wantedPeering(around, table.vpc, far.id) !== undefined &&
    specOf(around, nameOf(around, far.id))?.cidr === destination;
  if (isOurs) return [...before, step(around, 1, "route")];
  const target = `--vpc-peering-connection-id ${living?.id ?? `"$${peeringVariable}"`}`;
  return [
    ...before,
    aws(around, 1, `${present ? "replace" : "create"}-route ${words(table, destination)} ${target}`),
  ];
}

function toGateway(
  around: Surroundings,
  table: RouteTable,
  present: Route | undefined,
  hop: Hop,
  gateway: string | undefined,
): Remedy {
  if (around.keyOf(table.id)?.startsWith("route-table/")) return step(around, 1, "create-vpcs");
  // The route's own gateway will do, once it is attached again.
  const detached = around.snapshot.internetGateways.find(({ id, vpc }) => id === present?.target.id && !vpc);
  if (detached) return gatewayRemedy(around, hop);
  const everywhere = hop.destination.includes(":") ? "::/0" : "0.0.0.0/0";
  const target = `--gateway-id ${gateway ?? `"$${gatewayVariable(table.vpc)}"`}`;
  const destination = present?.destination ?? everywhere;
  return aws(around, 1, `${present ? "replace" : "create"}-route ${words(table, destination)} ${target}`);
}

/** A route to an interface is dead while no running instance is behind it. */
function middleboxRemedy(around: Surroundings, { target }: Route): Remedy {
  const { instance } = interfaceAt(around.snapshot.interfaces, { kind: "interface", id: target.id }) ?? {};
  if (!instance) return you(`Nothing that runs is behind ${target.id}: attach it, or delete the route.`);
  return instanceRemedy(around, instance);
}

function words({ id }: RouteTable, destination: string): string {
  const flag = destination.startsWith("pl-")
    ? "--destination-prefix-list-id"
    : destination.includes(":")
      ? "--destination-ipv6-cidr-block"
      : "--destination-cidr-block";
  return `--route-table-id ${id} ${flag} ${destination}`;
}

/** What the internet does not route, so that no gateway helps. */
function isPrivate({ snapshot }: Surroundings, { destination }: Hop): boolean {
  const isPublic = snapshot.interfaces.some(({ addresses }) =>
    addresses.some((each) => each.public === destination),
  );
  return !isPublic && isInternal(address(destination));
}
