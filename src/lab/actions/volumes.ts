import { DescribeVolumes$, type DescribeVolumesRequest, type Volume } from "@aws-sdk/client-ec2";
import { type Actions, reads } from "../action.ts";
import { type FilterFields, select } from "../describe.ts";
import { tagList } from "../tags.ts";

const fields: FilterFields<Volume> = {
  "attachment.delete-on-termination": (volume) =>
    volume.Attachments?.map((each) => String(each.DeleteOnTermination)),
  "attachment.device": (volume) => volume.Attachments?.map((each) => each.Device),
  "attachment.instance-id": (volume) => volume.Attachments?.map((each) => each.InstanceId),
  "attachment.status": (volume) => volume.Attachments?.map((each) => each.State),
  "availability-zone": (volume) => volume.AvailabilityZone,
  "create-time": (volume) => volume.CreateTime?.toISOString(),
  encrypted: (volume) => String(volume.Encrypted),
  "multi-attach-enabled": (volume) => String(volume.MultiAttachEnabled),
  size: (volume) => String(volume.Size),
  "snapshot-id": (volume) => volume.SnapshotId,
  status: (volume) => volume.State,
  "volume-id": (volume) => volume.VolumeId,
  "volume-type": (volume) => volume.VolumeType,
};

/** Volumes come and go with their instances; the lab makes none by itself. */
export const volumeActions: Actions = {
  DescribeVolumes: reads(DescribeVolumes$, (input: DescribeVolumesRequest, call) => {
    const { rows, nextToken } = select(
      call,
      "volume",
      call.tables.volumes,
      {
        ids: input.VolumeIds,
        filters: input.Filters,
        maxResults: input.MaxResults,
        nextToken: input.NextToken,
      },
      fields,
    );
    return {
      Volumes: rows.map(([id, volume]) => ({ ...volume, Tags: tagList(call, id) })),
      NextToken: nextToken,
    };
  }),
};
