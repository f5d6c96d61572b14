import type {
  GroupIdentifier,
  NetworkInterface,
  NetworkInterfaceAssociation,
  NetworkInterfaceStatus,
  Subnet,
} from "@aws-sdk/client-ec2";
import type { Call } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { tagList } from "../tags.ts";
import type { Arrival } from "../transition.ts";
import type { Tables } from "../world.ts";
import { recountAddresses } from "./private-addresses.ts";
import { privateDnsName, publicDnsName } from "./public-addresses.ts";

/** https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups */
const mostGroups = 5;

/** EC2 answers CreateNetworkInterface with this status, which its own model does not list. */
const pending = "pending" as NetworkInterfaceStatus;

/** The groups asked for, all of the subnet's VPC; without any, the VPC's default group. */
export function groupsFor(
  call: Call,
  subnet: Pick<Subnet, "SubnetId" | "VpcId">,
  ids: readonly string[] = [],
): GroupIdentifier[] {
  const all = [...call.tables.securityGroups.values()];
  const groups =
    ids.length > 0
      ? [...new Set(ids)].map((id) => find(call, "securityGroup", id))
      : all.filter((group) => group.VpcId === subnet.VpcId && group.GroupName === "default");
  const foreign = groups.find((group) => group.VpcId !== subnet.VpcId);
  if (foreign) {
    throw new Ec2Error(
      "InvalidParameter",
      `Security group ${foreign.GroupId} and subnet ${subnet.SubnetId} belong to different networks.`,
    );
  }
  if (groups.length > mostGroups) {
    throw new Ec2Error(
      "SecurityGroupsPerInterfaceLimitExceeded",
      "The maximum number of security groups per interface has been reached.",
    );
  }
  return groups.map(({ GroupId, GroupName }) => ({ GroupId, GroupName }));
}

/** Makes an interface with these private addresses (the first is the primary one), not attached yet. */
export function insertInterface(
  call: Call,
  subnet: Subnet,
  {
    addresses,
    groups,
    description = "",
  }: { addresses: readonly string[]; groups: GroupIdentifier[]; description?: string },
): NetworkInterface {
  const { world, tables, account } = call;
  const id = world.ids.make("eni");
  const octets = Array.from({ length: 5 }, () => world.ids.number(256).toString(16).padStart(2, "0"));
  const eni: NetworkInterface = {
    NetworkInterfaceId: id,
    InterfaceType: "interface",
    SubnetId: subnet.SubnetId,
    VpcId: subnet.VpcId,
    AvailabilityZone: subnet.AvailabilityZone,
    AvailabilityZoneId: subnet.AvailabilityZoneId,
    Description: description,
    Groups: groups,
    Ipv6Addresses: [],
    MacAddress: ["02", ...octets].join(":"),
    OwnerId: account,
    PrivateIpAddress: addresses[0],
    PrivateIpAddresses: addresses.map((PrivateIpAddress, place) => ({
      Primary: place === 0,
      PrivateIpAddress,
    })),
    RequesterId: account,
    RequesterManaged: false,
    SourceDestCheck: true,
    Status: pending,
  };
  tables.networkInterfaces.set(id, eni);
  recountAddresses(tables, eni);
  return eni;
}

/** Removes an interface; its Elastic IPs stay with the account, associated with nothing. */
export function removeInterface(tables: Tables, eni: NetworkInterface): void {
  const id = eni.NetworkInterfaceId!;
  for (const address of tables.addresses.values()) {
    if (address.NetworkInterfaceId === id) clearAssociation(address);
  }
  tables.networkInterfaces.delete(id);
  tables.tags.delete(id);
  recountAddresses(tables, eni);
}

/** Takes from an Elastic IP's row what says with what it is associated. */
export function clearAssociation(address: {
  AssociationId?: string;
  NetworkInterfaceId?: string;
  NetworkInterfaceOwnerId?: string;
  PrivateIpAddress?: string;
}): void {
  delete address.AssociationId;
  delete address.NetworkInterfaceId;
  delete address.NetworkInterfaceOwnerId;
  delete address.PrivateIpAddress;
}

/** The interfaces that are attached to an instance, by device index. */
export function interfacesOf(tables: Tables, instanceId: string): NetworkInterface[] {
  return [...tables.networkInterfaces.values()]
    .filter((eni) => eni.Attachment?.InstanceId === instanceId)
    .sort((a, b) => a.Attachment!.DeviceIndex! - b.Attachment!.DeviceIndex!);
}

/** The interface as Describe shows it. Its DNS names are there while the VPC's DNS hostnames are on. */
export function shownInterface(call: Call, eni: NetworkInterface): NetworkInterface {
  const attributes = call.tables.vpcAttributes.get(eni.VpcId!);
  const hasNames = attributes?.enableDnsSupport === true && attributes.enableDnsHostnames;
  const association = (given: NetworkInterfaceAssociation | undefined) =>
    given && {
      Association: {
        ...given,
        PublicDnsName: hasNames ? publicDnsName(call.region, given.PublicIp!) : "",
      },
    };
  const name = (address: string) =>
    hasNames ? { PrivateDnsName: privateDnsName(call.region, address) } : {};
  return {
    ...eni,
    ...association(eni.Association),
    ...name(eni.PrivateIpAddress!),
    PrivateIpAddresses: eni.PrivateIpAddresses?.map((each) => ({
      ...each,
      ...association(each.Association),
      ...name(each.PrivateIpAddress!),
    })),
    TagSet: tagList(call, eni.NetworkInterfaceId!),
  };
}

/** `available`: made, or detached; `attached`: the attachment is complete. */
export const networkInterfaceArrival: Arrival = (world, { account, region, id, to }) => {
  const tables = world.tables.get(`${account}/${region}`);
  const eni = tables?.networkInterfaces.get(id);
  if (!eni) return;
  if (to === "attached") {
    if (eni.Attachment?.Status === "attaching") eni.Attachment.Status = "attached";
    return;
  }
  const detached = eni.Attachment?.Status === "detaching";
  if (detached) delete eni.Attachment;
  if (detached || (eni.Status === pending && !eni.Attachment)) eni.Status = "available";
};
