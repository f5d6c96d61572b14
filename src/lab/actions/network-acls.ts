import {
  CreateNetworkAcl$,
  type CreateNetworkAclRequest,
  DeleteNetworkAcl$,
  type DeleteNetworkAclRequest,
  DescribeNetworkAcls$,
  type DescribeNetworkAclsRequest,
  type NetworkAcl,
  type NetworkAclEntry,
  ReplaceNetworkAclAssociation$,
  type ReplaceNetworkAclAssociationRequest,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes, reads } from "../action.ts";
import { select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { putTags, specifiedTags, tagList } from "../tags.ts";
import { lag } from "../transition.ts";
import { once } from "./client-token.ts";
import { networkAclEntryActions } from "./network-acl-entries.ts";

const everything = { Protocol: "-1", CidrBlock: "0.0.0.0/0" } as const;

/** The rule `*` at the end of every network ACL; nobody can change it. */
const finalDeny = (Egress: boolean): NetworkAclEntry => ({
  ...everything,
  Egress,
  RuleAction: "deny",
  RuleNumber: 32767,
});

const allowAll = (Egress: boolean): NetworkAclEntry => ({
  ...everything,
  Egress,
  RuleAction: "allow",
  RuleNumber: 100,
});

/**
 * Makes the network ACL that every VPC starts with: it allows everything both ways.
 * https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html
 */
export function defaultNetworkAcl(call: Call, vpcId: string): NetworkAcl {
  const entries = [allowAll(true), finalDeny(true), allowAll(false), finalDeny(false)];
  return insert(call, vpcId, entries, true);
}

function insert(call: Call, vpcId: string, Entries: NetworkAclEntry[], IsDefault: boolean): NetworkAcl {
  const acl: NetworkAcl = {
    NetworkAclId: call.world.ids.make("acl"),
    VpcId: vpcId,
    OwnerId: call.account,
    IsDefault,
    Entries,
    Associations: [],
  };
  call.tables.networkAcls.set(acl.NetworkAclId!, acl);
  return acl;
}

/** Puts a new subnet under its VPC's default network ACL, as EC2 does at CreateSubnet. */
export function associateWithDefaultNetworkAcl(call: Call, vpcId: string, subnetId: string): void {
  const acls = [...call.tables.networkAcls.values()];
  associate(call, acls.find((acl) => acl.IsDefault && acl.VpcId === vpcId)!, subnetId);
}

/** Takes a subnet that is being deleted off its network ACL. */
export function dissociateFromNetworkAcl(call: Call, subnetId: string): void {
  for (const acl of call.tables.networkAcls.values()) {
    acl.Associations = acl.Associations?.filter((each) => each.SubnetId !== subnetId);
  }
}

function associate(call: Call, acl: NetworkAcl, subnetId: string): string {
  const id = call.world.ids.make("aclassoc");
  acl.Associations = [
    ...(acl.Associations ?? []),
    { NetworkAclAssociationId: id, NetworkAclId: acl.NetworkAclId, SubnetId: subnetId },
  ];
  return id;
}

const shown = (call: Call, acl: NetworkAcl): NetworkAcl => ({
  ...acl,
  Tags: tagList(call, acl.NetworkAclId!),
});

export const networkAclActions: Actions = {
  ...networkAclEntryActions,

  CreateNetworkAcl: changes(CreateNetworkAcl$, (input: CreateNetworkAclRequest, call) => {
    const vpc = find(call, "vpc", input.VpcId);
    const tags = specifiedTags(input.TagSpecifications, "networkAcl");
    const id = once(call, "CreateNetworkAcl", input, () => {
      const acl = insert(call, vpc.VpcId!, [finalDeny(true), finalDeny(false)], false);
      putTags(call, acl.NetworkAclId!, tags);
      lag(call, acl.NetworkAclId!);
      return acl.NetworkAclId!;
    });
    return { NetworkAcl: shown(call, call.tables.networkAcls.get(id)!), ClientToken: input.ClientToken };
  }),

  DeleteNetworkAcl: changes(DeleteNetworkAcl$, (input: DeleteNetworkAclRequest, call) => {
    const acl = find(call, "networkAcl", input.NetworkAclId);
    const id = acl.NetworkAclId!;
    if (acl.IsDefault) {
      throw new Ec2Error("InvalidParameterValue", `The default network ACL '${id}' cannot be deleted`);
    }
    if (acl.Associations?.length) {
      throw new Ec2Error(
        "DependencyViolation",
        `The networkAcl '${id}' has dependencies and cannot be deleted.`,
      );
    }
    call.tables.networkAcls.delete(id);
    call.tables.tags.delete(id);
    return {};
  }),

  DescribeNetworkAcls: reads(DescribeNetworkAcls$, (input: DescribeNetworkAclsRequest, call) => {
    const { rows, nextToken } = select(
      call,
      "networkAcl",
      call.tables.networkAcls,
      {
        ids: input.NetworkAclIds,
        filters: input.Filters,
        maxResults: input.MaxResults,
        nextToken: input.NextToken,
      },
      {
        "association.association-id": (acl) => acl.Associations?.map((each) => each.NetworkAclAssociationId),
        "association.network-acl-id": (acl) => acl.Associations?.map((each) => each.NetworkAclId),
        "association.subnet-id": (acl) => acl.Associations?.map((each) => each.SubnetId),
        default: (acl) => String(acl.IsDefault),
        "entry.cidr": (acl) => acl.Entries?.map((entry) => entry.CidrBlock),
        "entry.ipv6-cidr": (acl) => acl.Entries?.map((entry) => entry.Ipv6CidrBlock),
        "entry.egress": (acl) => acl.Entries?.map((entry) => String(entry.Egress)),
        "entry.icmp.code": (acl) => acl.Entries?.map((entry) => entry.IcmpTypeCode?.Code?.toString()),
        "entry.icmp.type": (acl) => acl.Entries?.map((entry) => entry.IcmpTypeCode?.Type?.toString()),
        "entry.port-range.from": (acl) => acl.Entries?.map((entry) => entry.PortRange?.From?.toString()),
        "entry.port-range.to": (acl) => acl.Entries?.map((entry) => entry.PortRange?.To?.toString()),
        "entry.protocol": (acl) => acl.Entries?.map((entry) => entry.Protocol),
        "entry.rule-action": (acl) => acl.Entries?.map((entry) => entry.RuleAction),
        "entry.rule-number": (acl) => acl.Entries?.map((entry) => String(entry.RuleNumber)),
        "network-acl-id": (acl) => acl.NetworkAclId,
        "owner-id": (acl) => acl.OwnerId,
        "vpc-id": (acl) => acl.VpcId,
      },
    );
    return { NetworkAcls: rows.map(([, acl]) => shown(call, acl)), NextToken: nextToken };
  }),

  ReplaceNetworkAclAssociation: changes(
    ReplaceNetworkAclAssociation$,
    (input: ReplaceNetworkAclAssociationRequest, call) => {
      const next = find(call, "networkAcl", input.NetworkAclId);
      const all = [...call.tables.networkAcls.values()];
      const old = all
        .flatMap((acl) => acl.Associations ?? [])
        .find((each) => each.NetworkAclAssociationId === input.AssociationId);
      if (!old) {
        throw new Ec2Error(
          "InvalidAssociationID.NotFound",
          `The association ID '${input.AssociationId}' does not exist`,
        );
      }
      const subnet = call.tables.subnets.get(old.SubnetId!);
      if (subnet && subnet.VpcId !== next.VpcId) {
        throw new Ec2Error(
          "InvalidParameterValue",
          `networkAcl ${next.NetworkAclId} and subnet ${old.SubnetId} belong to different networks`,
        );
      }
      dissociateFromNetworkAcl(call, old.SubnetId!);
      return { NewAssociationId: associate(call, next, old.SubnetId!) };
    },
  ),
};
