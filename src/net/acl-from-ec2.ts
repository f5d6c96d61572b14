import { cidr } from "./cidr.ts";
import { must } from "./ec2-rows.ts";
import type { Ec2NetworkAcl } from "./ec2-shapes.ts";
import type { NetworkAcl } from "./types.ts";

export function aclFrom(row: Ec2NetworkAcl): NetworkAcl {
  const entries = (row.Entries ?? []).map((entry): NetworkAcl["entries"][number] => ({
    number: must(entry.RuleNumber, "RuleNumber"),
    direction: entry.Egress ? "egress" : "ingress",
    action: must(entry.RuleAction, "RuleAction") === "allow" ? "allow" : "deny",
    protocol: must(entry.Protocol, "Protocol"),
    cidr: cidr(must(entry.CidrBlock ?? entry.Ipv6CidrBlock, "CidrBlock")).text,
    ...(entry.PortRange && { fromPort: entry.PortRange.From, toPort: entry.PortRange.To }),
    ...(entry.IcmpTypeCode && { icmpType: entry.IcmpTypeCode.Type, icmpCode: entry.IcmpTypeCode.Code }),
  }));
  return {
    id: must(row.NetworkAclId, "NetworkAclId"),
    vpc: must(row.VpcId, "VpcId"),
    subnets: (row.Associations ?? []).flatMap((association) => association.SubnetId ?? []),
    entries: entries.sort((a, b) => a.number - b.number),
  };
}
