/** Protocols by IANA number, for the four that EC2 also writes by name. */
const byNumber: Readonly<Record<string, string>> = { "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6" };

/** One spelling for a rule's protocol: security groups say "tcp", network ACLs say "6" for the same; "-1" is all. */
export function protocolName(protocol: string): string {
  return byNumber[protocol] ?? protocol.toLowerCase();
}

/** Whether an ICMP type or code of a rule takes this one; -1 and absent take any. */
export function icmpMatches(wanted: number | undefined, found: number): boolean {
  return wanted === undefined || wanted === -1 || wanted === found;
}
