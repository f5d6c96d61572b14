import {
  type Address,
  AllocateAddress$,
  type AllocateAddressRequest,
  DescribeAddresses$,
  type DescribeAddressesRequest,
  ReleaseAddress$,
  type ReleaseAddressRequest,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes, reads } from "../action.ts";
import { type FilterFields, select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { quota } from "../quotas.ts";
import { putTags, specifiedTags, tagList } from "../tags.ts";
import { lag } from "../transition.ts";
import { addressAssociationActions } from "./address-associations.ts";
import { invalidValue, refuseUnmodelled } from "./parameters.ts";
import { freePublicAddresses } from "./public-addresses.ts";

const fields: FilterFields<Address> = {
  "allocation-id": (address) => address.AllocationId,
  "association-id": (address) => address.AssociationId,
  domain: (address) => address.Domain,
  "instance-id": (address) => address.InstanceId,
  "network-border-group": (address) => address.NetworkBorderGroup,
  "network-interface-id": (address) => address.NetworkInterfaceId,
  "network-interface-owner-id": (address) => address.NetworkInterfaceOwnerId,
  "private-ip-address": (address) => address.PrivateIpAddress,
  "public-ip": (address) => address.PublicIp,
};

/** The instance is whichever has the interface now. */
function shown(call: Call, address: Address): Address {
  const eni = call.tables.networkInterfaces.get(address.NetworkInterfaceId ?? "");
  const InstanceId = eni?.Attachment?.InstanceId;
  return { ...address, ...(InstanceId && { InstanceId }), Tags: tagList(call, address.AllocationId!) };
}

/** An Elastic IP by its allocation, or by its address as old clients name it. */
export function findAddress(call: Call, input: { AllocationId?: string; PublicIp?: string }): Address {
  if (input.AllocationId !== undefined) return find(call, "address", input.AllocationId);
  if (input.PublicIp === undefined) {
    throw new Ec2Error("MissingParameter", "Either public IP or allocation id must be specified");
  }
  return byPublicIp(call, input.PublicIp);
}

function byPublicIp({ tables }: Call, publicIp: string): Address {
  const address = [...tables.addresses.values()].find((each) => each.PublicIp === publicIp);
  if (address) return address;
  throw new Ec2Error("InvalidAddress.NotFound", `Address '${publicIp}' not found.`);
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html */
export const addressActions: Actions = {
  ...addressAssociationActions,

  AllocateAddress: changes(AllocateAddress$, (input: AllocateAddressRequest, call) => {
    refuseUnmodelled(input, ["Address", "CustomerOwnedIpv4Pool", "IpamPoolId"]);
    if (input.Domain !== undefined && input.Domain !== "vpc") {
      throw invalidValue(input.Domain, "domain", "EC2-Classic has been retired.");
    }
    if (input.PublicIpv4Pool !== undefined && input.PublicIpv4Pool !== "amazon") {
      throw new Ec2Error(
        "InvalidPublicIpv4PoolID.NotFound",
        `The pool ID '${input.PublicIpv4Pool}' does not exist`,
      );
    }
    if (input.NetworkBorderGroup !== undefined && input.NetworkBorderGroup !== call.region) {
      throw invalidValue(input.NetworkBorderGroup, "networkBorderGroup", "Unknown network border group.");
    }
    const tags = specifiedTags(input.TagSpecifications, "address");
    if (call.tables.addresses.size >= quota(call.world, "elasticIps")) {
      throw new Ec2Error("AddressLimitExceeded", "The maximum number of addresses has been reached.");
    }
    const [PublicIp] = freePublicAddresses(call.world, 1);
    const AllocationId = call.world.ids.make("eipalloc");
    const address: Address = {
      AllocationId,
      PublicIp,
      Domain: "vpc",
      PublicIpv4Pool: "amazon",
      NetworkBorderGroup: call.region,
    };
    call.tables.addresses.set(AllocationId, address);
    putTags(call, AllocationId, tags);
    lag(call, AllocationId);
    return address;
  }),

  DescribeAddresses: reads(DescribeAddresses$, (input: DescribeAddressesRequest, call) => {
    const named = (input.PublicIps ?? []).map((publicIp) => byPublicIp(call, publicIp).AllocationId!);
    const { rows } = select(
      call,
      "address",
      new Map([...call.tables.addresses].map(([id, address]) => [id, shown(call, address)])),
      { ids: [...(input.AllocationIds ?? []), ...named], filters: input.Filters },
      fields,
    );
    return { Addresses: rows.map(([, address]) => address) };
  }),

  ReleaseAddress: changes(ReleaseAddress$, (input: ReleaseAddressRequest, call) => {
    const address = findAddress(call, input);
    if (address.AssociationId !== undefined) {
      throw new Ec2Error("InvalidIPAddress.InUse", `Address ${address.PublicIp} is in use.`);
    }
    call.tables.addresses.delete(address.AllocationId!);
    call.tables.tags.delete(address.AllocationId!);
    return {};
  }),
};
