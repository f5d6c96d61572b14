import { type Address, address, type Block, cidr } from "./cidr.ts";
import { type Acl, compileAcl } from "./network-acls.ts";
import { compareLife } from "./peering-status.ts";
import { compileTable, type Table, tablesBySubnet } from "./routes.ts";
import { compileGroup, type Group } from "./security-groups.ts";
import type {
  Instance,
  InternetGateway,
  InternetGatewayBlock,
  NetworkInterface,
  Peering,
  Snapshot,
} from "./types.ts";

/**
 * A snapshot made ready for many questions: text parsed, rules sorted, everything found by id or address. Build it once
 * (`index`) where more than one probe is asked; it is a copy, so a later change of the snapshot does not show.
 */
export interface Network {
  vpcs: ReadonlyMap<string, VpcNode>;
  interfaces: ReadonlyMap<string, Eni>;
  gateways: ReadonlyMap<string, InternetGateway>;
  /** By the VPC that they are attached to. */
  gatewayOfVpc: ReadonlyMap<string, InternetGateway>;
  /** Route tables associated with an internet gateway, by the gateway. */
  edgeTables: ReadonlyMap<string, Table>;
  peerings: ReadonlyMap<string, Peering>;
  /** Interfaces by the addresses that the internet knows: public IPv4, and IPv6. */
  publicAddresses: ReadonlyMap<string, Eni>;
}

export interface VpcNode {
  id: string;
  region: string;
  blocks: Block[];
  /** By private address, canonical text. */
  interfaces: Map<string, Eni>;
  /** Peerings by the VPC at their other end, whatever their status: see `compareLife` for the order. */
  peers: Map<string, Peering[]>;
}

/** An elastic network interface with all that decides about its packets. */
export interface Eni {
  id: string;
  vpc: VpcNode;
  source: NetworkInterface;
  subnet: SubnetNode;
  addresses: { private: Address; public?: Address }[];
  groups: Group[];
  instance?: Instance;
}

export function isSameInstance(a: Eni, b: Eni): boolean {
  return a === b || (a.instance !== undefined && a.instance === b.instance);
}

interface SubnetNode {
  id: string;
  blocks: Block[];
  table: Table;
  acl: Acl;
  internetGatewayBlock: InternetGatewayBlock;
}

/**
 * Throws a RangeError where an interface's VPC, subnet, route table, network ACL or security group is not in the snapshot.
 * EC2 has all of these for every interface, so their lack is a fault in the reading, not a fact about the network.
 */
export function index(snapshot: Snapshot): Network {
  const vpcs = new Map(
    snapshot.vpcs.map(({ id, region, cidrs }): [string, VpcNode] => [
      id,
      { id, region, blocks: cidrs.map(cidr), interfaces: new Map(), peers: new Map() },
    ]),
  );
  for (const peering of [...snapshot.peerings].sort(compareLife)) {
    const { requester, accepter } = peering;
    addPeer(vpcs.get(requester.vpc), accepter.vpc, peering);
    addPeer(vpcs.get(accepter.vpc), requester.vpc, peering);
  }
  const prefixLists = byId(snapshot.prefixLists);
  const tables = byId(snapshot.routeTables.map((table) => compileTable(table, prefixLists)));
  const groups = byId(snapshot.securityGroups.map((group) => compileGroup(group, prefixLists)));
  const subnetOf = subnetFinder(snapshot, tables);
  const instances = byId(snapshot.instances);
  const interfaces = new Map<string, Eni>();
  const publicAddresses = new Map<string, Eni>();
  for (const source of snapshot.interfaces) {
    const vpc = present(vpcs.get(source.vpc), source.vpc, source.id);
    const eni: Eni = {
      id: source.id,
      vpc,
      source,
      subnet: subnetOf(source),
      addresses: source.addresses.map((each) => ({
        private: address(each.private),
        ...(each.public !== undefined && { public: address(each.public) }),
      })),
      groups: source.groups.map((group) => present(groups.get(group), group, source.id)),
      ...(source.instance !== undefined && { instance: instances.get(source.instance) }),
    };
    interfaces.set(eni.id, eni);
    for (const each of eni.addresses) {
      vpc.interfaces.set(each.private.text, eni);
      const known = each.private.family === 6 ? each.private : each.public;
      if (known) publicAddresses.set(known.text, eni);
    }
  }
  const attached = snapshot.internetGateways.filter((gateway) => gateway.vpc !== undefined);
  return {
    vpcs,
    interfaces,
    gateways: byId(snapshot.internetGateways),
    gatewayOfVpc: new Map(attached.map((gateway) => [gateway.vpc ?? "", gateway])),
    edgeTables: edgeTables(snapshot, tables),
    peerings: byId(snapshot.peerings),
    publicAddresses,
  };
}

/** Only a subnet that an interface is in has to be complete: the reading may have been filtered to what a path touches. */
function subnetFinder(snapshot: Snapshot, tables: ReadonlyMap<string, Table>) {
  const rows = byId(snapshot.subnets);
  const tableOf = tablesBySubnet(snapshot.subnets, snapshot.routeTables, tables);
  const acls = new Map<string, Acl>();
  for (const acl of snapshot.networkAcls) {
    const compiled = compileAcl(acl);
    for (const subnet of acl.subnets) acls.set(subnet, compiled);
  }
  const modes = new Map(snapshot.vpcs.map((vpc) => [vpc.id, vpc.internetGatewayBlock]));
  const nodes = new Map<string, SubnetNode>();
  return ({ id: of, subnet: id }: NetworkInterface): SubnetNode => {
    const known = nodes.get(id);
    if (known) return known;
    const row = present(rows.get(id), id, of);
    const node = {
      id,
      blocks: row.cidrs.map(cidr),
      table: present(tableOf.get(id), "route table", id),
      acl: present(acls.get(id), "network ACL", id),
      internetGatewayBlock: row.internetGatewayBlock ?? modes.get(row.vpc) ?? "off",
    };
    nodes.set(id, node);
    return node;
  };
}

function addPeer(vpc: VpcNode | undefined, far: string, peering: Peering): void {
  const known = vpc?.peers.get(far);
  if (known) known.push(peering);
  else vpc?.peers.set(far, [peering]);
}

function edgeTables(snapshot: Snapshot, tables: ReadonlyMap<string, Table>): Map<string, Table> {
  const found = new Map<string, Table>();
  for (const { id, gateways } of snapshot.routeTables) {
    const table = tables.get(id);
    for (const gateway of gateways ?? []) if (table) found.set(gateway, table);
  }
  return found;
}

function byId<Row extends { id: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.id, row]));
}

function present<Row>(row: Row | undefined, what: string, of: string): Row {
  if (row === undefined) throw new RangeError(`the snapshot lacks ${what} of ${of}`);
  return row;
}
