import {
  CreateSubnet$,
  type CreateSubnetRequest,
  DeleteSubnet$,
  type DeleteSubnetRequest,
  DescribeSubnets$,
  type DescribeSubnetsRequest,
  type Subnet,
  type Vpc,
} from "@aws-sdk/client-ec2";
import { type Block, cidr, contains, overlaps } from "../../net/cidr.ts";
import { type Actions, type Call, changes, reads } from "../action.ts";
import { type FilterFields, select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { quota } from "../quotas.ts";
import { type Zone, zonesOf } from "../region.ts";
import { putTags, specifiedTags, tagList } from "../tags.ts";
import { lag, later } from "../transition.ts";
import { dissociateFromNetworkAcl } from "./network-acls.ts";
import { newSubnet } from "./new-vpc.ts";
import { dependencyViolation, invalidValue, refuseUnmodelled, sizedBlock } from "./parameters.ts";
import { subnetAttributeActions } from "./subnet-attributes.ts";

const unmodelled = ["Ipv6CidrBlock", "Ipv4IpamPoolId", "Ipv6IpamPoolId", "Ipv6Native", "OutpostArn"];

const filters: FilterFields<Subnet> = {
  "availability-zone": (subnet) => subnet.AvailabilityZone,
  availabilityZone: (subnet) => subnet.AvailabilityZone,
  "availability-zone-id": (subnet) => subnet.AvailabilityZoneId,
  availabilityZoneId: (subnet) => subnet.AvailabilityZoneId,
  "available-ip-address-count": (subnet) => String(subnet.AvailableIpAddressCount),
  cidr: (subnet) => subnet.CidrBlock,
  "cidr-block": (subnet) => subnet.CidrBlock,
  cidrBlock: (subnet) => subnet.CidrBlock,
  "default-for-az": (subnet) => String(subnet.DefaultForAz),
  defaultForAz: (subnet) => String(subnet.DefaultForAz),
  "map-public-ip-on-launch": (subnet) => String(subnet.MapPublicIpOnLaunch),
  "owner-id": (subnet) => subnet.OwnerId,
  state: (subnet) => subnet.State,
  "subnet-arn": (subnet) => subnet.SubnetArn,
  "subnet-id": (subnet) => subnet.SubnetId,
  "vpc-id": (subnet) => subnet.VpcId,
};

export const subnetActions: Actions = {
  ...subnetAttributeActions,

  CreateSubnet: changes(CreateSubnet$, (input: CreateSubnetRequest, call) => {
    refuseUnmodelled(input, unmodelled);
    const vpc = find(call, "vpc", input.VpcId);
    if (!input.CidrBlock) {
      throw new Ec2Error("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.");
    }
    const block = sizedBlock(input.CidrBlock, "cidrBlock", "InvalidSubnet.Range");
    const zone = zoneFor(call, input);
    const tags = specifiedTags(input.TagSpecifications, "subnet");
    refuseBadPlace(call, vpc, block);
    const subnet = newSubnet(call, vpc.VpcId!, block, zone);
    const id = subnet.SubnetId!;
    putTags(call, id, tags);
    lag(call, id);
    const reply = shown(call, subnet);
    later(call, { kind: "subnet", id, while: "subnet:pending", to: "available" });
    return { Subnet: reply };
  }),

  DescribeSubnets: reads(DescribeSubnets$, (input: DescribeSubnetsRequest, call) => {
    const { rows, nextToken } = select(
      call,
      "subnet",
      call.tables.subnets,
      {
        ids: input.SubnetIds,
        filters: input.Filters,
        maxResults: input.MaxResults,
        nextToken: input.NextToken,
      },
      filters,
    );
    return { Subnets: rows.map(([, subnet]) => shown(call, subnet)), NextToken: nextToken };
  }),

  DeleteSubnet: changes(DeleteSubnet$, (input: DeleteSubnetRequest, call) => {
    const { tables } = call;
    const id = find(call, "subnet", input.SubnetId).SubnetId!;
    if ([...tables.networkInterfaces.values()].some((each) => each.SubnetId === id)) {
      throw dependencyViolation("subnet", id);
    }
    for (const table of tables.routeTables.values()) {
      table.Associations = table.Associations?.filter((each) => each.SubnetId !== id);
    }
    dissociateFromNetworkAcl(call, id);
    tables.subnets.delete(id);
    tables.tags.delete(id);
  }),
};

function shown(call: Call, subnet: Subnet): Subnet {
  return { ...subnet, Tags: tagList(call, subnet.SubnetId!) };
}

/** The zone asked for; without one EC2 picks, and so does the seed. */
function zoneFor({ region, world }: Call, input: CreateSubnetRequest): Zone {
  const { AvailabilityZone: name, AvailabilityZoneId: id } = input;
  const zones = zonesOf(region);
  if (name !== undefined && id !== undefined) {
    throw new Ec2Error(
      "InvalidParameterCombination",
      "The parameters availabilityZone and availabilityZoneId cannot be used together",
    );
  }
  if (name === undefined && id === undefined) return zones[world.ids.number(zones.length)]!;
  const zone = zones.find((each) => each.name === name || each.id === id);
  if (zone) return zone;
  const known = zones.map((each) => (name === undefined ? each.id : each.name)).join(", ");
  throw invalidValue(
    name ?? id,
    name === undefined ? "availabilityZoneId" : "availabilityZone",
    `Subnets can currently only be created in the following availability zones: ${known}.`,
  );
}

function refuseBadPlace(call: Call, vpc: Vpc, block: Block): void {
  const inVpc = vpc.CidrBlockAssociationSet?.some((each) => contains(cidr(each.CidrBlock!), block));
  if (!inVpc) throw new Ec2Error("InvalidSubnet.Range", `The CIDR '${block.text}' is invalid.`);
  const siblings = [...call.tables.subnets.values()].filter((each) => each.VpcId === vpc.VpcId);
  if (siblings.some((each) => overlaps(cidr(each.CidrBlock!), block))) {
    throw new Ec2Error("InvalidSubnet.Conflict", `The CIDR '${block.text}' conflicts with another subnet`);
  }
  if (siblings.length >= quota(call.world, "subnetsPerVpc")) {
    throw new Ec2Error("SubnetLimitExceeded", "The maximum number of subnets has been reached.");
  }
}
