import { type Block, cidr, contains } from "./cidr.ts";
import { describePorts, type Packet, type PortRange } from "./packet.ts";
import { icmpMatches, protocolName } from "./protocol.ts";
import type { NetworkAcl, NetworkAclEntry } from "./types.ts";

/** A network ACL ready for packets: entries of each direction, lowest number first. */
export interface Acl {
  id: string;
  ingress: AclEntry[];
  egress: AclEntry[];
}

interface AclEntry {
  entry: NetworkAclEntry;
  block: Block;
  protocol: string;
  /** "rule 100 allow tcp ports 22-22 0.0.0.0/0"; the last, implicit rule is "rule *". */
  text: string;
}

/** What the ACL decides. `ports` are those that `rule` refuses, where it does not refuse them all. */
export interface AclDecision {
  pass: boolean;
  /** Absent where no entry matches, which denies. */
  rule?: string;
  ports?: PortRange;
}

export function compileAcl(acl: NetworkAcl): Acl {
  const entries = acl.entries
    .map((entry) => ({
      entry,
      block: cidr(entry.cidr),
      protocol: protocolName(entry.protocol),
      text: describe(entry),
    }))
    .sort((a, b) => a.entry.number - b.entry.number);
  const of = (direction: "ingress" | "egress") =>
    entries.filter(({ entry }) => entry.direction === direction);
  return { id: acl.id, ingress: of("ingress"), egress: of("egress") };
}

/**
 * Rules apply in order of their numbers, the first match decides. A packet that stands for a range of ports passes only
 * if every port of it does, so the entries are read until the whole range is decided.
 * https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
 */
export function decideAcl(acl: Acl, direction: "ingress" | "egress", packet: Packet): AclDecision {
  const remote = direction === "ingress" ? packet.source : packet.destination;
  let open: PortRange[] = [packet.ports ?? [0, 0]];
  let allowedBy: AclEntry | undefined;
  for (const candidate of acl[direction]) {
    const { entry, block, protocol } = candidate;
    if (protocol !== "-1" && protocol !== packet.protocol) continue;
    if (!remote || !contains(block, remote)) continue;
    if (protocol !== "-1" && packet.icmp && !matchesIcmp(entry, packet.icmp)) continue;
    const ports = protocol === "-1" || !packet.ports ? everyPort : portsOf(entry);
    const met = open.map((range) => intersect(range, ports)).find((range) => range !== undefined);
    if (!met) continue;
    if (entry.action === "deny")
      return { pass: false, rule: candidate.text, ...(packet.ports && { ports: met }) };
    allowedBy ??= candidate;
    open = open.flatMap((range) => without(range, ports));
    if (open.length === 0) return { pass: true, rule: allowedBy.text };
  }
  return { pass: false, ...(packet.ports && { ports: open[0] }) };
}

const everyPort: PortRange = [0, 65535];

function portsOf(entry: NetworkAclEntry): PortRange {
  return entry.fromPort === undefined || entry.toPort === undefined
    ? everyPort
    : [entry.fromPort, entry.toPort];
}

function matchesIcmp(entry: NetworkAclEntry, icmp: { type: number; code: number }): boolean {
  return icmpMatches(entry.icmpType, icmp.type) && icmpMatches(entry.icmpCode, icmp.code);
}

function intersect([a, b]: PortRange, [c, d]: PortRange): PortRange | undefined {
  const from = Math.max(a, c);
  const to = Math.min(b, d);
  return from <= to ? [from, to] : undefined;
}

function without([from, to]: PortRange, [low, high]: PortRange): PortRange[] {
  const below: PortRange = [from, Math.min(to, low - 1)];
  const above: PortRange = [Math.max(from, high + 1), to];
  return [below, above].filter(([start, end]) => start <= end);
}

function describe(entry: NetworkAclEntry): string {
  const number = entry.number === 32767 ? "*" : entry.number;
  const protocol = protocolName(entry.protocol);
  const { icmpType, icmpCode } = entry;
  let what = protocol === "-1" ? "all traffic" : protocol;
  if (entry.fromPort !== undefined && protocol !== "-1") what += ` ${describePorts(portsOf(entry))}`;
  if (icmpType !== undefined && icmpType !== -1) what += ` type ${icmpType}`;
  if (icmpCode !== undefined && icmpCode !== -1) what += ` code ${icmpCode}`;
  return `rule ${number} ${entry.action} ${what} ${entry.direction === "ingress" ? "from" : "to"} ${entry.cidr}`;
}
