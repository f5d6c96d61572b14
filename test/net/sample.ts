import type { NetworkAclEntry, Probe, SecurityGroupRule, Snapshot } from "../../src/net/types.ts";

/** The tutorial's topology, finished: two peered VPCs, a public instance in the first, ping open to the second. */
export function sample(): Snapshot {
  const snapshot: Snapshot = {
    vpcs: [],
    subnets: [],
    routeTables: [],
    internetGateways: [],
    peerings: [],
    securityGroups: [],
    networkAcls: [],
    interfaces: [],
    instances: [],
    prefixLists: [],
  };
  addVpc(snapshot, 1);
  addVpc(snapshot, 2);
  addPeering(snapshot, 1, 2);
  snapshot.securityGroups[0]?.ingress.push(tcp(22, "198.51.100.7/32"));
  snapshot.securityGroups[1]?.ingress.push(ping("10.1.0.0/16"));
  const own = snapshot.interfaces[0]?.addresses[0];
  if (own) own.public = "203.0.113.10";
  return snapshot;
}

/** VPC n: 10.n.0.0/16, one subnet 10.n.0.0/24 with the instance 10.n.0.10, a gateway with a default route, open egress. */
export function addVpc(snapshot: Snapshot, n: number): void {
  const vpc = `vpc-${n}`;
  snapshot.vpcs.push({
    id: vpc,
    account: "123456789012",
    region: "us-east-1",
    cidrs: [`10.${n}.0.0/16`],
    internetGatewayBlock: "off",
  });
  snapshot.internetGateways.push({ id: `igw-${n}`, vpc });
  snapshot.routeTables.push({
    id: `rtb-${n}`,
    vpc,
    main: true,
    subnets: [],
    routes: [
      { destination: `10.${n}.0.0/16`, target: { kind: "local", id: "local" }, state: "active" },
      { destination: "0.0.0.0/0", target: { kind: "internet-gateway", id: `igw-${n}` }, state: "active" },
    ],
  });
  snapshot.networkAcls.push({ id: `acl-${n}`, vpc, subnets: [], entries: openAcl() });
  snapshot.securityGroups.push({ id: `sg-${n}`, vpc, ingress: [], egress: [all("0.0.0.0/0")] });
  addSubnet(snapshot, n, `subnet-${n}`, `10.${n}.0.0/24`);
  addInstance(snapshot, n, `${n}`, `10.${n}.0.10`);
}

export function addSubnet(snapshot: Snapshot, n: number, id: string, cidr: string): void {
  snapshot.subnets.push({ id, vpc: `vpc-${n}`, cidrs: [cidr], zone: "us-east-1a" });
  find(snapshot.networkAcls, `acl-${n}`).subnets.push(id);
}

/** Instance i-NAME with interface eni-NAME in a subnet of VPC n, with the VPC's group. */
export function addInstance(
  snapshot: Snapshot,
  n: number,
  name: string,
  address: string,
  subnet = `subnet-${n}`,
): void {
  snapshot.instances.push({ id: `i-${name}`, state: "running" });
  snapshot.interfaces.push({
    id: `eni-${name}`,
    vpc: `vpc-${n}`,
    subnet,
    instance: `i-${name}`,
    status: "in-use",
    addresses: [{ private: address }],
    groups: [`sg-${n}`],
    sourceDestCheck: true,
  });
}

/** Peering pcx-ab between VPCs a and b, active, with routes at both ends. */
export function addPeering(snapshot: Snapshot, a: number, b: number): void {
  const id = `pcx-${a}${b}`;
  const side = (n: number) => {
    const { id: vpc, account, region, cidrs } = find(snapshot.vpcs, `vpc-${n}`);
    return { vpc, account, region, cidrs };
  };
  snapshot.peerings.push({ id, status: "active", requester: side(a), accepter: side(b) });
  route(snapshot, a, `10.${b}.0.0/16`, "peering", id);
  route(snapshot, b, `10.${a}.0.0/16`, "peering", id);
}

type TargetKind = Snapshot["routeTables"][number]["routes"][number]["target"]["kind"];

export function route(
  snapshot: Snapshot,
  n: number,
  destination: string,
  kind: TargetKind,
  id: string,
): void {
  find(snapshot.routeTables, `rtb-${n}`).routes.push({ destination, target: { kind, id }, state: "active" });
}

export function unroute(snapshot: Snapshot, n: number, destination: string): void {
  const table = find(snapshot.routeTables, `rtb-${n}`);
  table.routes = table.routes.filter((each) => each.destination !== destination);
}

export function find<Row extends { id: string }>(rows: readonly Row[], id: string): Row {
  const row = rows.find((each) => each.id === id);
  if (!row) throw new Error(`the sample has no ${id}`);
  return row;
}

export const all = (cidr: string): SecurityGroupRule => ({ protocol: "-1", peer: { kind: "cidr", cidr } });
export const tcp = (port: number, cidr: string): SecurityGroupRule => ({
  protocol: "tcp",
  fromPort: port,
  toPort: port,
  peer: { kind: "cidr", cidr },
});
export const ping = (cidr: string): SecurityGroupRule => ({
  protocol: "icmp",
  fromPort: 8,
  toPort: -1,
  peer: { kind: "cidr", cidr },
});

export function entry(
  number: number,
  direction: "ingress" | "egress",
  action: "allow" | "deny",
  rest: Partial<NetworkAclEntry> = {},
): NetworkAclEntry {
  return { number, direction, action, protocol: "-1", cidr: "0.0.0.0/0", ...rest };
}

export function openAcl(): NetworkAclEntry[] {
  return [
    entry(100, "ingress", "allow"),
    entry(32767, "ingress", "deny"),
    entry(100, "egress", "allow"),
    entry(32767, "egress", "deny"),
  ];
}

/** The tutorial's question: instance 1 pings instance 2's private address. */
export const ping12: Probe = {
  from: { kind: "interface", id: "eni-1" },
  to: { kind: "interface", id: "eni-2" },
  protocol: "icmp",
};

/** SSH from the caller's address to instance 1. */
export const ssh1: Probe = {
  from: { kind: "internet", address: "198.51.100.7" },
  to: { kind: "interface", id: "eni-1" },
  protocol: "tcp",
  port: 22,
};
