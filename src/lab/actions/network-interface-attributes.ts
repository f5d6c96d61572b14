import {
  AssignPrivateIpAddresses$,
  type AssignPrivateIpAddressesRequest,
  DescribeNetworkInterfaceAttribute$,
  type DescribeNetworkInterfaceAttributeRequest,
  ModifyNetworkInterfaceAttribute$,
  type ModifyNetworkInterfaceAttributeRequest,
  UnassignPrivateIpAddresses$,
  type UnassignPrivateIpAddressesRequest,
} from "@aws-sdk/client-ec2";
import { type Actions, changes, reads } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { instanceTypeNamed } from "./instance-type-table.ts";
import { clearAssociation, groupsFor } from "./network-interface-rows.ts";
import { invalidValue, refuseUnmodelled } from "./parameters.ts";
import { choosePrivateAddresses, recountAddresses } from "./private-addresses.ts";

export const networkInterfaceAttributeActions: Actions = {
  ModifyNetworkInterfaceAttribute: changes(
    ModifyNetworkInterfaceAttribute$,
    (input: ModifyNetworkInterfaceAttributeRequest, call) => {
      refuseUnmodelled(input, [
        "EnaSrdSpecification",
        "EnablePrimaryIpv6",
        "ConnectionTrackingSpecification",
        "AssociatedSubnetIds",
      ]);
      // Not among those: `false` asks for something here, to take the public address away.
      if (input.AssociatePublicIpAddress !== undefined) {
        throw new Ec2Error(
          "UnsupportedOperation",
          "The parameter AssociatePublicIpAddress is not supported by this endpoint.",
        );
      }
      const eni = find(call, "networkInterface", input.NetworkInterfaceId);
      const attachment = eni.Attachment;
      if (input.Attachment && input.Attachment.AttachmentId !== attachment?.AttachmentId) {
        throw new Ec2Error(
          "InvalidAttachmentID.NotFound",
          `The interface attachment '${input.Attachment.AttachmentId}' does not exist`,
        );
      }
      const groups = input.Groups?.length ? groupsFor(call, eni, input.Groups) : undefined;
      if (groups) eni.Groups = groups;
      if (input.Description) eni.Description = input.Description.Value ?? "";
      if (input.SourceDestCheck) eni.SourceDestCheck = input.SourceDestCheck.Value;
      if (attachment && input.Attachment?.DeleteOnTermination !== undefined) {
        attachment.DeleteOnTermination = input.Attachment.DeleteOnTermination;
      }
      return {};
    },
  ),

  DescribeNetworkInterfaceAttribute: reads(
    DescribeNetworkInterfaceAttribute$,
    (input: DescribeNetworkInterfaceAttributeRequest, call) => {
      const eni = find(call, "networkInterface", input.NetworkInterfaceId);
      const attributes = {
        description: () => ({ Description: { Value: eni.Description } }),
        groupSet: () => ({ Groups: eni.Groups }),
        sourceDestCheck: () => ({ SourceDestCheck: { Value: eni.SourceDestCheck } }),
        attachment: () => ({ Attachment: eni.Attachment }),
        associatePublicIpAddress: () => ({
          AssociatePublicIpAddress: eni.Association?.IpOwnerId === "amazon",
        }),
      };
      const read = Object.entries(attributes).find(([name]) => name === input.Attribute)?.[1];
      if (!read) throw invalidValue(input.Attribute, "attribute", "Unknown attribute.");
      return { NetworkInterfaceId: eni.NetworkInterfaceId, ...read() };
    },
  ),

  AssignPrivateIpAddresses: changes(
    AssignPrivateIpAddresses$,
    (input: AssignPrivateIpAddressesRequest, call) => {
      refuseUnmodelled(input, ["Ipv4Prefixes", "Ipv4PrefixCount"]);
      const eni = find(call, "networkInterface", input.NetworkInterfaceId);
      const subnet = call.tables.subnets.get(eni.SubnetId!)!;
      const asked = input.PrivateIpAddresses ?? [];
      const count = input.SecondaryPrivateIpAddressCount ?? 0;
      if ((asked.length === 0) === (count === 0)) {
        throw new Ec2Error(
          "InvalidParameterCombination",
          "Exactly one of privateIpAddresses and secondaryPrivateIpAddressCount must be specified",
        );
      }
      const instance = call.tables.instances.get(eni.Attachment?.InstanceId ?? "")?.instance;
      const most = instanceTypeNamed(instance?.InstanceType)?.info.NetworkInfo?.Ipv4AddressesPerInterface;
      const present = eni.PrivateIpAddresses ?? [];
      if (most !== undefined && present.length + asked.length + count > most) {
        throw new Ec2Error(
          "PrivateIpAddressLimitExceeded",
          `Number of private addresses will exceed limit of ${most} for ${instance?.InstanceType}.`,
        );
      }
      const [chosen = []] = choosePrivateAddresses(call.tables, subnet, [{ asked, count }]);
      const added = chosen.map((PrivateIpAddress) => ({ PrivateIpAddress, Primary: false }));
      eni.PrivateIpAddresses = [...present, ...added];
      recountAddresses(call.tables, eni);
      return {
        NetworkInterfaceId: eni.NetworkInterfaceId,
        AssignedPrivateIpAddresses: chosen.map((PrivateIpAddress) => ({ PrivateIpAddress })),
      };
    },
  ),

  UnassignPrivateIpAddresses: changes(
    UnassignPrivateIpAddresses$,
    (input: UnassignPrivateIpAddressesRequest, call) => {
      refuseUnmodelled(input, ["Ipv4Prefixes"]);
      const eni = find(call, "networkInterface", input.NetworkInterfaceId);
      const gone = input.PrivateIpAddresses ?? [];
      for (const text of gone) {
        const row = eni.PrivateIpAddresses?.find((each) => each.PrivateIpAddress === text);
        if (row && !row.Primary) continue;
        throw new Ec2Error(
          "InvalidParameterValue",
          row
            ? `Primary private address ${text} cannot be unassigned.`
            : `Some of ${text} are not assigned to interface ${eni.NetworkInterfaceId}`,
        );
      }
      for (const address of call.tables.addresses.values()) {
        const isHere = address.NetworkInterfaceId === eni.NetworkInterfaceId;
        if (isHere && gone.includes(address.PrivateIpAddress ?? "")) clearAssociation(address);
      }
      eni.PrivateIpAddresses = eni.PrivateIpAddresses?.filter(
        (each) => !gone.includes(each.PrivateIpAddress!),
      );
      recountAddresses(call.tables, eni);
      return {};
    },
  ),
};
