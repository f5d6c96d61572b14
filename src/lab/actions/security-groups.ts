import {
  CreateSecurityGroup$,
  type CreateSecurityGroupRequest,
  DeleteSecurityGroup$,
  type DeleteSecurityGroupRequest,
  DescribeSecurityGroups$,
  type DescribeSecurityGroupsRequest,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes, reads } from "../action.ts";
import { select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { putTags, specifiedTags, tagList } from "../tags.ts";
import { lag } from "../transition.ts";
import type { Tables, World } from "../world.ts";
import { securityGroupFields } from "./security-group-fields.ts";
import { groupByName, insertRule, rulesOf } from "./security-group-lookup.ts";
import { permissionsOf } from "./security-group-permissions.ts";
import { securityGroupReferenceActions } from "./security-group-references.ts";
import { securityGroupRuleActions } from "./security-group-rules.ts";

const description = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/;

/**
 * Makes the security group that every VPC starts with: all in from its own members, all out.
 * https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
 */
export function defaultSecurityGroup(call: Call, vpcId: string): SecurityGroup {
  const group = insert(call, vpcId, "default", "default VPC security group");
  const own = { GroupId: group.GroupId, UserId: call.account };
  insertRule(call, group, { IsEgress: false, IpProtocol: "-1", ReferencedGroupInfo: own });
  return group;
}

function insert(call: Call, VpcId: string, GroupName: string, Description: string): SecurityGroup {
  const GroupId = call.world.ids.make("sg");
  const group: SecurityGroup = {
    GroupId,
    GroupName,
    Description,
    VpcId,
    OwnerId: call.account,
    SecurityGroupArn: `arn:aws:ec2:${call.region}:${call.account}:security-group/${GroupId}`,
  };
  call.tables.securityGroups.set(GroupId, group);
  insertRule(call, group, { IsEgress: true, IpProtocol: "-1", CidrIpv4: "0.0.0.0/0" });
  return group;
}

/** Removes a group with its rules and tags; asks nothing. */
export function removeSecurityGroup(call: Call, groupId: string): void {
  const { tables } = call;
  for (const [id, rule] of tables.securityGroupRules) {
    if (rule.GroupId !== groupId) continue;
    tables.securityGroupRules.delete(id);
    tables.tags.delete(id);
  }
  tables.securityGroups.delete(groupId);
  tables.tags.delete(groupId);
}

/**
 * The group as DescribeSecurityGroups shows it, its rules put together as IpPermissions; without Tags.
 */
function securityGroupWithPermissions(world: World, tables: Tables, group: SecurityGroup): SecurityGroup {
  const rules = rulesOf(tables, group.GroupId!);
  return {
    ...group,
    IpPermissions: permissionsOf(
      world,
      rules.filter((rule) => !rule.IsEgress),
    ),
    IpPermissionsEgress: permissionsOf(
      world,
      rules.filter((rule) => rule.IsEgress),
    ),
  };
}

function vpcIdFor(call: Call, asked: string | undefined): string {
  if (asked !== undefined) return find(call, "vpc", asked).VpcId!;
  const vpc = [...call.tables.vpcs.values()].find((each) => each.IsDefault);
  if (!vpc) throw new Ec2Error("VPCIdNotSpecified", "No default VPC for this user");
  return vpc.VpcId!;
}

function checkName(call: Call, name: string, vpcId: string): void {
  if (name === "") throw new Ec2Error("MissingParameter", "The request must contain the parameter groupName");
  if (name.toLowerCase() === "default") {
    throw new Ec2Error("InvalidParameterValue", "Cannot use reserved security group name: default");
  }
  if (/^sg-/i.test(name)) {
    throw new Ec2Error(
      "InvalidParameterValue",
      `Value (${name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.`,
    );
  }
  if (!description.test(name)) {
    throw new Ec2Error(
      "InvalidParameterValue",
      `Value (${name}) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.`,
    );
  }
  const twin = [...call.tables.securityGroups.values()].find(
    (group) => group.VpcId === vpcId && group.GroupName === name,
  );
  if (twin) {
    throw new Ec2Error(
      "InvalidGroup.Duplicate",
      `The security group '${name}' already exists for VPC '${vpcId}'`,
    );
  }
}

/** A group with members, or that another group of its VPC refers to, stays; a peer VPC's rule just turns stale. */
function refuseIfInUse({ tables }: Call, { GroupId, VpcId }: SecurityGroup): void {
  const hasMember = [...tables.networkInterfaces.values()].some((eni) =>
    eni.Groups?.some((group) => group.GroupId === GroupId),
  );
  const isReferredTo = [...tables.securityGroupRules.values()].some(
    (rule) =>
      rule.GroupId !== GroupId &&
      rule.ReferencedGroupInfo?.GroupId === GroupId &&
      tables.securityGroups.get(rule.GroupId!)?.VpcId === VpcId,
  );
  if (hasMember || isReferredTo) {
    throw new Ec2Error("DependencyViolation", `resource ${GroupId} has a dependent object`);
  }
}

const shown = (call: Call, group: SecurityGroup): SecurityGroup => ({
  ...securityGroupWithPermissions(call.world, call.tables, group),
  Tags: tagList(call, group.GroupId!),
});

export const securityGroupActions: Actions = {
  ...securityGroupRuleActions,
  ...securityGroupReferenceActions,

  CreateSecurityGroup: changes(CreateSecurityGroup$, (input: CreateSecurityGroupRequest, call) => {
    const name = input.GroupName ?? "";
    const vpcId = vpcIdFor(call, input.VpcId);
    checkName(call, name, vpcId);
    if (!description.test(input.Description ?? "")) {
      throw new Ec2Error(
        "InvalidParameterValue",
        "Invalid security group description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
      );
    }
    const tags = specifiedTags(input.TagSpecifications, "securityGroup");
    const group = insert(call, vpcId, name, input.Description!);
    putTags(call, group.GroupId!, tags);
    lag(call, group.GroupId!);
    return {
      GroupId: group.GroupId,
      SecurityGroupArn: group.SecurityGroupArn,
      Tags: tagList(call, group.GroupId!),
    };
  }),

  DeleteSecurityGroup: changes(DeleteSecurityGroup$, (input: DeleteSecurityGroupRequest, call) => {
    const group = input.GroupId
      ? find(call, "securityGroup", input.GroupId)
      : groupByName(call, input.GroupName);
    if (group.GroupName === "default") {
      throw new Ec2Error(
        "CannotDelete",
        `the specified group: "${group.GroupId}" name: "default" cannot be deleted by a user`,
      );
    }
    refuseIfInUse(call, group);
    removeSecurityGroup(call, group.GroupId!);
    return { Return: true, GroupId: group.GroupId };
  }),

  DescribeSecurityGroups: reads(DescribeSecurityGroups$, (input: DescribeSecurityGroupsRequest, call) => {
    const named = (input.GroupNames ?? []).map((name) => groupByName(call, name).GroupId!);
    const { rows, nextToken } = select(
      call,
      "securityGroup",
      call.tables.securityGroups,
      {
        ids: [...(input.GroupIds ?? []), ...named],
        filters: input.Filters,
        maxResults: input.MaxResults,
        nextToken: input.NextToken,
      },
      securityGroupFields(call.tables),
    );
    return { SecurityGroups: rows.map(([, group]) => shown(call, group)), NextToken: nextToken };
  }),
};
