import { describe, expect, it } from "vitest";
import { address } from "../../src/net/cidr.ts";
import type { Packet } from "../../src/net/packet.ts";
import { allowingRule, compileGroup } from "../../src/net/security-groups.ts";
import type { SecurityGroupRule } from "../../src/net/types.ts";
import { all, ping, tcp } from "./sample.ts";

const ends = { source: address("10.1.0.10"), destination: address("10.2.0.10") };
const echo: Packet = { ...ends, protocol: "icmp", icmp: { type: 8, code: 0 } };
const ssh: Packet = { ...ends, protocol: "tcp", ports: [22, 22] };
const lists = new Map([["pl-1", { id: "pl-1", cidrs: ["192.0.2.0/24", "10.1.0.0/16"] }]]);
const anywhere = { kind: "cidr", cidr: "0.0.0.0/0" } as const;
const fromGroup: SecurityGroupRule = { protocol: "-1", peer: { kind: "group", id: "sg-other" } };

describe("allowingRule", () => {
  const rows: {
    name: string;
    rules: SecurityGroupRule[];
    packet: Packet;
    groups?: string[];
    rule?: string;
  }[] = [
    { name: "no rule", rules: [], packet: echo },
    { name: "all traffic", rules: [all("10.1.0.0/16")], packet: echo, rule: "all traffic from 10.1.0.0/16" },
    { name: "another source", rules: [all("10.9.0.0/16")], packet: echo },
    {
      name: "echo requests",
      rules: [ping("10.1.0.0/16")],
      packet: echo,
      rule: "icmp type 8 from 10.1.0.0/16",
    },
    {
      name: "all ICMP",
      rules: [{ protocol: "icmp", fromPort: -1, toPort: -1, peer: anywhere }],
      packet: echo,
      rule: "icmp from 0.0.0.0/0",
    },
    {
      name: "echo replies only",
      rules: [{ protocol: "icmp", fromPort: 0, toPort: -1, peer: anywhere }],
      packet: echo,
    },
    {
      name: "another code",
      rules: [{ protocol: "icmp", fromPort: 8, toPort: 1, peer: anywhere }],
      packet: echo,
    },
    {
      name: "a number for the protocol",
      rules: [{ protocol: "6", peer: anywhere }],
      packet: ssh,
      rule: "tcp from 0.0.0.0/0",
    },
    { name: "the port", rules: [tcp(22, "10.1.0.0/16")], packet: ssh, rule: "tcp port 22 from 10.1.0.0/16" },
    { name: "another port", rules: [tcp(23, "10.1.0.0/16")], packet: ssh },
    {
      name: "a range of ports",
      rules: [{ id: "sgr-1", protocol: "tcp", fromPort: 20, toPort: 30, peer: anywhere }],
      packet: ssh,
      rule: "sgr-1 tcp ports 20-30 from 0.0.0.0/0",
    },
    { name: "ICMP is not TCP", rules: [ping("10.1.0.0/16")], packet: ssh },
    {
      name: "a prefix list",
      rules: [{ protocol: "-1", peer: { kind: "prefix-list", id: "pl-1" } }],
      packet: ssh,
      rule: "all traffic from pl-1",
    },
    {
      name: "an unknown prefix list",
      rules: [{ protocol: "-1", peer: { kind: "prefix-list", id: "pl-2" } }],
      packet: ssh,
    },
    {
      name: "a group at the other end",
      rules: [fromGroup],
      packet: ssh,
      groups: ["sg-other"],
      rule: "all traffic from sg-other",
    },
    { name: "a group that is not there", rules: [fromGroup], packet: ssh, groups: ["sg-third"] },
    { name: "IPv6 ranges are not for IPv4", rules: [all("::/0")], packet: ssh },
  ];
  it.each(rows)("$name", ({ rules, packet, groups = [], rule }) => {
    const group = compileGroup({ id: "sg-1", vpc: "vpc-1", ingress: rules, egress: [] }, lists);
    const found = allowingRule([group], "ingress", packet, () => groups);
    expect(found).toEqual(rule && { group: "sg-1", rule });
  });

  it("counts the rules of all groups together, and says which group allowed", () => {
    const closed = compileGroup({ id: "sg-1", vpc: "vpc-1", ingress: [], egress: [] }, lists);
    const open = compileGroup({ id: "sg-2", vpc: "vpc-1", ingress: [], egress: [all("10.2.0.0/16")] }, lists);
    expect(allowingRule([closed, open], "egress", ssh, () => [])).toEqual({
      group: "sg-2",
      rule: "all traffic to 10.2.0.0/16",
    });
  });
});
