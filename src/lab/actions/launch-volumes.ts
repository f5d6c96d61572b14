import { createHash } from "node:crypto";
import type { BlockDeviceMapping, EbsBlockDevice, Image, Volume } from "@aws-sdk/client-ec2";
import type { Call } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { invalidValue } from "./parameters.ts";

/** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html */
const volumeTypes = ["standard", "gp2", "gp3", "io1", "io2", "st1", "sc1"];

interface Device {
  name: string;
  ebs: EbsBlockDevice;
}

/** The image's devices with what the request changes of them, and the request's own. */
export function launchDevices(image: Image, asked: readonly BlockDeviceMapping[] = []): Device[] {
  const devices = new Map<string, EbsBlockDevice>();
  for (const { DeviceName, Ebs } of image.BlockDeviceMappings ?? []) {
    if (DeviceName && Ebs) devices.set(DeviceName, Ebs);
  }
  for (const { DeviceName, Ebs, NoDevice } of asked) {
    if (!DeviceName) {
      throw new Ec2Error("MissingParameter", "The request must contain the parameter deviceName");
    }
    if (NoDevice !== undefined) devices.delete(DeviceName);
    if (!Ebs) continue;
    const base = devices.get(DeviceName);
    checkSize(DeviceName, Ebs, base);
    if (Ebs.VolumeType !== undefined && !volumeTypes.includes(Ebs.VolumeType)) {
      throw invalidValue(Ebs.VolumeType, "volumeType", "Unknown volume type.");
    }
    // Iops and throughput of the image's volume are those of its type.
    const { Iops: _iops, Throughput: _throughput, ...plain } = base ?? {};
    const keep = Ebs.VolumeType === undefined || Ebs.VolumeType === base?.VolumeType ? base : plain;
    const given = Object.fromEntries(Object.entries(Ebs).filter(([, value]) => value !== undefined));
    devices.set(DeviceName, { DeleteOnTermination: true, VolumeType: "gp2", ...keep, ...given });
  }
  return [...devices].map(([name, ebs]) => ({ name, ebs }));
}

function checkSize(name: string, { VolumeSize }: EbsBlockDevice, base: EbsBlockDevice | undefined): void {
  if (VolumeSize === undefined && base === undefined) {
    throw new Ec2Error(
      "MissingParameter",
      `The request must contain the parameter size or snapshotId for device ${name}`,
    );
  }
  if (VolumeSize !== undefined && VolumeSize < (base?.VolumeSize ?? 1)) {
    throw new Ec2Error(
      "InvalidBlockDeviceMapping",
      `Volume of size ${VolumeSize}GB is smaller than snapshot '${base?.SnapshotId}', expect size>= ${base?.VolumeSize}GB`,
    );
  }
}

/** Makes the volume of one device, attaching to its instance. */
export function insertVolume(
  call: Call,
  { name, ebs }: Device,
  { instanceId, zone }: { instanceId: string; zone: string },
): Volume {
  const { world, tables } = call;
  const VolumeId = world.ids.make("vol");
  const Encrypted = ebs.Encrypted ?? false;
  const volume: Volume = {
    VolumeId,
    AvailabilityZone: zone,
    CreateTime: new Date(world.now),
    Encrypted,
    ...(Encrypted && { KmsKeyId: ebs.KmsKeyId ?? defaultKey(call) }),
    Size: ebs.VolumeSize,
    SnapshotId: ebs.SnapshotId ?? "",
    VolumeType: ebs.VolumeType,
    ...(ebs.VolumeType === "gp3" && { Iops: ebs.Iops ?? 3000, Throughput: ebs.Throughput ?? 125 }),
    ...(ebs.VolumeType === "gp2" && { Iops: Math.max(100, 3 * (ebs.VolumeSize ?? 0)) }),
    ...(ebs.VolumeType?.startsWith("io") && { Iops: ebs.Iops ?? 100 }),
    MultiAttachEnabled: false,
    State: "creating",
    Attachments: [
      {
        VolumeId,
        InstanceId: instanceId,
        Device: name,
        State: "attaching",
        AttachTime: new Date(world.now),
        DeleteOnTermination: ebs.DeleteOnTermination,
      },
    ],
  };
  tables.volumes.set(VolumeId, volume);
  return volume;
}

/** The account's `aws/ebs` key: made by nobody, and always the same. */
function defaultKey({ account, region }: Call): string {
  const digits = createHash("sha256").update(`${account}/${region}/aws/ebs`).digest("hex");
  const uuid = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  return `arn:aws:kms:${region}:${account}:key/${uuid}`;
}
