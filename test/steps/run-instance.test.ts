import { DescribeImagesCommand, EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Aws, connectAws } from "../../src/aws/aws.ts";
import { tagSpecifications } from "../../src/aws/tags.ts";
import type { Context } from "../../src/context.ts";
import { runInstance } from "../../src/steps/run-instance.ts";
import { hurriedClock } from "../support/hurried-clock.ts";
import { serviceError } from "../support/service-error.ts";

const ec2 = mockClient(EC2Client);
let aws: Aws;
let clock: ReturnType<typeof hurriedClock>;

beforeEach(() => {
  clock = hurriedClock();
  aws = connectAws({
    region: "us-east-1",
    profile: undefined,
    endpoint: undefined,
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
    clock,
    signal: new AbortController().signal,
  });
});
afterEach(() => {
  aws.close();
  ec2.reset();
});

const tags = tagSpecifications(
  { name: "demo", uuid: "u-1" },
  "instance/vpc-1",
  "instance",
  "volume",
  "network-interface",
);
const token = "a".repeat(64);

function launch(image?: string) {
  const ctx = { aws, config: { image } } as unknown as Context;
  return runInstance(ctx, { subnet: "subnet-1", group: "sg-1", type: "t3.micro", token, tags });
}

const inputs = () => ec2.commandCalls(RunInstancesCommand).map(({ args }) => args[0].input);
const instance = { InstanceId: "i-1" };

test("the exact launch: IMDSv2 only, encrypted, no public address, nothing left behind, tags on all of it", async () => {
  ec2.on(RunInstancesCommand).resolves({ Instances: [instance] });
  expect(await launch()).toBe(instance);
  const Tags = [
    { Key: "Name", Value: "demo instance/vpc-1" },
    { Key: "peerctl:stack", Value: "u-1" },
    { Key: "peerctl:key", Value: "instance/vpc-1" },
    { Key: "peerctl:name", Value: "demo" },
  ];
  expect(inputs()).toEqual([
    {
      ImageId: "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
      InstanceType: "t3.micro",
      MinCount: 1,
      MaxCount: 1,
      ClientToken: token,
      NetworkInterfaces: [
        {
          DeviceIndex: 0,
          SubnetId: "subnet-1",
          Groups: ["sg-1"],
          AssociatePublicIpAddress: false,
          DeleteOnTermination: true,
        },
      ],
      MetadataOptions: { HttpEndpoint: "enabled", HttpTokens: "required" },
      BlockDeviceMappings: [
        { DeviceName: "/dev/xvda", Ebs: { Encrypted: true, DeleteOnTermination: true, VolumeType: "gp3" } },
      ],
      TagSpecifications: ["instance", "volume", "network-interface"].map((ResourceType) => ({
        ResourceType,
        Tags,
      })),
    },
  ]);
  expect(ec2.commandCalls(DescribeImagesCommand)).toHaveLength(0);
});

test.each(["InvalidAMIID.NotFound", "InvalidAMIID.Malformed", "InvalidParameterValue"])(
  "%s for the parameter: the newest image by its description, at once and with another token",
  async (code) => {
    ec2
      .on(RunInstancesCommand)
      .rejectsOnce(serviceError(code))
      .resolves({ Instances: [instance] });
    ec2.on(DescribeImagesCommand).resolves({
      Images: [
        { ImageId: "ami-old", CreationDate: "2025-01-01T00:00:00.000Z", RootDeviceName: "/dev/xvda" },
        { ImageId: "ami-new", CreationDate: "2026-01-01T00:00:00.000Z", RootDeviceName: "/dev/sda1" },
      ],
    });
    const began = clock.now();
    expect(await launch()).toBe(instance);
    expect(clock.now()).toBe(began);
    const [first, second] = inputs();
    expect(second).toMatchObject({
      ImageId: "ami-new",
      BlockDeviceMappings: [{ DeviceName: "/dev/sda1", Ebs: { Encrypted: true } }],
    });
    // The same token with other parameters would be IdempotentParameterMismatch.
    expect(second?.ClientToken).not.toBe(first?.ClientToken);
    expect(ec2.commandCalls(DescribeImagesCommand)[0]?.args[0].input).toMatchObject({ Owners: ["amazon"] });
  },
);

test("without any such image, the first error stands; and one that is not about the image is not retried", async () => {
  const unknown = serviceError("InvalidAMIID.NotFound");
  ec2.on(RunInstancesCommand).rejects(unknown);
  ec2.on(DescribeImagesCommand).resolves({ Images: [] });
  await expect(launch()).rejects.toBe(unknown);

  ec2.reset();
  const refused = serviceError("VcpuLimitExceeded");
  ec2.on(RunInstancesCommand).rejects(refused);
  await expect(launch()).rejects.toBe(refused);
  expect(inputs()).toHaveLength(1);
});

test("an image of one's own: its root device is asked for; a parameter's stays as the image has it", async () => {
  ec2.on(RunInstancesCommand).resolves({ Instances: [instance] });
  ec2
    .on(DescribeImagesCommand)
    .resolves({ Images: [{ ImageId: "ami-12345678", RootDeviceName: "/dev/sda1" }] });
  await launch("ami-12345678");
  expect(inputs()[0]).toMatchObject({
    ImageId: "ami-12345678",
    BlockDeviceMappings: [{ DeviceName: "/dev/sda1" }],
  });
  ec2.on(DescribeImagesCommand).resolves({ Images: [] });
  await expect(launch("ami-99999999")).rejects.toThrow("there is no image ami-99999999 in this Region");
  await launch("resolve:ssm:/my/image");
  expect(inputs().at(-1)).toMatchObject({ ImageId: "resolve:ssm:/my/image", BlockDeviceMappings: undefined });
});

test("a subnet and a group that EC2 does not show yet are waited for", async () => {
  ec2
    .on(RunInstancesCommand)
    .rejectsOnce(serviceError("InvalidSubnetID.NotFound"))
    .rejectsOnce(serviceError("InvalidGroup.NotFound"))
    .resolves({ Instances: [instance] });
  expect(await launch()).toBe(instance);
  expect(new Set(inputs().map((input) => input.ClientToken)).size).toBe(1);
});
