/** What both security group rules and network ACL entries say of a packet's protocol. */
export interface Traffic {
  protocol: string;
  fromPort?: number;
  toPort?: number;
  icmpType?: number;
  icmpCode?: number;
}

const numbers: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 };

/** The match in nftables' words, empty where anything matches; undefined where no IPv4 packet can. */
export function trafficMatch(traffic: Traffic): string | undefined {
  const { protocol, fromPort, toPort } = traffic;
  if (protocol === "-1") return "";
  const number = numbers[protocol.toLowerCase()] ?? Number(protocol);
  if (number === 58) return undefined;
  if (number === 1) return icmpMatch(traffic);
  if (number !== 6 && number !== 17) return `meta l4proto ${number}`;
  const name = number === 6 ? "tcp" : "udp";
  if (fromPort === undefined || toPort === undefined || fromPort === -1) return `meta l4proto ${name}`;
  return `${name} dport ${fromPort === toPort ? fromPort : `${fromPort}-${toPort}`}`;
}

function icmpMatch({ icmpType = -1, icmpCode = -1 }: Traffic): string {
  const parts = [
    icmpType === -1 ? "" : `icmp type ${icmpType}`,
    icmpCode === -1 ? "" : `icmp code ${icmpCode}`,
  ];
  return parts.filter(Boolean).join(" ") || "meta l4proto icmp";
}
