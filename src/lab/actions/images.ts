import { DescribeImages$, type DescribeImagesRequest, type Image } from "@aws-sdk/client-ec2";
import { type Actions, type Call, reads } from "../action.ts";
import { type FilterFields, select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { tagList } from "../tags.ts";
import { imageOfParameter, publicImages } from "./public-images.ts";

const visibleImages = (call: Call): Map<string, Image> =>
  new Map([...publicImages(call.region), ...call.tables.images]);

/**
 * The image that RunInstances' ImageId names: an id, or `resolve:ssm:` with a public parameter of Amazon's.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-systems-manager-parameter-to-find-AMI.html
 */
export function imageNamed(call: Call, id: string | undefined): Image {
  if (!id) throw new Ec2Error("MissingParameter", "The request must contain the parameter ImageId");
  const parameter = /^resolve:ssm:([^:]+)/.exec(id)?.[1];
  if (parameter !== undefined) {
    const image = imageOfParameter(call.region, parameter);
    if (image) return image;
    throw new Ec2Error(
      "InvalidParameterValue",
      `Value (${id}) for parameter ImageId is invalid. Systems Manager parameter ${parameter} not found.`,
    );
  }
  if (!id.startsWith("ami-")) {
    throw new Ec2Error("InvalidAMIID.Malformed", `Invalid id: "${id}" (expecting "ami-...")`);
  }
  const image = visibleImages(call).get(id);
  if (!image) throw new Ec2Error("InvalidAMIID.NotFound", `The image id '[${id}]' does not exist`);
  return image;
}

const isOwnedBy = (image: Image, owner: string, account: string) =>
  owner === "self" ? image.OwnerId === account : [image.OwnerId, image.ImageOwnerAlias].includes(owner);

const root = (image: Image) =>
  image.BlockDeviceMappings?.find((each) => each.DeviceName === image.RootDeviceName)?.Ebs;

const fields: FilterFields<Image> = {
  architecture: (image) => image.Architecture,
  "block-device-mapping.device-name": (image) => image.BlockDeviceMappings?.map((each) => each.DeviceName),
  "block-device-mapping.encrypted": (image) =>
    image.BlockDeviceMappings?.map((each) => String(each.Ebs?.Encrypted)),
  "block-device-mapping.volume-size": (image) => root(image)?.VolumeSize?.toString(),
  "block-device-mapping.volume-type": (image) => root(image)?.VolumeType,
  "boot-mode": (image) => image.BootMode,
  "creation-date": (image) => image.CreationDate,
  description: (image) => image.Description,
  "ena-support": (image) => String(image.EnaSupport),
  hypervisor: (image) => image.Hypervisor,
  "image-id": (image) => image.ImageId,
  "image-type": (image) => image.ImageType,
  "is-public": (image) => String(image.Public),
  name: (image) => image.Name,
  "owner-alias": (image) => image.ImageOwnerAlias,
  "owner-id": (image) => image.OwnerId,
  platform: (image) => image.Platform,
  "platform-details": (image) => image.PlatformDetails,
  "root-device-name": (image) => image.RootDeviceName,
  "root-device-type": (image) => image.RootDeviceType,
  state: (image) => image.State,
  "usage-operation": (image) => image.UsageOperation,
  "virtualization-type": (image) => image.VirtualizationType,
};

export const imageActions: Actions = {
  DescribeImages: reads(DescribeImages$, (input: DescribeImagesRequest, call) => {
    const owners = input.Owners ?? [];
    const all = [...visibleImages(call)];
    const owned = all.filter(
      ([, image]) => owners.length === 0 || owners.some((owner) => isOwnedBy(image, owner, call.account)),
    );
    for (const id of input.ImageIds ?? []) imageNamed(call, id);
    const { rows, nextToken } = select(
      call,
      "image",
      new Map(owned),
      {
        // The ids exist; those of other owners are left out without an error.
        ids: undefined,
        filters: [
          ...(input.Filters ?? []),
          ...(input.ImageIds?.length ? [{ Name: "image-id", Values: input.ImageIds }] : []),
        ],
        maxResults: input.MaxResults,
        nextToken: input.NextToken,
      },
      fields,
    );
    return {
      Images: rows.map(([id, image]) => ({ ...image, Tags: tagList(call, id) })),
      NextToken: nextToken,
    };
  }),
};
