import {
  CreateDefaultVpc$,
  CreateVpc$,
  type CreateVpcRequest,
  DeleteVpc$,
  type DeleteVpcRequest,
  DescribeVpcs$,
  type DescribeVpcsRequest,
  type Vpc,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes, reads } from "../action.ts";
import { makeDefaultVpc } from "../default-vpc.ts";
import { type FilterFields, select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { quota } from "../quotas.ts";
import { putTags, specifiedTags, tagList } from "../tags.ts";
import { lag, later } from "../transition.ts";
import type { Tables } from "../world.ts";
import { newVpc } from "./new-vpc.ts";
import { dependencyViolation, invalidValue, refuseUnmodelled, sizedBlock } from "./parameters.ts";
import { endPeering, isDead } from "./peering-states.ts";
import { removeSecurityGroup } from "./security-groups.ts";
import { vpcAttributeActions } from "./vpc-attributes.ts";
import { vpcCidrBlockActions } from "./vpc-cidr-blocks.ts";

const unmodelled = [
  "AmazonProvidedIpv6CidrBlock",
  "Ipv6CidrBlock",
  "Ipv6Pool",
  "Ipv4IpamPoolId",
  "Ipv6IpamPoolId",
  "VpcEncryptionControl",
];

const filters: FilterFields<Vpc> = {
  cidr: (vpc) => vpc.CidrBlock,
  "cidr-block": (vpc) => vpc.CidrBlock,
  "cidr-block-association.association-id": (vpc) =>
    vpc.CidrBlockAssociationSet?.map((each) => each.AssociationId),
  "cidr-block-association.cidr-block": (vpc) => vpc.CidrBlockAssociationSet?.map((each) => each.CidrBlock),
  "cidr-block-association.state": (vpc) =>
    vpc.CidrBlockAssociationSet?.map((each) => each.CidrBlockState?.State),
  "dhcp-options-id": (vpc) => vpc.DhcpOptionsId,
  "instance-tenancy": (vpc) => vpc.InstanceTenancy,
  "is-default": (vpc) => String(vpc.IsDefault),
  isDefault: (vpc) => String(vpc.IsDefault),
  "owner-id": (vpc) => vpc.OwnerId,
  state: (vpc) => vpc.State,
  "vpc-id": (vpc) => vpc.VpcId,
};

export const vpcActions: Actions = {
  ...vpcAttributeActions,
  ...vpcCidrBlockActions,

  CreateVpc: changes(CreateVpc$, (input: CreateVpcRequest, call) => {
    refuseUnmodelled(input, unmodelled);
    if (!input.CidrBlock) {
      throw new Ec2Error("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.");
    }
    const block = sizedBlock(input.CidrBlock, "cidrBlock", "InvalidVpc.Range");
    const tenancy = input.InstanceTenancy ?? "default";
    if (tenancy !== "default" && tenancy !== "dedicated") {
      throw invalidValue(tenancy, "instanceTenancy", "Expecting 'default' or 'dedicated'.");
    }
    const tags = specifiedTags(input.TagSpecifications, "vpc");
    refuseBeyondQuota(call);
    const vpc = newVpc(call, block, { tenancy });
    const id = vpc.VpcId!;
    putTags(call, id, tags);
    lag(call, id);
    const reply = shown(call, vpc);
    later(call, { kind: "vpc", id, while: "vpc:pending", to: "available" });
    return { Vpc: reply };
  }),

  CreateDefaultVpc: changes(CreateDefaultVpc$, (_input, call) => {
    if ([...call.tables.vpcs.values()].some((vpc) => vpc.IsDefault)) {
      throw new Ec2Error(
        "DefaultVpcAlreadyExists",
        "A Default VPC already exists for this account in this region.",
      );
    }
    refuseBeyondQuota(call);
    return { Vpc: shown(call, makeDefaultVpc(call)) };
  }),

  DescribeVpcs: reads(DescribeVpcs$, (input: DescribeVpcsRequest, call) => {
    const { rows, nextToken } = select(
      call,
      "vpc",
      call.tables.vpcs,
      { ids: input.VpcIds, filters: input.Filters, maxResults: input.MaxResults, nextToken: input.NextToken },
      filters,
    );
    return { Vpcs: rows.map(([, vpc]) => shown(call, vpc)), NextToken: nextToken };
  }),

  DeleteVpc: changes(DeleteVpc$, (input: DeleteVpcRequest, call) => {
    const vpc = find(call, "vpc", input.VpcId);
    const id = vpc.VpcId!;
    if (hasDependents(call.tables, id)) throw dependencyViolation("vpc", id);
    endPeeringsOf(call, id);
    removeVpc(call, id);
  }),
};

function shown(call: Call, vpc: Vpc): Vpc {
  return { ...vpc, Tags: tagList(call, vpc.VpcId!) };
}

function refuseBeyondQuota({ world, tables }: Call): void {
  if (tables.vpcs.size >= quota(world, "vpcs")) {
    throw new Ec2Error("VpcLimitExceeded", "The maximum number of VPCs has been reached.");
  }
}

/** What a person made in a VPC keeps it; what it was born with goes with it. */
function hasDependents(tables: Tables, id: string): boolean {
  const inVpc = (row: { VpcId?: string }) => row.VpcId === id;
  const some = <Row>(rows: Map<string, Row>, test: (row: Row) => boolean) => [...rows.values()].some(test);
  return (
    some(tables.subnets, inVpc) ||
    some(tables.networkInterfaces, inVpc) ||
    some(tables.internetGateways, (gateway) => gateway.Attachments?.some(inVpc) ?? false) ||
    some(tables.securityGroups, (group) => inVpc(group) && group.GroupName !== "default") ||
    some(tables.networkAcls, (acl) => inVpc(acl) && !acl.IsDefault) ||
    some(tables.routeTables, (table) => inVpc(table) && !table.Associations?.some((each) => each.Main))
  );
}

/** AWS deletes a VPC's peerings with it; the other side sees them as `deleted`. */
function endPeeringsOf(call: Call, id: string): void {
  for (const peering of call.world.peerings.values()) {
    const sides = [peering.RequesterVpcInfo?.VpcId, peering.AccepterVpcInfo?.VpcId];
    if (sides.includes(id) && !isDead(peering)) endPeering(call, peering);
  }
}

function removeVpc(call: Call, id: string): void {
  const { tables } = call;
  for (const [groupId, group] of tables.securityGroups)
    if (group.VpcId === id) removeSecurityGroup(call, groupId);
  for (const rows of [tables.networkAcls, tables.routeTables]) {
    for (const [rowId, row] of rows as Map<string, { VpcId?: string }>) {
      if (row.VpcId !== id) continue;
      rows.delete(rowId);
      tables.tags.delete(rowId);
    }
  }
  tables.vpcs.delete(id);
  tables.vpcAttributes.delete(id);
  tables.tags.delete(id);
}
