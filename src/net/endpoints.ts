import { type Address, address } from "./cidr.ts";
import type { Eni, Network, VpcNode } from "./network.ts";
import { matchRoute } from "./routes.ts";
import type { Endpoint, Probe, Route } from "./types.ts";
import { isInternal } from "./walk.ts";

/** A probe's ends, found in the network, and the addresses that its first packet has. */
export interface Ends {
  /** The interfaces at either end, where the snapshot has them. */
  from?: Eni;
  to?: Eni;
  source: Address;
  destination: Address;
}

/** An end without an address of the other end's family (IPv4 or IPv6): there is no packet to send. */
export interface NoAddress {
  lacks: Eni;
  family: 4 | 6;
  /** The other end's address. */
  other: Address;
}

/**
 * The addresses asked for, else the interface's first of the right family. An interface sends from its private address;
 * from the internet it is reached by its public one, if it has one. Throws a RangeError for an interface that is not there
 * or does not have the address, and for a probe from the internet to the internet.
 */
export function resolveEnds(network: Network, probe: Probe): Ends | NoAddress {
  const from = resolve(network, probe.from);
  const to = resolve(network, probe.to);
  const asked = to.address ?? from.address;
  const family = asked?.family ?? commonFamily(from.eni, to.eni);
  const source = from.eni ? privateAddress(from.eni, from.address, family) : from.address;
  const own = to.eni ? privateAddress(to.eni, to.address, family) : undefined;
  const destination = to.address ?? own;
  if (!source || source.family !== family) return lacking(from.eni ?? to.eni, family, destination ?? source);
  if (!destination) return lacking(to.eni, family, source);
  if (from.eni)
    return { from: from.eni, to: to.eni ?? holder(network, from.eni, destination), source, destination };
  const target = to.eni ?? network.publicAddresses.get(destination.text);
  if (!target)
    throw new RangeError(`neither ${source.text} nor ${destination.text} belongs to a network interface`);
  const known = target.addresses.find((each) => each.private === own)?.public;
  return { to: target, source, destination: known ?? destination };
}

interface End {
  eni?: Eni;
  /** As asked for; absent where the interface's address is to be chosen. */
  address?: Address;
}

function resolve(network: Network, end: Endpoint): End {
  if (end.kind === "internet") return { address: address(end.address) };
  const eni = network.interfaces.get(end.id);
  if (!eni) throw new RangeError(`the snapshot has no network interface ${end.id}`);
  if (end.address === undefined) return { eni };
  const wanted = address(end.address);
  const has = eni.addresses.some(
    (own) => own.private.text === wanted.text || own.public?.text === wanted.text,
  );
  if (!has) throw new RangeError(`${end.id} does not have the address ${wanted.text}`);
  return { eni, address: wanted };
}

/** Nothing asked for: IPv6 only where IPv4 is not at both ends. */
function commonFamily(from: Eni | undefined, to: Eni | undefined): 4 | 6 {
  const ends = [from, to].filter((eni) => eni !== undefined);
  const both = (family: 4 | 6) =>
    ends.every((eni) => eni.addresses.some((own) => own.private.family === family));
  return !both(4) && both(6) ? 6 : 4;
}

/** The private address asked for (by itself or by its public one), else the first of the family. */
function privateAddress(eni: Eni, asked: Address | undefined, family: 4 | 6): Address | undefined {
  const found = eni.addresses.find((own) =>
    asked
      ? own.private.text === asked.text || own.public?.text === asked.text
      : own.private.family === family,
  );
  return found?.private;
}

/**
 * The interface that an address asked for by itself means to `from`: a public one, or one of its VPC, or of a peer. Peers may
 * overlap with each other: then the one that the route leads to. A peer may have a block of public addresses too: as long as
 * its route leads to the internet, such an address is that of somebody there.
 */
function holder(network: Network, from: Eni, destination: Address): Eni | undefined {
  const { text } = destination;
  const own = from.vpc.interfaces.get(text);
  if (own) return own;
  const target = matchRoute(from.subnet.table, destination)?.route.target;
  const near = routedPeer(network, from.vpc, target)?.interfaces.get(text);
  if (near) return near;
  if (target?.kind === "internet-gateway" && !isInternal(destination))
    return network.publicAddresses.get(text);
  for (const peer of from.vpc.peers.keys()) {
    const found = network.vpcs.get(peer)?.interfaces.get(text);
    if (found) return found;
  }
  return network.publicAddresses.get(text);
}

function routedPeer(network: Network, from: VpcNode, target?: Route["target"]): VpcNode | undefined {
  const peering = target?.kind === "peering" ? network.peerings.get(target.id) : undefined;
  if (!peering) return undefined;
  const { requester, accepter } = peering;
  return network.vpcs.get(requester.vpc === from.id ? accepter.vpc : requester.vpc);
}

function lacking(eni: Eni | undefined, family: 4 | 6, other: Address | undefined): NoAddress {
  if (!eni || !other) throw new RangeError("the two ends of the probe have addresses of different families");
  return { lacks: eni, family, other };
}
