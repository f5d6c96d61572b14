import { createHash } from "node:crypto";
import type { InternetGatewayAttachment, RouteTable, Subnet, Vpc } from "@aws-sdk/client-ec2";
import { type Block, usableAddresses } from "../../net/cidr.ts";
import type { Call } from "../action.ts";
import { arnOf, publicAccessStates } from "../public-access.ts";
import type { Zone } from "../region.ts";
import { associateWithDefaultNetworkAcl, defaultNetworkAcl } from "./network-acls.ts";
import { defaultSecurityGroup } from "./security-groups.ts";

/**
 * Puts a VPC into the tables with what each VPC is born with: a main route table, a default security group and a default
 * network ACL. https://docs.aws.amazon.com/vpc/latest/userguide/create-vpc.html
 */
export function newVpc(call: Call, block: Block, { isDefault = false, tenancy = "default" } = {}): Vpc {
  const { world, tables, account, region } = call;
  const VpcId = world.ids.make("vpc");
  const vpc: Vpc = {
    VpcId,
    OwnerId: account,
    CidrBlock: block.text,
    CidrBlockAssociationSet: [
      {
        AssociationId: world.ids.make("vpc-cidr-assoc"),
        CidrBlock: block.text,
        CidrBlockState: { State: "associated" },
      },
    ],
    Ipv6CidrBlockAssociationSet: [],
    DhcpOptionsId: dhcpOptionsId(account, region),
    InstanceTenancy: tenancy === "dedicated" ? "dedicated" : "default",
    IsDefault: isDefault,
    State: isDefault ? "available" : "pending",
    BlockPublicAccessStates: publicAccessStates(tables),
  };
  tables.vpcs.set(VpcId, vpc);
  tables.vpcAttributes.set(VpcId, {
    enableDnsSupport: true,
    enableDnsHostnames: isDefault,
    enableNetworkAddressUsageMetrics: false,
  });
  const main = newRouteTable(call, vpc);
  main.Associations = [
    {
      Main: true,
      RouteTableAssociationId: world.ids.make("rtbassoc"),
      RouteTableId: main.RouteTableId,
      AssociationState: { State: "associated" },
    },
  ];
  defaultSecurityGroup(call, VpcId);
  defaultNetworkAcl(call, VpcId);
  return vpc;
}

/** A route table that knows the way to the VPC's own blocks, and no other. */
export function newRouteTable({ world, tables, account }: Call, vpc: Vpc): RouteTable {
  const table: RouteTable = {
    RouteTableId: world.ids.make("rtb"),
    VpcId: vpc.VpcId,
    OwnerId: account,
    Associations: [],
    PropagatingVgws: [],
    Routes: (vpc.CidrBlockAssociationSet ?? []).map(({ CidrBlock }) => ({
      DestinationCidrBlock: CidrBlock,
      GatewayId: "local",
      Origin: "CreateRouteTable",
    })),
  };
  tables.routeTables.set(table.RouteTableId!, table);
  return table;
}

/** A subnet under its VPC's default network ACL and, as nobody says otherwise, its main route table. */
export function newSubnet(call: Call, vpcId: string, block: Block, zone: Zone, isDefault = false): Subnet {
  const { world, tables, account, region } = call;
  const SubnetId = world.ids.make("subnet");
  const subnet: Subnet = {
    SubnetId,
    SubnetArn: `arn:aws:ec2:${region}:${account}:subnet/${SubnetId}`,
    OwnerId: account,
    VpcId: vpcId,
    AvailabilityZone: zone.name,
    AvailabilityZoneId: zone.id,
    AvailableIpAddressCount: usableAddresses(block).count,
    CidrBlock: block.text,
    Ipv6CidrBlockAssociationSet: [],
    DefaultForAz: isDefault,
    MapPublicIpOnLaunch: isDefault,
    MapCustomerOwnedIpOnLaunch: false,
    AssignIpv6AddressOnCreation: false,
    EnableDns64: false,
    Ipv6Native: false,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: "ip-name",
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    BlockPublicAccessStates: publicAccessStates(tables, arnOf(tables, "vpc", vpcId)),
    State: isDefault ? "available" : "pending",
  };
  tables.subnets.set(SubnetId, subnet);
  associateWithDefaultNetworkAcl(call, vpcId, SubnetId);
  return subnet;
}

/** An internet gateway's attachment. EC2 says `available` here, which the SDK's type does not know. */
export function attached(vpcId: string): InternetGatewayAttachment {
  return { State: "available" as "attached", VpcId: vpcId };
}

/** The one set of DHCP options that an account has in a Region: always the same id, so nothing needs to remember it. */
export function dhcpOptionsId(account: string, region: string): string {
  const digest = createHash("sha256").update(`${account}/${region}`).digest("hex");
  return `dopt-0${digest.slice(0, 16)}`;
}
