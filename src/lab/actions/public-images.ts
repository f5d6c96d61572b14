import { createHash } from "node:crypto";
import type { ArchitectureValues, Image } from "@aws-sdk/client-ec2";

const amazon = "137112412989";

/** Amazon Linux 2023 releases, newest first: version and creation date. */
const releases = [
  ["2023.9.20251117.1", "2025-11-14T22:12:41.000Z"],
  ["2023.9.20251027.0", "2025-10-23T21:55:08.000Z"],
  ["2023.8.20250915.0", "2025-09-11T22:03:50.000Z"],
] as const;

const architectures: readonly ArchitectureValues[] = ["x86_64", "arm64"];

/** The two builds of each release; the minimal one lacks, among others, Instance Connect's package. */
const builds = [
  { stem: "al2023-ami-", parameter: "al2023-ami-", size: 8 },
  { stem: "al2023-ami-minimal-", parameter: "al2023-ami-minimal-", size: 2 },
];

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);

/**
 * The public images of a Region; their ids differ from Region to Region, as on AWS, but never change. They belong to nobody's
 * tables. https://docs.aws.amazon.com/linux/al2023/ug/ec2.html
 */
export function publicImages(region: string): Map<string, Image> {
  const known = byRegion.get(region);
  if (known) return known;
  const images = releases.flatMap(([version, created]) =>
    architectures.flatMap((architecture) =>
      builds.map(({ stem, size }) => imageOf(region, stem, version, created, architecture, size)),
    ),
  );
  const table = new Map(images.map((image) => [image.ImageId!, image]));
  byRegion.set(region, table);
  return table;
}

const byRegion = new Map<string, Map<string, Image>>();

function imageOf(
  region: string,
  stem: string,
  version: string,
  CreationDate: string,
  Architecture: ArchitectureValues,
  VolumeSize: number,
): Image {
  const Name = `${stem}${version}-kernel-6.1-${Architecture}`;
  return {
    ImageId: `ami-0${hash(`${region}/${Name}`)}`,
    Name,
    Architecture,
    CreationDate,
    Description: `Amazon Linux ${version.split(".")[0]} AMI ${version} ${Architecture} HVM kernel-6.1`,
    ImageLocation: `amazon/${Name}`,
    ImageType: "machine",
    Public: true,
    OwnerId: amazon,
    ImageOwnerAlias: "amazon",
    PlatformDetails: "Linux/UNIX",
    UsageOperation: "RunInstances",
    State: "available",
    BlockDeviceMappings: [
      {
        DeviceName: "/dev/xvda",
        Ebs: {
          DeleteOnTermination: true,
          Encrypted: false,
          Iops: 3000,
          SnapshotId: `snap-0${hash(`${region}/${Name}/root`)}`,
          Throughput: 125,
          VolumeSize,
          VolumeType: "gp3",
        },
      },
    ],
    BootMode: "uefi-preferred",
    EnaSupport: true,
    Hypervisor: "xen",
    ImdsSupport: "v2.0",
    RootDeviceName: "/dev/xvda",
    RootDeviceType: "ebs",
    SriovNetSupport: "simple",
    VirtualizationType: "hvm",
    FreeTierEligible: true,
  };
}

const parameterPath = "/aws/service/ami-amazon-linux-latest/";

/**
 * The image that one of Amazon's public SSM parameters names: the newest of its build and architecture.
 * https://docs.aws.amazon.com/linux/al2023/ug/ec2.html#launch-via-aws-cli
 */
export function imageOfParameter(region: string, parameter: string): Image | undefined {
  if (!parameter.startsWith(parameterPath)) return undefined;
  const wanted = parameter.slice(parameterPath.length);
  const all = [...publicImages(region).values()];
  for (const { stem, parameter } of builds) {
    for (const architecture of architectures) {
      for (const kernel of ["default", "6.1"]) {
        if (wanted !== `${parameter}kernel-${kernel}-${architecture}`) continue;
        return all.find(({ Name, Architecture }) => {
          return Name!.startsWith(`${stem}2023.`) && Architecture === architecture;
        });
      }
    }
  }
  return undefined;
}
