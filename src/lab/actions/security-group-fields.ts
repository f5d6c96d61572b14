import type { SecurityGroup } from "@aws-sdk/client-ec2";
import type { FilterFields } from "../describe.ts";
import type { Tables } from "../world.ts";
import { rulesOf } from "./security-group-lookup.ts";

/** What DescribeSecurityGroups filters by. */
export function securityGroupFields(tables: Tables): FilterFields<SecurityGroup> {
  return {
    description: (group) => group.Description,
    "group-id": (group) => group.GroupId,
    "group-name": (group) => group.GroupName,
    "owner-id": (group) => group.OwnerId,
    "vpc-id": (group) => group.VpcId,
    ...ruleFields(tables, "ip-permission.", false),
    ...ruleFields(tables, "egress.ip-permission.", true),
  };
}

/** Filters over the rules of one direction; `ip-permission.` and `egress.ip-permission.` have the same names. */
function ruleFields(tables: Tables, prefix: string, egress: boolean) {
  const rules = (group: SecurityGroup) =>
    rulesOf(tables, group.GroupId!).filter((rule) => rule.IsEgress === egress);
  return {
    [`${prefix}cidr`]: (group: SecurityGroup) => rules(group).map((rule) => rule.CidrIpv4),
    [`${prefix}ipv6-cidr`]: (group: SecurityGroup) => rules(group).map((rule) => rule.CidrIpv6),
    [`${prefix}from-port`]: (group: SecurityGroup) => rules(group).map((rule) => rule.FromPort?.toString()),
    [`${prefix}to-port`]: (group: SecurityGroup) => rules(group).map((rule) => rule.ToPort?.toString()),
    [`${prefix}group-id`]: (group: SecurityGroup) =>
      rules(group).map((rule) => rule.ReferencedGroupInfo?.GroupId),
    [`${prefix}prefix-list-id`]: (group: SecurityGroup) => rules(group).map((rule) => rule.PrefixListId),
    [`${prefix}protocol`]: (group: SecurityGroup) => rules(group).map((rule) => rule.IpProtocol),
    [`${prefix}user-id`]: (group: SecurityGroup) =>
      rules(group).map((rule) => rule.ReferencedGroupInfo?.UserId),
  };
}
