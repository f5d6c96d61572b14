import { protocolName } from "../../../net/protocol.ts";

/** What both security group rules and network ACL entries say of a packet's protocol. */
export interface Traffic {
  protocol: string;
  fromPort?: number;
  toPort?: number;
  icmpType?: number;
  icmpCode?: number;
}

/** The match in nftables' words, empty where anything matches; undefined where no IPv4 packet can. */
export function trafficMatch(traffic: Traffic): string | undefined {
  const { protocol, fromPort, toPort } = traffic;
  const name = protocolName(protocol);
  switch (name) {
    case "-1":
      return "";
    case "icmpv6":
      return undefined;
    case "icmp":
      return icmpMatch(traffic);
    case "tcp":
    case "udp":
      if (fromPort === undefined || toPort === undefined || fromPort === -1) return `meta l4proto ${name}`;
      return `${name} dport ${fromPort === toPort ? fromPort : `${fromPort}-${toPort}`}`;
    default:
      return `meta l4proto ${name}`;
  }
}

function icmpMatch({ icmpType = -1, icmpCode = -1 }: Traffic): string {
  const parts = [
    icmpType === -1 ? "" : `icmp type ${icmpType}`,
    icmpCode === -1 ? "" : `icmp code ${icmpCode}`,
  ];
  return parts.filter(Boolean).join(" ") || "meta l4proto icmp";
}
