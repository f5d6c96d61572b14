import type { SecurityGroup, SecurityGroupRule } from "@aws-sdk/client-ec2";
import type { Call } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { groupByName, rulesOf } from "./security-group-lookup.ts";
import { permissionsOfInput, portsOf, rulesOfPermissions, ruleText } from "./security-group-rule-input.ts";

/** The group that a request names, by id or, in the default VPC, by name. */
export const groupOf = (call: Call, input: { GroupId?: string; GroupName?: string }): SecurityGroup => {
  if (input.GroupId === undefined && input.GroupName === undefined) {
    throw new Ec2Error("MissingParameter", "The request must contain the parameter groupName or groupId");
  }
  return input.GroupId ? find(call, "securityGroup", input.GroupId) : groupByName(call, input.GroupName);
};

/** The group's rule with that id. */
export const ruleNamed = (call: Call, group: SecurityGroup, id: string | undefined): SecurityGroupRule => {
  const rule = find(call, "securityGroupRule", id);
  if (rule.GroupId !== group.GroupId) {
    throw new Ec2Error(
      "InvalidSecurityGroupRuleId.NotFound",
      `The security group rule ID '${id}' does not exist`,
    );
  }
  return rule;
};

/** The group's rules that a revoke or a description names, by id or by their permissions. */
export function rulesMeant(
  call: Call,
  group: SecurityGroup,
  isEgress: boolean,
  input: Parameters<typeof permissionsOfInput>[0] & { SecurityGroupRuleIds?: string[] },
): SecurityGroupRule[] {
  if (input.SecurityGroupRuleIds?.length) {
    return input.SecurityGroupRuleIds.map((id) => ruleNamed(call, group, id));
  }
  const own = rulesOf(call.tables, group.GroupId!).filter((rule) => rule.IsEgress === isEgress);
  const permissions = permissionsOfInput(input);
  return permissions
    .flatMap((permission) => textsOf(call, group, permission, isEgress))
    .map((text) => {
      const rule = own.find((each) => ruleText(each) === text);
      if (rule) return rule;
      throw new Ec2Error(
        "InvalidPermission.NotFound",
        "The specified rule does not exist in this security group.",
      );
    });
}

/** A rule may refer to a group that is gone (it is stale then); such a rule too can be named, to revoke it. */
function textsOf(
  call: Call,
  group: SecurityGroup,
  permission: Parameters<typeof rulesOfPermissions>[2][number],
  isEgress: boolean,
): string[] {
  const { UserIdGroupPairs = [], ...rest } = permission;
  const ports = portsOf(permission);
  const groups = UserIdGroupPairs.map((pair) =>
    ruleText({
      ...ports,
      ReferencedGroupInfo: { GroupId: pair.GroupId ?? groupByName(call, pair.GroupName).GroupId },
    }),
  );
  const hasMore = rest.IpRanges?.length || rest.Ipv6Ranges?.length || rest.PrefixListIds?.length;
  if (!hasMore && groups.length > 0) return groups;
  return [...rulesOfPermissions(call, group, [rest], isEgress).map(ruleText), ...groups];
}
