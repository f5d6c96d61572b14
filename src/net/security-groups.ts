import { type Address, type Block, cidr, contains } from "./cidr.ts";
import { describePorts, type Packet } from "./packet.ts";
import { icmpMatches, protocolName } from "./protocol.ts";
import type { PrefixList, SecurityGroup, SecurityGroupRule } from "./types.ts";

/** A security group ready for packets. */
export interface Group {
  id: string;
  ingress: GroupRule[];
  egress: GroupRule[];
}

interface GroupRule {
  rule: SecurityGroupRule;
  protocol: string;
  /** Empty for a rule that names a group. */
  blocks: Block[];
  /** "sgr-0a1b icmp from 10.1.0.0/16". */
  text: string;
}

export function compileGroup(group: SecurityGroup, prefixLists: ReadonlyMap<string, PrefixList>): Group {
  const compile = (word: "from" | "to") => (rule: SecurityGroupRule) => ({
    rule,
    protocol: protocolName(rule.protocol),
    blocks: blocksOf(rule, prefixLists),
    text: describe(rule, word),
  });
  return {
    id: group.id,
    ingress: group.ingress.map(compile("from")),
    egress: group.egress.map(compile("to")),
  };
}

/**
 * The rule that allows the packet, and the group that it is in; undefined where none does, which denies. The rules of all
 * groups count together. `remoteGroups` are the groups of the interface at the packet's other end, where rules may name
 * them: none unless its private address is used, in the same VPC or over a peering in the same Region.
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
 */
export function allowingRule(
  groups: readonly Group[],
  direction: "ingress" | "egress",
  packet: Packet,
  remoteGroups: () => readonly string[],
): { group: string; rule: string } | undefined {
  const remote = direction === "ingress" ? packet.source : packet.destination;
  for (const group of groups) {
    for (const candidate of group[direction]) {
      if (takesTraffic(candidate, packet) && takesPeer(candidate, remote, remoteGroups)) {
        return { group: group.id, rule: candidate.text };
      }
    }
  }
  return undefined;
}

function takesTraffic({ protocol, rule }: GroupRule, packet: Packet): boolean {
  if (protocol === "-1") return true;
  if (protocol !== packet.protocol) return false;
  const { fromPort, toPort } = rule;
  if (packet.icmp) return icmpMatches(fromPort, packet.icmp.type) && icmpMatches(toPort, packet.icmp.code);
  if (fromPort === undefined || toPort === undefined || fromPort === -1) return true;
  const [low, high] = packet.ports ?? [0, 65535];
  return fromPort <= low && high <= toPort;
}

function takesPeer(
  { rule, blocks }: GroupRule,
  remote: Address | undefined,
  groups: () => readonly string[],
): boolean {
  if (rule.peer.kind === "group") return groups().includes(rule.peer.id);
  return remote !== undefined && blocks.some((block) => contains(block, remote));
}

function blocksOf({ peer }: SecurityGroupRule, prefixLists: ReadonlyMap<string, PrefixList>): Block[] {
  if (peer.kind === "cidr") return [cidr(peer.cidr)];
  if (peer.kind === "prefix-list") return (prefixLists.get(peer.id)?.cidrs ?? []).map(cidr);
  return [];
}

function describe(rule: SecurityGroupRule, word: "from" | "to"): string {
  const protocol = protocolName(rule.protocol);
  const { fromPort, toPort } = rule;
  let what = protocol === "-1" ? "all traffic" : protocol;
  if (protocol !== "-1" && fromPort !== undefined && fromPort !== -1) {
    if (protocol.startsWith("icmp")) what += ` type ${fromPort}${toPort === -1 ? "" : ` code ${toPort}`}`;
    else what += ` ${describePorts([fromPort, toPort ?? fromPort])}`;
  }
  const peer = rule.peer.kind === "cidr" ? rule.peer.cidr : rule.peer.id;
  return `${rule.id ? `${rule.id} ` : ""}${what} ${word} ${peer}`;
}
