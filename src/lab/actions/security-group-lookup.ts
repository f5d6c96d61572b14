import type { SecurityGroup, SecurityGroupRule } from "@aws-sdk/client-ec2";
import type { Call } from "../action.ts";
import { Ec2Error } from "../error.ts";
import type { Tables, World } from "../world.ts";

/** The group's rules, in the order in which they were made. */
export function rulesOf(tables: Tables, groupId: string): SecurityGroupRule[] {
  return [...tables.securityGroupRules.values()].filter((rule) => rule.GroupId === groupId);
}

/** The group of that name in the default VPC: only there do names stand for groups. */
export function groupByName(call: Call, name: string | undefined): SecurityGroup {
  const { tables } = call;
  const group = [...tables.securityGroups.values()].find(
    (each) => each.GroupName === name && tables.vpcs.get(each.VpcId!)?.IsDefault,
  );
  if (group) return group;
  const vpc = [...tables.vpcs.values()].find((each) => each.IsDefault);
  throw vpc
    ? new Ec2Error(
        "InvalidGroup.NotFound",
        `The security group '${name}' does not exist in default VPC '${vpc.VpcId}'`,
      )
    : new Ec2Error(
        "VPCIdNotSpecified",
        "No default VPC for this user. GroupName is only supported for default VPC.",
      );
}

/** A group of any account and Region, with whose it is; undefined where there is none (any more). */
export function groupAnywhere(
  world: World,
  groupId: string,
): { group: SecurityGroup; tables: Tables } | undefined {
  for (const tables of world.tables.values()) {
    const group = tables.securityGroups.get(groupId);
    if (group) return { group, tables };
  }
  return undefined;
}

/** Writes a rule down under a new id. EC2 shows -1 for ports that the protocol does not have. */
export function insertRule(
  call: Call,
  group: SecurityGroup,
  rule: Omit<SecurityGroupRule, "SecurityGroupRuleId" | "GroupId" | "GroupOwnerId">,
): SecurityGroupRule {
  const id = call.world.ids.make("sgr");
  const row: SecurityGroupRule = {
    SecurityGroupRuleId: id,
    GroupId: group.GroupId,
    GroupOwnerId: call.account,
    FromPort: -1,
    ToPort: -1,
    ...rule,
    SecurityGroupRuleArn: `arn:aws:ec2:${call.region}:${call.account}:security-group-rule/${id}`,
  };
  call.tables.securityGroupRules.set(id, row);
  return row;
}
