import type { Hop, NetworkAclEntry } from "../../net/types.ts";
import { aws, awsLine, type Remedy, type Surroundings, you } from "./line.ts";
import { blockFor, isOutside } from "./places.ts";

/** https://www.iana.org/assignments/protocol-numbers */
const numbers = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

/**
 * For a packet that a network ACL denies: an entry in front of the one that denies it, for the one address at the other end.
 * https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
 */
export function aclRemedy(around: Surroundings, hop: Hop): Remedy {
  const acl = around.snapshot.networkAcls.find(({ id }) => id === hop.id);
  if (!acl) return you("The network ACL is not in these tables.");
  const direction = hop.code === "network-acl-ingress" ? "ingress" : "egress";
  const entries = acl.entries.filter((entry) => entry.direction === direction);
  const denying = Number(/^rule (\d+) /.exec(hop.rule ?? "")?.[1] ?? 32767);
  const number = freeNumber(entries, denying);
  const remote = (direction === "ingress" ? hop.source : hop.destination) ?? "";
  const block = blockFor(around, remote, isOutside(around, remote));
  const isIpv6 = block.includes(":");
  const common = `--network-acl-id ${hop.id} --${direction}`;
  const allow = [
    `${common} --rule-number ${number ?? denying} --rule-action allow`,
    `--${isIpv6 ? "ipv6-cidr-block" : "cidr-block"} ${block} ${traffic(around, hop, isIpv6)}`,
  ].join(" ");
  if (number !== undefined) return aws(around, 2, `create-network-acl-entry ${allow}`);
  // Nothing fits in front of it: what it denied to others is denied by the last rule, unless another allows it.
  return {
    by: "aws",
    stage: 2,
    command: awsLine(around, `replace-network-acl-entry ${allow}`),
    note: `There is no free number before rule ${denying}, so this puts the new entry in its place.`,
  };
}

/** A number before the one that denies: next to it, or at the usual distance after the last where it is the final rule. */
function freeNumber(entries: readonly NetworkAclEntry[], denying: number): number | undefined {
  const taken = new Set(entries.map(({ number }) => number));
  if (denying === 32767) {
    const last = Math.max(0, ...[...taken].filter((number) => number < 32767));
    if (last + 10 < 32767) return Math.ceil((last + 1) / 10) * 10;
  }
  for (let number = denying - 1; number >= 1; number--) if (!taken.has(number)) return number;
  return undefined;
}

function traffic({ verdict }: Surroundings, { leg }: Hop, isIpv6: boolean): string {
  const { protocol, port, sourcePort } = verdict.probe;
  if (protocol === "icmp") {
    const [request, reply] = isIpv6 ? [128, 129] : [8, 0];
    const type = leg === "forward" ? request : reply;
    return `--protocol ${isIpv6 ? numbers.icmpv6 : numbers.icmp} --icmp-type-code Type=${type},Code=-1`;
  }
  // Replies go to the port that the client chose. AWS advises to open this range for them.
  const replies = sourcePort === undefined ? "From=1024,To=65535" : `From=${sourcePort},To=${sourcePort}`;
  const ports = leg === "forward" ? `From=${port},To=${port}` : replies;
  return `--protocol ${numbers[protocol]} --port-range ${ports}`;
}
