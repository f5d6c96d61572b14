import {
  DescribeInstanceStatus$,
  type DescribeInstanceStatusRequest,
  DescribeInstances$,
  type DescribeInstancesRequest,
  type InstanceStatus,
  type Reservation,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, reads } from "../action.ts";
import { type FilterFields, select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { consoleOutputActions } from "./console-output.ts";
import { instanceAttributeActions } from "./instance-attributes.ts";
import { instanceStateActions } from "./instance-state.ts";
import { type InstanceView, viewOf } from "./instance-view.ts";
import { networkInterfaceFields } from "./network-interfaces.ts";
import { runInstancesActions } from "./run-instances.ts";

const interfaceFilters: FilterFields<InstanceView> = Object.fromEntries(
  Object.entries(networkInterfaceFields).map(([name, field]) => [
    `network-interface.${name}`,
    ({ interfaces }: InstanceView) => interfaces.flatMap((eni) => [field(eni)].flat()),
  ]),
);

const fields: FilterFields<InstanceView> = {
  ...interfaceFilters,
  architecture: ({ instance }) => instance.Architecture,
  "availability-zone": ({ instance }) => instance.Placement?.AvailabilityZone,
  "block-device-mapping.delete-on-termination": ({ instance }) =>
    instance.BlockDeviceMappings?.map((each) => String(each.Ebs?.DeleteOnTermination)),
  "block-device-mapping.device-name": ({ instance }) =>
    instance.BlockDeviceMappings?.map((each) => each.DeviceName),
  "block-device-mapping.status": ({ instance }) =>
    instance.BlockDeviceMappings?.map((each) => each.Ebs?.Status),
  "block-device-mapping.volume-id": ({ instance }) =>
    instance.BlockDeviceMappings?.map((each) => each.Ebs?.VolumeId),
  "client-token": ({ instance }) => instance.ClientToken,
  "dns-name": ({ instance }) => instance.PublicDnsName,
  hypervisor: ({ instance }) => instance.Hypervisor,
  "image-id": ({ instance }) => instance.ImageId,
  "instance-id": ({ instance }) => instance.InstanceId,
  "instance-state-code": ({ instance }) => String(instance.State?.Code),
  "instance-state-name": ({ instance }) => instance.State?.Name,
  "instance-type": ({ instance }) => instance.InstanceType,
  "instance.group-id": ({ instance }) => instance.SecurityGroups?.map((group) => group.GroupId),
  "instance.group-name": ({ instance }) => instance.SecurityGroups?.map((group) => group.GroupName),
  "ip-address": ({ instance }) => instance.PublicIpAddress,
  "key-name": ({ instance }) => instance.KeyName,
  "launch-index": ({ instance }) => String(instance.AmiLaunchIndex),
  "launch-time": ({ instance }) => instance.LaunchTime?.toISOString(),
  "metadata-options.http-endpoint": ({ instance }) => instance.MetadataOptions?.HttpEndpoint,
  "metadata-options.http-tokens": ({ instance }) => instance.MetadataOptions?.HttpTokens,
  "monitoring-state": ({ instance }) => instance.Monitoring?.State,
  "owner-id": ({ interfaces }) => interfaces.map((eni) => eni.OwnerId),
  "placement-group-name": ({ instance }) => instance.Placement?.GroupName,
  platform: ({ instance }) => instance.Platform,
  "platform-details": ({ instance }) => instance.PlatformDetails,
  "private-dns-name": ({ instance }) => instance.PrivateDnsName,
  "private-ip-address": ({ interfaces }) =>
    interfaces.flatMap((eni) => eni.PrivateIpAddresses?.map((each) => each.PrivateIpAddress)),
  "reservation-id": ({ record }) => record.reservationId,
  "root-device-name": ({ instance }) => instance.RootDeviceName,
  "root-device-type": ({ instance }) => instance.RootDeviceType,
  "source-dest-check": ({ instance }) => String(instance.SourceDestCheck),
  "state-reason-code": ({ instance }) => instance.StateReason?.Code,
  "subnet-id": ({ instance }) => instance.SubnetId,
  tenancy: ({ instance }) => instance.Placement?.Tenancy,
  "virtualization-type": ({ instance }) => instance.VirtualizationType,
  "vpc-id": ({ instance }) => instance.VpcId,
};

const views = (call: Call) =>
  new Map([...call.tables.instances].map(([id, record]) => [id, viewOf(call, record)]));

function refuseIdsWithPages({ InstanceIds, MaxResults }: DescribeInstancesRequest): void {
  if (!InstanceIds?.length || MaxResults === undefined) return;
  throw new Ec2Error(
    "InvalidParameterCombination",
    "The parameter instancesSet cannot be used with the parameter maxResults",
  );
}

/** The status checks pass some minutes after `running`. */
function statusOf({ world }: Call, { record, instance }: InstanceView): InstanceStatus {
  const checked = (record.runningSince ?? 0) + (world.profile.lasts["instance:initializing"] ?? 0);
  const isRunning = instance.State?.Name === "running";
  const passed = world.now >= checked;
  const Status = !isRunning ? "not-applicable" : passed ? "ok" : "initializing";
  const details = isRunning
    ? {
        Details: [
          { Name: "reachability" as const, Status: passed ? ("passed" as const) : ("initializing" as const) },
        ],
      }
    : {};
  return {
    AvailabilityZone: instance.Placement?.AvailabilityZone,
    InstanceId: instance.InstanceId,
    InstanceState: instance.State,
    InstanceStatus: { Status, ...details },
    SystemStatus: { Status, ...details },
  };
}

const statusFields: FilterFields<InstanceStatus> = {
  "availability-zone": (row) => row.AvailabilityZone,
  "instance-state-code": (row) => String(row.InstanceState?.Code),
  "instance-state-name": (row) => row.InstanceState?.Name,
  "instance-status.reachability": (row) => row.InstanceStatus?.Details?.map((each) => each.Status),
  "instance-status.status": (row) => row.InstanceStatus?.Status,
  "system-status.reachability": (row) => row.SystemStatus?.Details?.map((each) => each.Status),
  "system-status.status": (row) => row.SystemStatus?.Status,
};

export const instanceActions: Actions = {
  ...runInstancesActions,
  ...instanceStateActions,
  ...instanceAttributeActions,
  ...consoleOutputActions,

  DescribeInstances: reads(DescribeInstances$, (input: DescribeInstancesRequest, call) => {
    refuseIdsWithPages(input);
    const { rows, nextToken } = select(
      call,
      "instance",
      views(call),
      {
        ids: input.InstanceIds,
        filters: input.Filters,
        maxResults: input.MaxResults,
        nextToken: input.NextToken,
      },
      fields,
    );
    const reservations = new Map<string, Reservation>();
    for (const [, { record, instance }] of rows) {
      const ReservationId = record.reservationId;
      const reservation: Reservation = reservations.get(ReservationId) ?? {
        ReservationId,
        OwnerId: call.account,
        Groups: [],
        Instances: [],
      };
      reservation.Instances?.push(instance);
      reservations.set(ReservationId, reservation);
    }
    return { Reservations: [...reservations.values()], NextToken: nextToken };
  }),

  DescribeInstanceStatus: reads(DescribeInstanceStatus$, (input: DescribeInstanceStatusRequest, call) => {
    refuseIdsWithPages(input);
    const all = [...views(call)].map(([id, view]) => [id, statusOf(call, view)] as const);
    // Ids are looked up among all instances; those that do not run are then left out, without an error.
    select(call, "instance", new Map(all), { ids: input.InstanceIds }, statusFields);
    const shown = all.filter(
      ([id, { InstanceState }]) =>
        (input.IncludeAllInstances || InstanceState?.Name === "running") &&
        (!input.InstanceIds?.length || input.InstanceIds.includes(id)),
    );
    const { rows, nextToken } = select(
      call,
      "instance",
      new Map(shown),
      { filters: input.Filters, maxResults: input.MaxResults, nextToken: input.NextToken },
      statusFields,
    );
    return { InstanceStatuses: rows.map(([, row]) => row), NextToken: nextToken };
  }),
};
