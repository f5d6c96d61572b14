import { describe, expect, it } from "vitest";
import { address } from "../../src/net/cidr.ts";
import { compileAcl, decideAcl } from "../../src/net/network-acls.ts";
import { linuxClient, type Packet } from "../../src/net/packet.ts";
import type { NetworkAclEntry } from "../../src/net/types.ts";
import { entry, openAcl } from "./sample.ts";

const from = { source: address("10.1.0.10"), destination: address("10.2.0.10") };
const ssh: Packet = { ...from, protocol: "tcp", ports: [22, 22] };
const echo: Packet = { ...from, protocol: "icmp", icmp: { type: 8, code: 0 } };
const answer: Packet = { ...from, protocol: "tcp", ports: linuxClient };
const six: Packet = {
  source: address("2001:db8::1"),
  destination: address("2001:db8::2"),
  protocol: "icmpv6",
  icmp: { type: 128, code: 0 },
};
const ports = (fromPort: number, toPort: number) => ({ protocol: "6", fromPort, toPort });

describe("decideAcl", () => {
  const rows: { name: string; entries: NetworkAclEntry[]; packet: Packet; rule?: string; shut?: number[] }[] =
    [
      {
        name: "the default ACL allows",
        entries: openAcl(),
        packet: ssh,
        rule: "rule 100 allow all traffic from 0.0.0.0/0",
      },
      { name: "no entry denies", entries: [], packet: echo },
      {
        name: "the lowest number decides, whatever the order",
        entries: [entry(200, "ingress", "allow"), entry(90, "ingress", "deny", ports(22, 22))],
        packet: ssh,
        rule: "rule 90 deny tcp port 22 from 0.0.0.0/0",
        shut: [22, 22],
      },
      {
        name: "the other direction's entries do not count",
        entries: [entry(90, "egress", "deny"), entry(100, "ingress", "allow")],
        packet: ssh,
        rule: "rule 100 allow all traffic from 0.0.0.0/0",
      },
      {
        name: "ingress looks at the source",
        entries: [
          entry(90, "ingress", "deny", { cidr: "10.2.0.0/16" }),
          entry(100, "ingress", "allow", { cidr: "10.1.0.0/16" }),
        ],
        packet: ssh,
        rule: "rule 100 allow all traffic from 10.1.0.0/16",
      },
      { name: "IPv4's rules are not for IPv6", entries: openAcl(), packet: six },
      {
        name: "ICMPv6",
        entries: [
          entry(101, "ingress", "allow", { cidr: "::/0", protocol: "58", icmpType: -1, icmpCode: -1 }),
        ],
        packet: six,
        rule: "rule 101 allow icmpv6 from ::/0",
      },
      {
        name: "the ICMP type and code",
        entries: [entry(100, "ingress", "allow", { protocol: "1", icmpType: 8, icmpCode: -1 })],
        packet: echo,
        rule: "rule 100 allow icmp type 8 from 0.0.0.0/0",
      },
      {
        name: "another ICMP type",
        entries: [entry(100, "ingress", "allow", { protocol: "1", icmpType: 0, icmpCode: -1 })],
        packet: echo,
      },
      {
        name: "another protocol",
        entries: [entry(100, "ingress", "allow", { protocol: "17" })],
        packet: ssh,
        shut: [22, 22],
      },
      {
        name: "AWS's own example for replies lets Linux through",
        entries: [entry(140, "ingress", "allow", ports(32768, 65535))],
        packet: answer,
        rule: "rule 140 allow tcp ports 32768-65535 from 0.0.0.0/0",
      },
      {
        name: "two entries together cover the range",
        entries: [
          entry(100, "ingress", "allow", ports(1024, 40000)),
          entry(110, "ingress", "allow", ports(40001, 65535)),
        ],
        packet: answer,
        rule: "rule 100 allow tcp ports 1024-40000 from 0.0.0.0/0",
      },
      {
        name: "a part without a rule is named",
        entries: [entry(100, "ingress", "allow", ports(49152, 65535))],
        packet: answer,
        shut: [32768, 49151],
      },
      {
        name: "a hole in the range denies",
        entries: [entry(90, "ingress", "deny", ports(40000, 40010)), entry(100, "ingress", "allow")],
        packet: answer,
        rule: "rule 90 deny tcp ports 40000-40010 from 0.0.0.0/0",
        shut: [40000, 40010],
      },
      {
        name: "a deny of what is allowed before does not count",
        entries: [entry(90, "ingress", "allow", ports(0, 65535)), entry(100, "ingress", "deny")],
        packet: answer,
        rule: "rule 90 allow tcp ports 0-65535 from 0.0.0.0/0",
      },
    ];
  it.each(rows)("$name", ({ entries, packet, rule, shut }) => {
    const pass = rule?.includes("allow") ?? false;
    const decision = decideAcl(
      compileAcl({ id: "acl-1", vpc: "vpc-1", subnets: [], entries }),
      "ingress",
      packet,
    );
    expect(decision).toEqual({ pass, ...(rule && { rule }), ...(shut && { ports: shut }) });
  });

  it("calls the implicit last rule by its asterisk", () => {
    const acl = compileAcl({
      id: "acl-1",
      vpc: "vpc-1",
      subnets: [],
      entries: [entry(32767, "egress", "deny")],
    });
    expect(decideAcl(acl, "egress", echo).rule).toBe("rule * deny all traffic to 0.0.0.0/0");
  });
});
