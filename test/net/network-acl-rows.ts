import type { Snapshot } from "../../src/net/types.ts";
import { acl, from, group, type Row, tcpTo } from "./rows.ts";
import { addInstance, addSubnet, entry, openAcl, ping, ping12, tcp } from "./sample.ts";

export const replies = (fromPort: number) => ({ protocol: "6", fromPort, toPort: 65535 });
export const web = (s: Snapshot) => group(s, 2).ingress.push(tcp(80, "0.0.0.0/0"));
export const networkAclRows: Row[] = [
  {
    name: "each of the four crossings is told",
    change: (s) => {
      for (const one of s.networkAcls) one.entries = [];
    },
    blockers: [
      "forward network-acl-egress acl-1",
      "forward network-acl-ingress acl-2",
      "return network-acl-egress acl-2",
      "return network-acl-ingress acl-1",
    ],
  },
  {
    name: "an ACL that lets requests in and no reply out",
    change: (s) => {
      acl(s, 2).entries = [
        entry(100, "ingress", "allow"),
        entry(100, "egress", "allow", { protocol: "1", icmpType: 8 }),
      ];
    },
    blockers: ["return network-acl-egress acl-2"],
  },
  {
    name: "TCP replies go to ephemeral ports: AWS's example range is enough",
    change: (s) => {
      web(s);
      acl(s, 2).entries = [entry(100, "ingress", "allow"), entry(100, "egress", "allow", replies(32768))];
    },
    probe: tcpTo("eni-2", 80),
  },
  {
    name: "only a part of the ephemeral ports",
    change: (s) => {
      web(s);
      acl(s, 2).entries = [entry(100, "ingress", "allow"), entry(100, "egress", "allow", replies(49152))];
    },
    probe: tcpTo("eni-2", 80),
    blockers: ["return network-acl-egress acl-2"],
  },
  {
    name: "a known source port needs no other",
    change: (s) => {
      web(s);
      acl(s, 2).entries = [entry(100, "ingress", "allow"), entry(100, "egress", "allow", replies(49152))];
    },
    probe: { ...tcpTo("eni-2", 80), sourcePort: 50000 },
  },
  {
    name: "within a subnet no ACL is met",
    change: (s) => {
      addInstance(s, 1, "near", "10.1.0.11");
      group(s, 1).ingress.push(ping("10.1.0.0/16"));
      acl(s, 1).entries = [];
    },
    probe: { ...ping12, to: from("eni-near") },
  },
  {
    name: "between two subnets of a VPC it is",
    change: (s) => {
      addSubnet(s, 1, "subnet-far", "10.1.1.0/24");
      addInstance(s, 1, "far", "10.1.1.10", "subnet-far");
      group(s, 1).ingress.push(ping("10.1.0.0/16"));
      s.networkAcls.push({
        id: "acl-far",
        vpc: "vpc-1",
        subnets: ["subnet-far"],
        entries: openAcl().slice(1),
      });
      acl(s, 1).subnets = ["subnet-1"];
    },
    probe: { ...ping12, to: from("eni-far") },
    blockers: ["forward network-acl-ingress acl-far"],
  },
];
