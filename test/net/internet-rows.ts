import type { Probe } from "../../src/net/types.ts";
import { acl, eni, from, gateway, group, internet, publicIp, type Row, table } from "./rows.ts";
import { addInstance, addSubnet, entry, find, ping, ping12, route, ssh1, unroute } from "./sample.ts";

const out = (address = "192.0.2.80"): Probe => ({
  from: from("eni-1"),
  to: internet(address),
  protocol: "tcp",
  port: 443,
});
export const internetRows: Row[] = [
  { name: "SSH from the caller", probe: ssh1 },
  {
    name: "the tutorial's first failure: no public address",
    change: (s) => publicIp(s, 1, undefined),
    probe: ssh1,
    blockers: ["forward no-public-address eni-1"],
  },
  {
    name: "SSH from elsewhere",
    probe: { ...ssh1, from: internet("192.0.2.1") },
    blockers: ["forward security-group-ingress sg-1"],
  },
  { name: "by the public address itself", probe: { ...ssh1, to: internet("203.0.113.10") } },
  {
    name: "by the private address it means the public one",
    probe: { ...ssh1, to: from("eni-1", "10.1.0.10") },
  },
  {
    name: "no default route: the answer is lost",
    change: (s) => unroute(s, 1, "0.0.0.0/0"),
    probe: ssh1,
    blockers: ["return no-route rtb-1"],
  },
  {
    name: "a detached gateway leaves a blackhole",
    change: (s) => {
      delete gateway(s, 1).vpc;
      for (const each of table(s, 1).routes) if (each.target.id === "igw-1") each.state = "blackhole";
    },
    probe: ssh1,
    blockers: ["forward no-internet-gateway vpc-1", "return route-blackhole rtb-1"],
  },
  {
    name: "Block Public Access, of the VPC",
    change: (s) => {
      find(s.vpcs, "vpc-1").internetGatewayBlock = "block-ingress";
    },
    probe: out(),
    blockers: ["forward block-public-access vpc-1"],
  },
  {
    name: "a subnet excluded from Block Public Access",
    change: (s) => {
      find(s.vpcs, "vpc-1").internetGatewayBlock = "block-bidirectional";
      find(s.subnets, "subnet-1").internetGatewayBlock = "off";
    },
    probe: ssh1,
  },
  { name: "out, translated one to one", probe: out() },
  {
    name: "out, with everything missing",
    change: (s) => {
      publicIp(s, 1, undefined);
      s.internetGateways = [];
      unroute(s, 1, "0.0.0.0/0");
    },
    probe: out(),
    blockers: [
      "forward no-route rtb-1",
      "forward no-internet-gateway vpc-1",
      "forward no-public-address eni-1",
    ],
  },
  {
    name: "out by a gateway of another VPC",
    change: (s) => {
      unroute(s, 1, "0.0.0.0/0");
      route(s, 1, "0.0.0.0/0", "internet-gateway", "igw-2");
    },
    probe: out(),
    blockers: ["forward no-internet-gateway igw-2"],
  },
  {
    name: "a NAT gateway is not looked into",
    change: (s) => {
      unroute(s, 1, "0.0.0.0/0");
      route(s, 1, "0.0.0.0/0", "other", "nat-1");
    },
    probe: out(),
    blockers: ["forward route-elsewhere rtb-1"],
  },
  {
    name: "no edge to edge routing: the peer's gateway is not ours",
    change: (s) => {
      unroute(s, 1, "0.0.0.0/0");
      route(s, 1, "0.0.0.0/0", "peering", "pcx-12");
    },
    probe: out(),
    blockers: ["forward peering-not-transitive pcx-12"],
  },
  {
    name: "an ACL that lets no reply in",
    change: (s) => {
      acl(s, 1).entries = [
        entry(100, "egress", "allow"),
        entry(100, "ingress", "allow", { protocol: "6", fromPort: 22, toPort: 22 }),
      ];
    },
    probe: out(),
    blockers: ["return network-acl-ingress acl-1"],
  },
  {
    name: "a private address outside every VPC does not go by the gateway",
    probe: out("10.99.0.1"),
    blockers: ["forward no-route rtb-1"],
  },
  {
    name: "to another instance's public address, by both gateways, as from the public address",
    change: (s) => {
      publicIp(s, 2, "203.0.113.20");
      group(s, 2).ingress = [ping("203.0.113.10/32")];
    },
    probe: { ...ping12, to: from("eni-2", "203.0.113.20") },
  },
  {
    name: "there the private source, and its group, are not seen",
    change: (s) => {
      publicIp(s, 2, "203.0.113.20");
      group(s, 2).ingress.push({ protocol: "-1", peer: { kind: "group", id: "sg-1" } });
    },
    probe: { ...ping12, to: internet("203.0.113.20") },
    blockers: ["forward security-group-ingress sg-2"],
  },
  {
    name: "to a public address without having one",
    change: (s) => {
      publicIp(s, 1, undefined);
      publicIp(s, 2, "203.0.113.20");
    },
    probe: { ...ping12, to: from("eni-2", "203.0.113.20") },
    blockers: ["forward no-public-address eni-1"],
  },
  {
    name: "within a subnet, by the public address: out and in again, so the ACL counts",
    change: (s) => {
      addInstance(s, 1, "near", "10.1.0.11");
      const own = eni(s, "near").addresses[0];
      if (own) own.public = "203.0.113.11";
      group(s, 1).ingress.push(ping("203.0.113.10/32"));
      acl(s, 1).entries = [];
    },
    probe: { ...ping12, to: from("eni-near", "203.0.113.11") },
    blockers: [
      "forward network-acl-egress acl-1",
      "forward network-acl-ingress acl-1",
      "return network-acl-egress acl-1",
      "return network-acl-ingress acl-1",
    ],
  },
  {
    name: "to one's own public address: out and in again, as from that address",
    change: (s) => group(s, 1).ingress.push(ping("203.0.113.10/32")),
    probe: { ...ping12, to: internet("203.0.113.10") },
  },
  {
    name: "and so no rule that names the group itself lets it in",
    change: (s) => group(s, 1).ingress.push({ protocol: "-1", peer: { kind: "group", id: "sg-1" } }),
    probe: { ...ping12, to: internet("203.0.113.10") },
    blockers: ["forward security-group-ingress sg-1"],
  },
  {
    name: "the public address of a secondary private one",
    change: (s) => eni(s, 1).addresses.push({ private: "10.1.0.12", public: "203.0.113.13" }),
    probe: { ...ssh1, to: internet("203.0.113.13") },
  },
  {
    name: "a secondary private address without a public one, though the first has one",
    change: (s) => eni(s, 1).addresses.push({ private: "10.1.0.12" }),
    probe: { ...out(), from: from("eni-1", "10.1.0.12") },
    blockers: ["forward no-public-address eni-1"],
  },
  {
    name: "a VPC of public addresses: the internet's own host of that address is not there any more",
    change: (s) => {
      find(s.vpcs, "vpc-1").cidrs.push("192.0.2.0/24");
      route(s, 1, "192.0.2.0/24", "local", "local");
    },
    probe: out(),
    blockers: ["forward address-unknown vpc-1"],
  },
  {
    name: "a peer of public addresses, and no route to it: they are the internet's",
    change: (s) => {
      find(s.vpcs, "vpc-2").cidrs.push("192.0.2.0/24");
      addSubnet(s, 2, "subnet-public", "192.0.2.0/24");
      addInstance(s, 2, "public", "192.0.2.80", "subnet-public");
    },
    probe: out(),
  },
];
