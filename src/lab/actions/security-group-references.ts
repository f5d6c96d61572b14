import {
  DescribeSecurityGroupReferences$,
  type DescribeSecurityGroupReferencesRequest,
  DescribeStaleSecurityGroups$,
  type DescribeStaleSecurityGroupsRequest,
  type SecurityGroupReference,
  type SecurityGroupRule,
  type StaleSecurityGroup,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, reads } from "../action.ts";
import { page } from "../describe.ts";
import { find } from "../kinds.ts";
import { groupAnywhere, rulesOf } from "./security-group-lookup.ts";
import { permissionsOf } from "./security-group-permissions.ts";

/** The VPCs on the other side of a peering whose groups have rules that refer to this group; each once. */
function referencesTo(call: Call, groupId: string): SecurityGroupReference[] {
  const references = new Map<string, SecurityGroupReference>();
  for (const tables of call.world.tables.values()) {
    for (const { GroupId, ReferencedGroupInfo: info } of tables.securityGroupRules.values()) {
      if (info?.GroupId !== groupId || !info.VpcPeeringConnectionId) continue;
      const ReferencingVpcId = tables.securityGroups.get(GroupId!)?.VpcId;
      const { VpcPeeringConnectionId } = info;
      references.set(`${ReferencingVpcId} ${VpcPeeringConnectionId}`, {
        GroupId: groupId,
        ReferencingVpcId,
        VpcPeeringConnectionId,
      });
    }
  }
  return [...references.values()];
}

/** A rule is stale once the group that it refers to in a peer VPC, or the peering, is gone. */
function isStale(call: Call, { ReferencedGroupInfo: info }: SecurityGroupRule): boolean {
  if (!info?.VpcPeeringConnectionId) return false;
  const status = call.world.peerings.get(info.VpcPeeringConnectionId)?.Status?.Code;
  return status !== "active" || !groupAnywhere(call.world, info.GroupId!);
}

function stalePermissions(call: Call, rules: SecurityGroupRule[]) {
  return permissionsOf(call.world, rules).map(({ IpProtocol, FromPort, ToPort, UserIdGroupPairs }) => ({
    IpProtocol,
    FromPort,
    ToPort,
    UserIdGroupPairs,
  }));
}

/** https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html */
export const securityGroupReferenceActions: Actions = {
  DescribeSecurityGroupReferences: reads(
    DescribeSecurityGroupReferences$,
    (input: DescribeSecurityGroupReferencesRequest, call) => {
      const groups = (input.GroupId ?? []).map((id) => find(call, "securityGroup", id).GroupId!);
      return { SecurityGroupReferenceSet: groups.flatMap((id) => referencesTo(call, id)) };
    },
  ),

  DescribeStaleSecurityGroups: reads(
    DescribeStaleSecurityGroups$,
    (input: DescribeStaleSecurityGroupsRequest, call) => {
      const { VpcId } = find(call, "vpc", input.VpcId);
      const groups = [...call.tables.securityGroups.values()].filter((group) => group.VpcId === VpcId);
      const stale = groups.flatMap((group): StaleSecurityGroup[] => {
        const rules = rulesOf(call.tables, group.GroupId!).filter((rule) => isStale(call, rule));
        if (rules.length === 0) return [];
        const { GroupId, GroupName, Description } = group;
        const ingress = rules.filter((rule) => !rule.IsEgress);
        const egress = rules.filter((rule) => rule.IsEgress);
        return [
          {
            GroupId,
            GroupName,
            Description,
            VpcId,
            StaleIpPermissions: stalePermissions(call, ingress),
            StaleIpPermissionsEgress: stalePermissions(call, egress),
          },
        ];
      });
      const { rows, nextToken } = page(stale, input.MaxResults, input.NextToken);
      return { StaleSecurityGroupSet: rows, NextToken: nextToken };
    },
  ),
};
