import { Ec2Error } from "../error.ts";

/** The protocols that EC2 knows by name. https://www.iana.org/assignments/protocol-numbers */
const numbers: Readonly<Record<string, string>> = { tcp: "6", udp: "17", icmp: "1", icmpv6: "58", all: "-1" };
const names: Readonly<Record<string, string>> = { 6: "tcp", 17: "udp", 1: "icmp", 58: "icmpv6" };

/** A protocol as network ACLs show it: always its number as text, "-1" for all. */
export function protocolNumber(given: string): string {
  const number = numbers[given.toLowerCase()] ?? given;
  if (!/^(-1|\d{1,3})$/.test(number) || Number(number) > 255) {
    throw new Ec2Error(
      "InvalidParameterValue",
      `Invalid value '${given}' for IP protocol. Unknown protocol.`,
    );
  }
  return number;
}

/** A protocol as security groups show it: tcp, udp, icmp, icmpv6, else its number, "-1" for all. */
export function protocolName(given: string): string {
  const number = protocolNumber(given);
  return names[number] ?? number;
}
