import type { Address } from "./cidr.ts";
import type { Probe } from "./types.ts";

export type PortRange = readonly [from: number, to: number];

/** A packet, as far as rules look at it. */
export interface Packet {
  /** Unknown where a gateway had no public address to translate to. */
  source: Address | undefined;
  destination: Address;
  protocol: "icmp" | "icmpv6" | "tcp" | "udp";
  /** Of the destination; all of them must be let through. Absent for ICMP. */
  ports?: PortRange;
  icmp?: { type: number; code: number };
  /** The destination port is one that the client chose, so it might have been another: see `anyClient`. */
  ephemeral?: boolean;
}

/**
 * Where replies go: the client's ephemeral port. Nobody can know it before, so a network ACL must let the whole range of
 * Linux (Amazon Linux's too) through, or some replies are lost. AWS's own example ACLs open 32768-65535 and no more, so to
 * ask for 1024-65535 would call AWS's examples broken; a part of that which stays shut is told, but does not block.
 * https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
 */
export const linuxClient: PortRange = [32768, 60999];

/** What AWS advises to open "to cover the different types of clients that might initiate traffic". */
export const anyClient: PortRange = [1024, 65535];

/** The probe's own packet: an echo request, or the first packet to the port. */
export function request(probe: Probe, source: Address | undefined, destination: Address): Packet {
  if (probe.protocol === "icmp") return icmpPacket(source, destination, { ipv4: 8, ipv6: 128 });
  const { port, protocol } = probe;
  if (!isPort(port) || (probe.sourcePort !== undefined && !isPort(probe.sourcePort))) {
    throw new RangeError(`a ${protocol} probe needs ports from 0 to 65535`);
  }
  return { source, destination, protocol, ports: [port, port] };
}

/** The answer to `arrived`, the probe's packet as its receiver saw it. */
export function reply(probe: Probe, source: Address, destination: Address): Packet {
  if (probe.protocol === "icmp") return icmpPacket(source, destination, { ipv4: 0, ipv6: 129 });
  const { protocol, sourcePort } = probe;
  if (sourcePort !== undefined) return { source, destination, protocol, ports: [sourcePort, sourcePort] };
  return { source, destination, protocol, ports: linuxClient, ephemeral: true };
}

/** "an ICMP echo request", "TCP port 22": for sentences. */
export function describePacket({ protocol, ports, icmp }: Packet): string {
  if (icmp)
    return `${protocol === "icmp" ? "ICMP" : "ICMPv6"} echo ${isRequest(icmp.type) ? "request" : "reply"}`;
  return `${protocol.toUpperCase()} ${ports ? describePorts(ports) : ""}`;
}

export function describePorts([from, to]: PortRange): string {
  return from === to ? `port ${from}` : `ports ${from}-${to}`;
}

function icmpPacket(
  source: Address | undefined,
  destination: Address,
  type: { ipv4: number; ipv6: number },
): Packet {
  return destination.family === 4
    ? { source, destination, protocol: "icmp", icmp: { type: type.ipv4, code: 0 } }
    : { source, destination, protocol: "icmpv6", icmp: { type: type.ipv6, code: 0 } };
}

const isRequest = (type: number) => type === 8 || type === 128;

function isPort(port: number | undefined): port is number {
  return port !== undefined && Number.isInteger(port) && port >= 0 && port <= 65535;
}
