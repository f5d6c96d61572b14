import { protocolName } from "../../net/protocol.ts";
import type {
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  SecurityGroupRule,
  Snapshot,
} from "../../net/types.ts";

/** A topology as it is drawn: what is in what, and short lines about each. In the snapshot's order. */
export interface Graph {
  vpcs: DrawnVpc[];
  /** Between drawn VPCs only. */
  peerings: { id: string; from: string; to: string; status: string }[];
}

export interface DrawnVpc {
  id: string;
  title: string;
  cidrs: string;
  /** The attached internet gateway. */
  gateway: string | undefined;
  subnets: DrawnSubnet[];
}

export interface DrawnSubnet {
  id: string;
  cidrs: string;
  /** "10.2.0.0/16 → pcx-0a1b", without the local route. */
  routes: { text: string; isDead: boolean }[];
  hosts: DrawnHost[];
}

/** An instance, or an interface that no instance has. */
export interface DrawnHost {
  id: string;
  addresses: string[];
  /** The instance's state where it does not run. */
  trouble: string | undefined;
  /** What its groups let in: "tcp 22 from 198.51.100.7/32". */
  open: string[];
}

/** @param nameOf what people call it, if anything */
export function graphOf(snapshot: Snapshot, nameOf: (id: string) => string | undefined): Graph {
  const drawn = new Set(snapshot.vpcs.map(({ id }) => id));
  const { peerings } = snapshot;
  return {
    vpcs: snapshot.vpcs.map((vpc) => ({
      id: vpc.id,
      title: nameOf(vpc.id) ?? vpc.id,
      cidrs: vpc.cidrs.join(", "),
      gateway: snapshot.internetGateways.find((gateway) => gateway.vpc === vpc.id)?.id,
      subnets: snapshot.subnets
        .filter((subnet) => subnet.vpc === vpc.id)
        .map(({ id, cidrs }) => ({
          id,
          cidrs: cidrs.join(", "),
          routes: routesOf(tableOf(snapshot, vpc.id, id)),
          hosts: snapshot.interfaces
            .filter(({ subnet }) => subnet === id)
            .map((eni) => hostOf(snapshot, eni)),
        })),
    })),
    peerings: peerings
      .filter(({ requester, accepter }) => drawn.has(requester.vpc) && drawn.has(accepter.vpc))
      .map(({ id, status, requester, accepter }) => ({ id, status, from: requester.vpc, to: accepter.vpc })),
  };
}

function tableOf({ routeTables }: Snapshot, vpc: string, subnet: string): RouteTable | undefined {
  const explicit = routeTables.find(({ subnets }) => subnets.includes(subnet));
  return explicit ?? routeTables.find((table) => table.vpc === vpc && table.main);
}

function routesOf(table: RouteTable | undefined): DrawnSubnet["routes"] {
  return (table?.routes ?? [])
    .filter(({ target }) => target.kind !== "local")
    .map(({ destination, target, state }) => ({
      text: `${destination} → ${target.id}`,
      isDead: state === "blackhole",
    }))
    .sort((a, b) => (a.text < b.text ? -1 : 1));
}

function hostOf(snapshot: Snapshot, eni: NetworkInterface): DrawnHost {
  const state = snapshot.instances.find(({ id }) => id === eni.instance)?.state;
  const groups = snapshot.securityGroups.filter(({ id }) => eni.groups.includes(id));
  return {
    id: eni.instance ?? eni.id,
    addresses: eni.addresses.map((own) => (own.public ? `${own.private} (${own.public})` : own.private)),
    trouble: state === "running" ? undefined : state,
    open: [...new Set(groups.flatMap(openIn))],
  };
}

function openIn({ ingress }: SecurityGroup): string[] {
  return ingress.map(
    (rule) => `${trafficOf(rule)} from ${rule.peer.kind === "cidr" ? rule.peer.cidr : rule.peer.id}`,
  );
}

function trafficOf({ protocol, fromPort, toPort }: SecurityGroupRule): string {
  const name = protocolName(protocol);
  if (name === "-1") return "everything";
  if (name.startsWith("icmp")) return fromPort === 8 || fromPort === 128 ? "ping" : name;
  if (fromPort === undefined || fromPort === -1 || (fromPort === 0 && toPort === 65_535)) return name;
  return `${name} ${fromPort}${toPort === fromPort ? "" : `-${toPort}`}`;
}
