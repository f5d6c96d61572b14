import type {
  Image,
  InstanceMetadataOptionsResponse,
  InstanceNetworkInterfaceSpecification,
  RunInstancesRequest,
  Subnet,
} from "@aws-sdk/client-ec2";
import type { Call } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { imageNamed } from "./images.ts";
import { type InstanceTypeRow, instanceTypeNamed } from "./instance-type-table.ts";
import { launchInterfaces, launchSubnet, refuseZoneWithout } from "./launch-network.ts";
import { metadataOptions } from "./metadata-options.ts";
import { invalidValue, refuseUnmodelled } from "./parameters.ts";

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
  const interfaces = launchInterfaces(input);
  const subnet = launchSubnet(call, input, interfaces, type);
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
    throw new Ec2Error(
      "InvalidParameterCombination",
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
