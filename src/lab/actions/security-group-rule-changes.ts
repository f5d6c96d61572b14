import {
  ModifySecurityGroupRules$,
  type ModifySecurityGroupRulesRequest,
  type SecurityGroup,
  type SecurityGroupRule,
  UpdateSecurityGroupRuleDescriptionsEgress$,
  UpdateSecurityGroupRuleDescriptionsIngress$,
  type UpdateSecurityGroupRuleDescriptionsIngressRequest,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { canonicalCidr } from "./cidr-parameter.ts";
import { rulesOf } from "./security-group-lookup.ts";
import {
  described,
  portsOf,
  type RuleBody,
  referenced,
  rulesOfPermissions,
  ruleText,
} from "./security-group-rule-input.ts";
import { groupOf, ruleNamed, rulesMeant } from "./security-group-rule-names.ts";

function describeRules(
  call: Call,
  input: UpdateSecurityGroupRuleDescriptionsIngressRequest,
  isEgress: boolean,
) {
  const group = groupOf(call, input);
  const named = (input.SecurityGroupRuleDescriptions ?? []).map((each) => ({
    rule: ruleNamed(call, group, each.SecurityGroupRuleId),
    note: described(each.Description),
  }));
  const permissions = input.IpPermissions ?? [];
  if (named.length === 0 && permissions.length === 0) {
    throw new Ec2Error("MissingParameter", "The request must contain the parameter ipPermissions");
  }
  const spelled = rulesOfPermissions(call, group, permissions, isEgress);
  const found = permissions.length > 0 ? rulesMeant(call, group, isEgress, input) : [];
  const notes = found.map((rule) => {
    const like = spelled.find((each) => ruleText(each) === ruleText(rule));
    return { rule, note: described(like?.Description) };
  });
  for (const { rule, note } of [...named, ...notes]) {
    delete rule.Description;
    Object.assign(rule, note);
  }
  return { Return: true };
}

function modified(
  call: Call,
  group: SecurityGroup,
  update: NonNullable<ModifySecurityGroupRulesRequest["SecurityGroupRules"]>[number],
): { rule: SecurityGroupRule; body: RuleBody } {
  const rule = ruleNamed(call, group, update.SecurityGroupRuleId);
  const wanted = update.SecurityGroupRule ?? {};
  const peers = [wanted.CidrIpv4, wanted.CidrIpv6, wanted.PrefixListId, wanted.ReferencedGroupId];
  if (peers.filter((peer) => peer !== undefined).length !== 1) {
    throw new Ec2Error(
      "InvalidParameterCombination",
      "Exactly one of cidrIpv4, cidrIpv6, prefixListId and referencedGroupId must be specified",
    );
  }
  if (wanted.PrefixListId !== undefined) {
    throw new Ec2Error(
      "InvalidPrefixListID.NotFound",
      `The prefix list ID '${wanted.PrefixListId}' does not exist`,
    );
  }
  const body: RuleBody = {
    IsEgress: rule.IsEgress,
    ...portsOf(wanted),
    ...(wanted.CidrIpv4 !== undefined && { CidrIpv4: canonicalCidr(wanted.CidrIpv4, 4) }),
    ...(wanted.CidrIpv6 !== undefined && { CidrIpv6: canonicalCidr(wanted.CidrIpv6, 6) }),
    ...(wanted.ReferencedGroupId !== undefined && {
      ReferencedGroupInfo: referenced(call, group, { GroupId: wanted.ReferencedGroupId }),
    }),
    ...described(wanted.Description),
  };
  const twin = rulesOf(call.tables, group.GroupId!).find(
    (each) => each !== rule && each.IsEgress === rule.IsEgress && ruleText(each) === ruleText(body),
  );
  if (twin) {
    throw new Ec2Error(
      "InvalidPermission.Duplicate",
      `the specified rule "${ruleText(body)}" already exists`,
    );
  }
  return { rule, body };
}

/** What changes a rule that is there, and keeps its id. */
export const securityGroupRuleChangeActions: Actions = {
  UpdateSecurityGroupRuleDescriptionsIngress: changes(
    UpdateSecurityGroupRuleDescriptionsIngress$,
    (input: UpdateSecurityGroupRuleDescriptionsIngressRequest, call) => describeRules(call, input, false),
  ),
  UpdateSecurityGroupRuleDescriptionsEgress: changes(
    UpdateSecurityGroupRuleDescriptionsEgress$,
    (input: UpdateSecurityGroupRuleDescriptionsIngressRequest, call) => describeRules(call, input, true),
  ),

  ModifySecurityGroupRules: changes(
    ModifySecurityGroupRules$,
    (input: ModifySecurityGroupRulesRequest, call) => {
      const group = find(call, "securityGroup", input.GroupId);
      const updates = (input.SecurityGroupRules ?? []).map((update) => modified(call, group, update));
      for (const { rule, body } of updates) {
        const { SecurityGroupRuleId, GroupId, GroupOwnerId, SecurityGroupRuleArn } = rule;
        call.tables.securityGroupRules.set(SecurityGroupRuleId!, {
          SecurityGroupRuleId,
          GroupId,
          GroupOwnerId,
          ...body,
          SecurityGroupRuleArn,
        });
      }
      return { Return: true };
    },
  ),
};
