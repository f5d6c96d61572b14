import type { InstanceNetworkInterfaceSpecification, RunInstancesRequest, Subnet } from "@aws-sdk/client-ec2";
import type { Call } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { zonesOf } from "../region.ts";
import { type InstanceTypeRow, isOffered } from "./instance-type-table.ts";
import { invalidValue, refuseUnmodelled } from "./parameters.ts";

const combination = (text: string) => new Ec2Error("InvalidParameterCombination", text);

const unmodelledInterface = [
  "Ipv6AddressCount",
  "Ipv6Addresses",
  "Ipv4Prefixes",
  "Ipv4PrefixCount",
  "Ipv6Prefixes",
  "Ipv6PrefixCount",
  "PrimaryIpv6",
  "EnaSrdSpecification",
  "ConnectionTrackingSpecification",
  "AssociateCarrierIpAddress",
] as const;

/** The interfaces asked for one by one, or the one that the request's own subnet, groups and address describe. */
export function launchInterfaces(input: RunInstancesRequest): InstanceNetworkInterfaceSpecification[] {
  const specifications = input.NetworkInterfaces ?? [];
  if (specifications.length === 0) {
    const { SubnetId, PrivateIpAddress, SecurityGroupIds: Groups } = input;
    return [{ DeviceIndex: 0, SubnetId, PrivateIpAddress, Groups }];
  }
  const conflict = (what: string) =>
    combination(`Network interfaces and an instance-level ${what} may not be specified on the same request`);
  if (input.SubnetId !== undefined) throw conflict("subnet ID");
  if (input.SecurityGroupIds?.length || input.SecurityGroups?.length) throw conflict("security groups");
  if (input.PrivateIpAddress !== undefined) throw conflict("private address");
  for (const each of specifications) refuseUnmodelled(each, unmodelledInterface);
  const indexes = specifications.map((each) => each.DeviceIndex);
  if (indexes.includes(undefined)) {
    throw new Ec2Error("InvalidParameterValue", "Each network interface requires a device index.");
  }
  if (!indexes.includes(0)) {
    throw combination("When specifying network interfaces, you must include a device at index 0.");
  }
  if (new Set(indexes).size < indexes.length) {
    throw combination("Each network interface must have a unique device index.");
  }
  if (specifications.length > 1 && specifications.some((each) => each.AssociatePublicIpAddress)) {
    throw combination(
      "The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.",
    );
  }
  if (specifications.some((each) => each.NetworkInterfaceId) && (input.MaxCount ?? 1) > 1) {
    throw combination("Network interfaces can be specified by id only when launching one instance.");
  }
  return [...specifications].sort((a, b) => a.DeviceIndex! - b.DeviceIndex!);
}

/** The primary interface's subnet; without one, a default subnet of a zone that has the type. */
export function launchSubnet(
  call: Call,
  input: RunInstancesRequest,
  [primary]: InstanceNetworkInterfaceSpecification[],
  type: InstanceTypeRow,
): Subnet {
  // Terraform sends an empty zone for none, which EC2 takes.
  const zone = input.Placement?.AvailabilityZone || undefined;
  if (zone !== undefined && !zonesOf(call.region).some(({ name }) => name === zone)) {
    throw invalidValue(zone, "availabilityZone", "Unknown Availability Zone.");
  }
  if (primary?.NetworkInterfaceId) {
    const eni = find(call, "networkInterface", primary.NetworkInterfaceId);
    return find(call, "subnet", eni.SubnetId);
  }
  if (primary?.SubnetId !== undefined) {
    const subnet = find(call, "subnet", primary.SubnetId);
    if (zone !== undefined && zone !== subnet.AvailabilityZone) {
      throw new Ec2Error(
        "InvalidParameterValue",
        `The availability zone '${zone}' does not match the zone of subnet '${subnet.SubnetId}'`,
      );
    }
    return subnet;
  }
  const vpc = [...call.tables.vpcs.values()].find((each) => each.IsDefault);
  if (!vpc) throw new Ec2Error("VPCIdNotSpecified", "No default VPC for this user");
  const subnets = [...call.tables.subnets.values()].filter(
    (each) =>
      each.DefaultForAz &&
      each.VpcId === vpc.VpcId &&
      (zone ?? each.AvailabilityZone) === each.AvailabilityZone,
  );
  const fit = subnets.filter((each) => isOffered(type, each.AvailabilityZone!));
  const chosen = fit[call.world.ids.number(Math.max(fit.length, 1))] ?? subnets[0];
  if (chosen) return chosen;
  throw new Ec2Error(
    "MissingInput",
    `No subnets found for the default VPC '${vpc.VpcId}'. Please specify a subnet.`,
  );
}

/** Throws Unsupported where the zone does not have the type, with the zones that do. */
export function refuseZoneWithout({ region }: Call, type: InstanceTypeRow, zone: string): void {
  if (isOffered(type, zone)) return;
  const others = zonesOf(region)
    .map(({ name }) => name)
    .filter((name) => isOffered(type, name));
  throw new Ec2Error(
    "Unsupported",
    `Your requested instance type (${type.info.InstanceType}) is not supported in your requested Availability Zone (${zone}). Please retry your request by not specifying an Availability Zone or choosing ${others.join(", ")}.`,
  );
}
