import {
  type _InstanceType,
  DescribeImagesCommand,
  type Image,
  type Instance,
  RunInstancesCommand,
  type TagSpecification,
} from "@aws-sdk/client-ec2";
import { codeOf } from "../aws/codes.ts";
import type { Context } from "../context.ts";
import { UserError } from "../errors.ts";

/** https://docs.aws.amazon.com/linux/al2023/ug/ec2.html#launch-via-aws-cli */
const newestImage = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

interface Launch {
  subnet: string;
  group: string;
  type: _InstanceType;
  token: string;
  tags: TagSpecification[];
}

/**
 * One instance, launched as AWS advises: IMDSv2 only, encrypted root volume, no public address, everything that comes with
 * it gone when it is terminated. The image is the newest Amazon Linux 2023 by its public SSM parameter, or by
 * DescribeImages on an endpoint that does not resolve the parameter.
 */
export async function runInstance(ctx: Context, launch: Launch): Promise<Instance> {
  if (ctx.config.image) return run(ctx, launch, await imageAsked(ctx, ctx.config.image));
  // The root device of Amazon Linux 2023 is known, which saves asking for it.
  const newest = { ImageId: newestImage, RootDeviceName: "/dev/xvda" };
  try {
    return await run(ctx, launch, newest);
  } catch (error) {
    if (!/^InvalidAMI|^InvalidParameter|^InvalidSSM|^Unsupported|^MissingParameter/.test(codeOf(error))) {
      throw error;
    }
    const image = await newestByDescription(ctx);
    if (!image) throw error;
    return run(ctx, { ...launch, token: `${launch.token.slice(0, -1)}i` }, image);
  }
}

async function run(ctx: Context, launch: Launch, image: Image): Promise<Instance> {
  const { Instances } = await ctx.aws.ec2(
    new RunInstancesCommand({
      ImageId: image.ImageId,
      InstanceType: launch.type,
      MinCount: 1,
      MaxCount: 1,
      ClientToken: launch.token,
      NetworkInterfaces: [
        {
          DeviceIndex: 0,
          SubnetId: launch.subnet,
          Groups: [launch.group],
          AssociatePublicIpAddress: false,
          DeleteOnTermination: true,
        },
      ],
      MetadataOptions: { HttpEndpoint: "enabled", HttpTokens: "required" },
      BlockDeviceMappings: image.RootDeviceName
        ? [
            {
              DeviceName: image.RootDeviceName,
              Ebs: {
                Encrypted: true,
                DeleteOnTermination: true,
                VolumeType: "gp3",
                // As large as the image's, which AWS takes by itself and other endpoints want to be told.
                VolumeSize: rootSize(image),
              },
            },
          ]
        : undefined,
      TagSpecifications: launch.tags,
    }),
    { fresh: true },
  );
  return Instances![0]!;
}

/** In GiB; undefined where the image has not been described. */
function rootSize({ BlockDeviceMappings, RootDeviceName }: Image): number | undefined {
  return BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === RootDeviceName)?.Ebs?.VolumeSize;
}

async function imageAsked(ctx: Context, id: string): Promise<Image> {
  // Only RunInstances resolves a parameter, so its image's root device is not known, and stays as the image has it.
  if (id.startsWith("resolve:ssm:")) return { ImageId: id };
  const { Images } = await ctx.aws.ec2(new DescribeImagesCommand({ ImageIds: [id] }));
  if (Images?.[0]) return Images[0];
  throw new UserError(`there is no image ${id} in this Region`, "name another with --image, or leave it out");
}

async function newestByDescription(ctx: Context): Promise<Image | undefined> {
  const { Images } = await ctx.aws.ec2(
    new DescribeImagesCommand({
      Owners: ["amazon"],
      Filters: [
        { Name: "name", Values: ["al2023-ami-2023.*"] },
        { Name: "architecture", Values: ["x86_64"] },
        { Name: "state", Values: ["available"] },
      ],
    }),
  );
  const byDate = (a: Image, b: Image) => ((a.CreationDate ?? "") < (b.CreationDate ?? "") ? 1 : -1);
  return Images?.sort(byDate)[0];
}
