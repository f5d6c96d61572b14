import { expect, test } from "vitest";
import { outcomeOf } from "../start.ts";
import { awsForTest, launch } from "./aws.ts";

test("Amazon Linux 2023, for both architectures, in several releases", async () => {
  const { ec2 } = await awsForTest();
  const { Images } = await ec2.describeImages({
    Owners: ["amazon"],
    Filters: [
      { Name: "name", Values: ["al2023-ami-2023.*-kernel-*"] },
      { Name: "architecture", Values: ["arm64"] },
      { Name: "state", Values: ["available"] },
      { Name: "root-device-type", Values: ["ebs"] },
      { Name: "virtualization-type", Values: ["hvm"] },
    ],
  });
  expect(Images?.length).toBeGreaterThan(1);
  expect(new Set(Images?.map((image) => image.CreationDate)).size).toBe(Images?.length);
  expect(Images?.[0]).toMatchObject({
    ImageId: expect.stringMatching(/^ami-0[0-9a-f]{16}$/),
    Architecture: "arm64",
    OwnerId: "137112412989",
    ImageOwnerAlias: "amazon",
    Public: true,
    RootDeviceName: "/dev/xvda",
    BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeSize: 8, VolumeType: "gp3" } }],
  });
});

test("the public parameter names the newest", async () => {
  const { ec2 } = await awsForTest();
  for (const [parameter, pattern] of [
    ["al2023-ami-kernel-default-x86_64", "al2023-ami-2023.*-x86_64"],
    ["al2023-ami-kernel-6.1-x86_64", "al2023-ami-2023.*-x86_64"],
    ["al2023-ami-minimal-kernel-default-x86_64", "al2023-ami-minimal-2023.*-x86_64"],
  ]) {
    const ImageId = `resolve:ssm:/aws/service/ami-amazon-linux-latest/${parameter}`;
    const { instance } = await launch(ec2, { ImageId });
    const { Images } = await ec2.describeImages({ Filters: [{ Name: "name", Values: [pattern ?? ""] }] });
    const newest = Images?.sort((a, b) => ((a.CreationDate ?? "") < (b.CreationDate ?? "") ? 1 : -1))[0];
    expect([parameter, instance?.ImageId]).toEqual([parameter, newest?.ImageId]);
  }
});

test("ids differ from Region to Region; owners and unknown ids", async () => {
  const { ec2, at } = await awsForTest();
  const ids = async (client: typeof ec2) =>
    (await client.describeImages({})).Images?.map((image) => image.ImageId);
  const [east = [], west = []] = [await ids(ec2), await ids(at("123456789012", "us-west-2"))];
  expect(east.filter((id) => west.includes(id))).toEqual([]);
  expect(await ids(at("210987654321"))).toEqual(east);
  expect((await ec2.describeImages({ Owners: ["self"] })).Images).toEqual([]);
  expect((await ec2.describeImages({ Owners: ["137112412989"] })).Images?.length).toBe(east.length);
  const [first = ""] = east;
  expect((await ec2.describeImages({ ImageIds: [first] })).Images?.map((image) => image.ImageId)).toEqual([
    first,
  ]);
  expect(await outcomeOf(ec2.describeImages({ ImageIds: [west[0] ?? ""] }))).toBe(
    `InvalidAMIID.NotFound: The image id '[${west[0]}]' does not exist`,
  );
});
