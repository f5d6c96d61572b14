import type {
  Image,
  InstanceMetadataOptionsResponse,
  InstanceNetworkInterfaceSpecification,
  RunInstancesRequest,
  Subnet,
} from "@aws-sdk/client-ec2";
import type { Call } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { zonesOf } from "../region.ts";
import { imageNamed } from "./images.ts";
import { type InstanceTypeRow, instanceTypeNamed, isOffered } from "./instance-type-table.ts";
import { metadataOptions } from "./metadata-options.ts";
import { invalidValue, refuseUnmodelled } from "./parameters.ts";

const combination = (text: string) => new Ec2Error("InvalidParameterCombination", text);

const unmodelled = [
  "Ipv6AddressCount",
  "Ipv6Addresses",
  "EnablePrimaryIpv6",
  "LaunchTemplate",
  "InstanceMarketOptions",
  "HibernationOptions",
  "LicenseSpecifications",
  "ElasticGpuSpecification",
  "ElasticInferenceAccelerators",
  "SecondaryInterfaces",
  "NetworkPerformanceOptions",
  "Operator",
] as const;

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

/** What RunInstances needs to know, looked up and checked against each other. Nothing has been changed yet. */
export interface LaunchRequest {
  image: Image;
  type: InstanceTypeRow;
  /** By device index; the first one is the primary interface. */
  interfaces: InstanceNetworkInterfaceSpecification[];
  subnet: Subnet;
  metadata: InstanceMetadataOptionsResponse;
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html */
export function launchRequest(call: Call, input: RunInstancesRequest): LaunchRequest {
  refuseUnmodelled(input, unmodelled);
  checkCounts(input);
  checkUserData(input.UserData);
  const image = imageNamed(call, input.ImageId);
  const type = typeFor(input, image);
  refuseUnknownNames(input);
  oneOf(input.InstanceInitiatedShutdownBehavior, "instanceInitiatedShutdownBehavior", ["stop", "terminate"]);
  oneOf(input.CreditSpecification?.CpuCredits, "creditSpecification.cpuCredits", ["standard", "unlimited"]);
  oneOf(input.Placement?.Tenancy, "placement.tenancy", ["default", "dedicated", "host"]);
  const metadata = metadataOptions(undefined, input.MetadataOptions);
  const interfaces = interfacesOf(input);
  const subnet = subnetFor(call, input, interfaces, type);
  refuseZoneWithout(call, type, subnet.AvailabilityZone!);
  return { image, type, interfaces, subnet, metadata };
}

function oneOf(value: string | undefined, parameter: string, values: readonly string[]): void {
  if (value === undefined || values.includes(value)) return;
  throw invalidValue(value, parameter, `Valid values are: ${values.join(", ")}`);
}

function checkCounts({ MinCount = 1, MaxCount = 1 }: RunInstancesRequest): void {
  if (MinCount < 1) throw invalidValue(String(MinCount), "minCount", "It must be at least 1.");
  if (MaxCount < MinCount) {
    throw combination(
      `The maximum instance count (${MaxCount}) must not be less than the minimum instance count (${MinCount})`,
    );
  }
}

/** Base64 of at most 16 KB. */
export function checkUserData(text: string | undefined): void {
  if (text === undefined) return;
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) {
    throw new Ec2Error("InvalidParameterValue", "Invalid BASE64 encoding of user data.");
  }
  if (Buffer.from(text, "base64").length > 16_384) {
    throw new Ec2Error("InvalidParameterValue", "User data is limited to 16384 bytes");
  }
}

function typeFor(input: RunInstancesRequest, image: Image): InstanceTypeRow {
  const name = input.InstanceType ?? "m1.small";
  const type = instanceTypeNamed(name);
  if (!type) throw new Ec2Error("InvalidParameterValue", `Invalid value '${name}' for InstanceType.`);
  const architectures = type.info.ProcessorInfo?.SupportedArchitectures ?? [];
  if (!architectures.some((each) => each === image.Architecture)) {
    throw new Ec2Error(
      "InvalidParameterValue",
      `The architecture '${architectures.join(",")}' of the specified instance type does not match the architecture '${image.Architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.`,
    );
  }
  return type;
}

/** The lab has no key pairs, instance profiles or placement groups, so a name of one is the name of none. */
function refuseUnknownNames({ KeyName, IamInstanceProfile, Placement }: RunInstancesRequest): void {
  if (KeyName) {
    throw new Ec2Error("InvalidKeyPair.NotFound", `The key pair '${KeyName}' does not exist`);
  }
  if (IamInstanceProfile) {
    const { Arn, Name } = IamInstanceProfile;
    throw invalidValue(
      Arn ?? Name,
      `iamInstanceProfile.${Arn ? "arn" : "name"}`,
      "Invalid IAM Instance Profile name",
    );
  }
  if (Placement?.GroupName) {
    throw new Ec2Error(
      "InvalidPlacementGroup.Unknown",
      `The Placement Group '${Placement.GroupName}' is unknown.`,
    );
  }
}

/** The interfaces asked for one by one, or the one that the request's own subnet, groups and address describe. */
function interfacesOf(input: RunInstancesRequest): InstanceNetworkInterfaceSpecification[] {
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
function subnetFor(
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

function refuseZoneWithout({ region }: Call, type: InstanceTypeRow, zone: string): void {
  if (isOffered(type, zone)) return;
  const others = zonesOf(region)
    .map(({ name }) => name)
    .filter((name) => isOffered(type, name));
  throw new Ec2Error(
    "Unsupported",
    `Your requested instance type (${type.info.InstanceType}) is not supported in your requested Availability Zone (${zone}). Please retry your request by not specifying an Availability Zone or choosing ${others.join(", ")}.`,
  );
}
