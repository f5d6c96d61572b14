import {
  AuthorizeSecurityGroupEgress$,
  AuthorizeSecurityGroupIngress$,
  type AuthorizeSecurityGroupIngressRequest,
  DescribeSecurityGroupRules$,
  type DescribeSecurityGroupRulesRequest,
  RevokeSecurityGroupEgress$,
  RevokeSecurityGroupIngress$,
  type RevokeSecurityGroupIngressRequest,
  type SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes, reads } from "../action.ts";
import { select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { quota } from "../quotas.ts";
import { putTags, specifiedTags, tagList } from "../tags.ts";
import { insertRule, rulesOf } from "./security-group-lookup.ts";
import { groupPair } from "./security-group-permissions.ts";
import { securityGroupRuleChangeActions } from "./security-group-rule-changes.ts";
import { permissionsOfInput, rulesOfPermissions, ruleText } from "./security-group-rule-input.ts";
import { groupOf, rulesMeant } from "./security-group-rule-names.ts";

/** The rule as the API shows it: with its tags, and a referred group's peering as it is now. */
function shown(call: Call, rule: SecurityGroupRule): SecurityGroupRule {
  const info = rule.ReferencedGroupInfo && { ReferencedGroupInfo: groupPair(call.world, rule) };
  return { ...rule, ...info, Tags: tagList(call, rule.SecurityGroupRuleId!) };
}

function authorize(call: Call, input: AuthorizeSecurityGroupIngressRequest, isEgress: boolean) {
  const group = groupOf(call, input);
  const wanted = rulesOfPermissions(call, group, permissionsOfInput(input), isEgress);
  const tags = specifiedTags(input.TagSpecifications, "securityGroupRule");
  const existing = rulesOf(call.tables, group.GroupId!).filter((rule) => rule.IsEgress === isEgress);
  const texts = new Set(existing.map(ruleText));
  const twin = wanted.map(ruleText).find((text) => texts.has(text));
  if (twin !== undefined) {
    throw new Ec2Error("InvalidPermission.Duplicate", `the specified rule "${twin}" already exists`);
  }
  if (new Set(wanted.map(ruleText)).size < wanted.length) {
    throw new Ec2Error("InvalidParameterValue", "The same permission must not appear multiple times");
  }
  // The quota holds for IPv4 and IPv6 rules apart; a group or prefix list counts to both.
  const most = quota(call.world, "rulesPerSecurityGroup");
  const all = [...existing, ...wanted];
  const [v4, v6] = [all.filter((rule) => !rule.CidrIpv6), all.filter((rule) => !rule.CidrIpv4)];
  if (v4.length > most || v6.length > most) {
    throw new Ec2Error(
      "RulesPerSecurityGroupLimitExceeded",
      "The maximum number of rules per security group has been reached.",
    );
  }
  const made = wanted.map((rule) => insertRule(call, group, rule));
  for (const rule of made) putTags(call, rule.SecurityGroupRuleId!, tags);
  return { Return: true, SecurityGroupRules: made.map((rule) => shown(call, rule)) };
}

function revoke(call: Call, input: RevokeSecurityGroupIngressRequest, isEgress: boolean) {
  const group = groupOf(call, input);
  const gone = rulesMeant(call, group, isEgress, input);
  for (const { SecurityGroupRuleId } of gone) {
    call.tables.securityGroupRules.delete(SecurityGroupRuleId!);
    call.tables.tags.delete(SecurityGroupRuleId!);
  }
  const revoked = gone.map(({ ReferencedGroupInfo, ...rule }) => ({
    ...rule,
    ...(ReferencedGroupInfo && { ReferencedGroupId: ReferencedGroupInfo.GroupId }),
  }));
  return { Return: true, UnknownIpPermissions: [], RevokedSecurityGroupRules: revoked };
}

export const securityGroupRuleActions: Actions = {
  ...securityGroupRuleChangeActions,

  AuthorizeSecurityGroupIngress: changes(
    AuthorizeSecurityGroupIngress$,
    (input: AuthorizeSecurityGroupIngressRequest, call) => authorize(call, input, false),
  ),
  AuthorizeSecurityGroupEgress: changes(
    AuthorizeSecurityGroupEgress$,
    (input: AuthorizeSecurityGroupIngressRequest, call) => authorize(call, input, true),
  ),
  RevokeSecurityGroupIngress: changes(
    RevokeSecurityGroupIngress$,
    (input: RevokeSecurityGroupIngressRequest, call) => revoke(call, input, false),
  ),
  RevokeSecurityGroupEgress: changes(
    RevokeSecurityGroupEgress$,
    (input: RevokeSecurityGroupIngressRequest, call) => revoke(call, input, true),
  ),
  DescribeSecurityGroupRules: reads(
    DescribeSecurityGroupRules$,
    (input: DescribeSecurityGroupRulesRequest, call) => {
      const { rows, nextToken } = select(
        call,
        "securityGroupRule",
        call.tables.securityGroupRules,
        {
          ids: input.SecurityGroupRuleIds,
          filters: input.Filters,
          maxResults: input.MaxResults,
          nextToken: input.NextToken,
        },
        {
          "group-id": (rule) => rule.GroupId,
          "security-group-rule-id": (rule) => rule.SecurityGroupRuleId,
        },
      );
      return { SecurityGroupRules: rows.map(([, rule]) => shown(call, rule)), NextToken: nextToken };
    },
  ),
};
