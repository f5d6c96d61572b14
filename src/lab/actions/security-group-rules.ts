import {
  AuthorizeSecurityGroupEgress$,
  AuthorizeSecurityGroupIngress$,
  type AuthorizeSecurityGroupIngressRequest,
  DescribeSecurityGroupRules$,
  type DescribeSecurityGroupRulesRequest,
  ModifySecurityGroupRules$,
  type ModifySecurityGroupRulesRequest,
  RevokeSecurityGroupEgress$,
  RevokeSecurityGroupIngress$,
  type RevokeSecurityGroupIngressRequest,
  type SecurityGroup,
  type SecurityGroupRule,
  UpdateSecurityGroupRuleDescriptionsEgress$,
  UpdateSecurityGroupRuleDescriptionsIngress$,
  type UpdateSecurityGroupRuleDescriptionsIngressRequest,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes, reads } from "../action.ts";
import { select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { quota } from "../quotas.ts";
import { putTags, specifiedTags, tagList } from "../tags.ts";
import { canonicalCidr } from "./cidr-parameter.ts";
import { groupByName, insertRule, rulesOf } from "./security-group-lookup.ts";
import { groupPair } from "./security-group-permissions.ts";
import {
  described,
  permissionsOfInput,
  portsOf,
  type RuleBody,
  referenced,
  rulesOfPermissions,
  ruleText,
} from "./security-group-rule-input.ts";

const groupOf = (call: Call, input: { GroupId?: string; GroupName?: string }): SecurityGroup => {
  if (input.GroupId === undefined && input.GroupName === undefined) {
    throw new Ec2Error("MissingParameter", "The request must contain the parameter groupName or groupId");
  }
  return input.GroupId ? find(call, "securityGroup", input.GroupId) : groupByName(call, input.GroupName);
};

/** The rule as the API shows it: with its tags, and a referred group's peering as it is now. */
function shown(call: Call, rule: SecurityGroupRule): SecurityGroupRule {
  const info = rule.ReferencedGroupInfo && { ReferencedGroupInfo: groupPair(call.world, rule) };
  return { ...rule, ...info, Tags: tagList(call, rule.SecurityGroupRuleId!) };
}

const ruleNamed = (call: Call, group: SecurityGroup, id: string | undefined): SecurityGroupRule => {
  const rule = find(call, "securityGroupRule", id);
  if (rule.GroupId !== group.GroupId) {
    throw new Ec2Error(
      "InvalidSecurityGroupRuleId.NotFound",
      `The security group rule ID '${id}' does not exist`,
    );
  }
  return rule;
};

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

/** The group's rules that a revoke or a description names, by id or by their permissions. */
function rulesMeant(
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

export const securityGroupRuleActions: Actions = {
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
