import {
  CreateNetworkInterface$,
  type CreateNetworkInterfaceRequest,
  DeleteNetworkInterface$,
  type DeleteNetworkInterfaceRequest,
  DescribeNetworkInterfaces$,
  type DescribeNetworkInterfacesRequest,
  type NetworkInterface,
} from "@aws-sdk/client-ec2";
import { type Actions, changes, reads } from "../action.ts";
import { type FilterFields, select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { putTags, specifiedTags } from "../tags.ts";
import { lag, later } from "../transition.ts";
import { once } from "./client-token.ts";
import { networkInterfaceAttachmentActions } from "./network-interface-attachments.ts";
import { networkInterfaceAttributeActions } from "./network-interface-attributes.ts";
import { groupsFor, insertInterface, removeInterface, shownInterface } from "./network-interface-rows.ts";
import { refuseUnmodelled } from "./parameters.ts";
import { type AddressWish, choosePrivateAddresses } from "./private-addresses.ts";

const unmodelled = [
  "Ipv4Prefixes",
  "Ipv4PrefixCount",
  "Ipv6Prefixes",
  "Ipv6PrefixCount",
  "Ipv6Addresses",
  "Ipv6AddressCount",
  "EnablePrimaryIpv6",
  "ConnectionTrackingSpecification",
  "Operator",
] as const;

/** The addresses that a request spells out, the primary one first, and how many more it wants. */
export function addressWish(input: {
  PrivateIpAddress?: string;
  PrivateIpAddresses?: { Primary?: boolean; PrivateIpAddress?: string }[];
  SecondaryPrivateIpAddressCount?: number;
}): AddressWish {
  const listed = [...(input.PrivateIpAddresses ?? [])].sort(
    (a, b) => Number(b.Primary === true) - Number(a.Primary === true),
  );
  if (listed.length > 0 && input.PrivateIpAddress !== undefined) {
    throw new Ec2Error(
      "InvalidParameterCombination",
      "The parameter privateIpAddress cannot be used with the parameter privateIpAddresses",
    );
  }
  const asked = input.PrivateIpAddress
    ? [input.PrivateIpAddress]
    : listed.map((each) => each.PrivateIpAddress ?? "");
  return { asked, count: (asked.length === 0 ? 1 : 0) + (input.SecondaryPrivateIpAddressCount ?? 0) };
}

/** What DescribeNetworkInterfaces filters by; DescribeInstances does too, as `network-interface.`. */
export const networkInterfaceFields: FilterFields<NetworkInterface> = {
  "addresses.association.public-ip": (eni) =>
    eni.PrivateIpAddresses?.map((each) => each.Association?.PublicIp),
  "addresses.association.owner-id": (eni) =>
    eni.PrivateIpAddresses?.map((each) => each.Association?.IpOwnerId),
  "addresses.primary": (eni) => eni.PrivateIpAddresses?.map((each) => String(each.Primary)),
  "addresses.private-ip-address": (eni) => eni.PrivateIpAddresses?.map((each) => each.PrivateIpAddress),
  "association.allocation-id": (eni) => eni.Association?.AllocationId,
  "association.association-id": (eni) => eni.Association?.AssociationId,
  "association.ip-owner-id": (eni) => eni.Association?.IpOwnerId,
  "association.public-dns-name": (eni) => eni.Association?.PublicDnsName,
  "association.public-ip": (eni) => eni.Association?.PublicIp,
  "attachment.attachment-id": (eni) => eni.Attachment?.AttachmentId,
  "attachment.delete-on-termination": (eni) => eni.Attachment && String(eni.Attachment.DeleteOnTermination),
  "attachment.device-index": (eni) => eni.Attachment?.DeviceIndex?.toString(),
  "attachment.instance-id": (eni) => eni.Attachment?.InstanceId,
  "attachment.instance-owner-id": (eni) => eni.Attachment?.InstanceOwnerId,
  "attachment.status": (eni) => eni.Attachment?.Status,
  "availability-zone": (eni) => eni.AvailabilityZone,
  "availability-zone-id": (eni) => eni.AvailabilityZoneId,
  description: (eni) => eni.Description,
  "group-id": (eni) => eni.Groups?.map((group) => group.GroupId),
  "group-name": (eni) => eni.Groups?.map((group) => group.GroupName),
  "interface-type": (eni) => eni.InterfaceType,
  "mac-address": (eni) => eni.MacAddress,
  "network-interface-id": (eni) => eni.NetworkInterfaceId,
  "owner-id": (eni) => eni.OwnerId,
  "private-dns-name": (eni) => eni.PrivateDnsName,
  "private-ip-address": (eni) => eni.PrivateIpAddresses?.map((each) => each.PrivateIpAddress),
  "requester-id": (eni) => eni.RequesterId,
  "requester-managed": (eni) => String(eni.RequesterManaged),
  "source-dest-check": (eni) => String(eni.SourceDestCheck),
  status: (eni) => eni.Status,
  "subnet-id": (eni) => eni.SubnetId,
  "vpc-id": (eni) => eni.VpcId,
};

export const networkInterfaceActions: Actions = {
  ...networkInterfaceAttachmentActions,
  ...networkInterfaceAttributeActions,

  CreateNetworkInterface: changes(CreateNetworkInterface$, (input: CreateNetworkInterfaceRequest, call) => {
    refuseUnmodelled(input, unmodelled);
    const tags = specifiedTags(input.TagSpecifications, "networkInterface");
    const id = once(call, "CreateNetworkInterface", input, () => {
      const subnet = find(call, "subnet", input.SubnetId);
      const groups = groupsFor(call, subnet, input.Groups);
      const [addresses] = choosePrivateAddresses(call.tables, subnet, [addressWish(input)]);
      const description = input.Description;
      const eni = insertInterface(call, subnet, { addresses: addresses!, groups, description });
      const made = eni.NetworkInterfaceId!;
      putTags(call, made, tags);
      lag(call, made);
      later(call, {
        kind: "network-interface",
        id: made,
        to: "available",
        while: "network-interface:pending",
      });
      return made;
    });
    const eni = call.tables.networkInterfaces.get(id)!;
    return { NetworkInterface: shownInterface(call, eni), ClientToken: input.ClientToken };
  }),

  DeleteNetworkInterface: changes(DeleteNetworkInterface$, (input: DeleteNetworkInterfaceRequest, call) => {
    const eni = find(call, "networkInterface", input.NetworkInterfaceId);
    if (eni.Attachment) {
      throw new Ec2Error(
        "InvalidParameterValue",
        `Network interface '${eni.NetworkInterfaceId}' is currently in use.`,
      );
    }
    removeInterface(call.tables, eni);
    return {};
  }),

  DescribeNetworkInterfaces: reads(
    DescribeNetworkInterfaces$,
    (input: DescribeNetworkInterfacesRequest, call) => {
      const all = [...call.tables.networkInterfaces];
      const { rows, nextToken } = select(
        call,
        "networkInterface",
        new Map(all.map(([id, eni]) => [id, shownInterface(call, eni)])),
        {
          ids: input.NetworkInterfaceIds,
          filters: input.Filters,
          maxResults: input.MaxResults,
          nextToken: input.NextToken,
        },
        networkInterfaceFields,
      );
      return { NetworkInterfaces: rows.map(([, eni]) => eni), NextToken: nextToken };
    },
  ),
};
