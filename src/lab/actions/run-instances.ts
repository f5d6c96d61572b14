import {
  type Instance,
  type NetworkInterface,
  RunInstances$,
  type RunInstancesRequest,
  type Tag,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { putTags, specifiedTags } from "../tags.ts";
import { lag } from "../transition.ts";
import type { InstanceRecord } from "../world.ts";
import { once } from "./client-token.ts";
import { enterState, planNext } from "./instance-lifecycle.ts";
import { viewOf } from "./instance-view.ts";
import { type PlannedInterface, planLaunch } from "./launch-plan.ts";
import { type LaunchRequest, launchRequest } from "./launch-request.ts";
import { insertVolume, launchDevices } from "./launch-volumes.ts";
import { attach } from "./network-interface-attachments.ts";
import { insertInterface } from "./network-interface-rows.ts";
import { setAutoAddress } from "./public-addresses.ts";

interface LaunchTags {
  instance: Tag[];
  volume: Tag[];
  networkInterface: Tag[];
}

function launchOne(
  call: Call,
  input: RunInstancesRequest,
  request: LaunchRequest,
  planned: readonly PlannedInterface[],
  batch: { reservationId: string; index: number; tags: LaunchTags },
): void {
  const { world, tables } = call;
  const { image, type, subnet } = request;
  const id = world.ids.make("i");
  const interfaces = planned.map((each) => interfaceFor(call, id, each, batch.tags));
  const instance: Instance = {
    InstanceId: id,
    ImageId: image.ImageId,
    InstanceType: type.info.InstanceType,
    AmiLaunchIndex: batch.index,
    Architecture: image.Architecture,
    BootMode: image.BootMode,
    ClientToken: input.ClientToken ?? "",
    CpuOptions: {
      CoreCount: type.info.VCpuInfo?.DefaultCores,
      ThreadsPerCore: type.info.VCpuInfo?.DefaultThreadsPerCore,
    },
    EbsOptimized: input.EbsOptimized ?? false,
    EnaSupport: image.EnaSupport,
    EnclaveOptions: { Enabled: input.EnclaveOptions?.Enabled ?? false },
    HibernationOptions: { Configured: false },
    Hypervisor: "xen",
    LaunchTime: new Date(world.now),
    MaintenanceOptions: { AutoRecovery: input.MaintenanceOptions?.AutoRecovery ?? "default" },
    MetadataOptions: request.metadata,
    Monitoring: { State: input.Monitoring?.Enabled ? "pending" : "disabled" },
    Placement: {
      AvailabilityZone: subnet.AvailabilityZone,
      AvailabilityZoneId: subnet.AvailabilityZoneId,
      GroupName: "",
      Tenancy: input.Placement?.Tenancy ?? "default",
    },
    PlatformDetails: image.PlatformDetails,
    PrivateIpAddress: interfaces[0]?.PrivateIpAddress,
    ProductCodes: [],
    RootDeviceName: image.RootDeviceName,
    RootDeviceType: image.RootDeviceType,
    SourceDestCheck: true,
    SubnetId: subnet.SubnetId,
    UsageOperation: image.UsageOperation,
    UsageOperationUpdateTime: new Date(world.now),
    VirtualizationType: image.VirtualizationType,
    VpcId: subnet.VpcId,
    BlockDeviceMappings: launchDevices(image, input.BlockDeviceMappings).map((device) => {
      const volume = insertVolume(call, device, { instanceId: id, zone: subnet.AvailabilityZone! });
      putTags(call, volume.VolumeId!, batch.tags.volume);
      return {
        DeviceName: device.name,
        Ebs: {
          VolumeId: volume.VolumeId,
          AttachTime: new Date(world.now),
          DeleteOnTermination: device.ebs.DeleteOnTermination,
          Status: "attaching" as const,
        },
      };
    }),
  };
  enterState(instance, "pending", world.now, "start");
  const record: InstanceRecord = {
    instance,
    reservationId: batch.reservationId,
    userData: input.UserData,
    disableApiTermination: input.DisableApiTermination ?? false,
    disableApiStop: input.DisableApiStop ?? false,
    shutdownBehavior: input.InstanceInitiatedShutdownBehavior ?? "stop",
    autoPublicIp: interfaces[0]?.Association?.IpOwnerId === "amazon",
    cpuCredits: input.CreditSpecification?.CpuCredits,
  };
  tables.instances.set(id, record);
  putTags(call, id, batch.tags.instance);
  lag(call, id);
  planNext(call, id, "pending");
}

function interfaceFor(
  call: Call,
  instanceId: string,
  planned: PlannedInterface,
  tags: LaunchTags,
): NetworkInterface {
  const { specification } = planned;
  const deviceIndex = specification.DeviceIndex!;
  if (planned.kind === "existing") {
    attach(call, planned.eni, {
      instanceId,
      deviceIndex,
      deleteOnTermination: specification.DeleteOnTermination ?? false,
    });
    return planned.eni;
  }
  const { addresses, groups, subnet } = planned;
  const eni = insertInterface(call, subnet, { addresses, groups, description: specification.Description });
  const deleteOnTermination = specification.DeleteOnTermination ?? true;
  attach(call, eni, { instanceId, deviceIndex, deleteOnTermination });
  if (planned.publicIp !== undefined) setAutoAddress(eni, planned.publicIp);
  putTags(call, eni.NetworkInterfaceId!, tags.networkInterface);
  lag(call, eni.NetworkInterfaceId!);
  return eni;
}

export const runInstancesActions: Actions = {
  RunInstances: changes(RunInstances$, (input: RunInstancesRequest, call) => {
    const reservationId = once(call, "RunInstances", input, () => {
      const request = launchRequest(call, input);
      const allowed = ["instance", "volume", "networkInterface"] as const;
      const tagsFor = (name: (typeof allowed)[number]) =>
        specifiedTags(input.TagSpecifications, name, allowed);
      const tags = {
        instance: tagsFor("instance"),
        volume: tagsFor("volume"),
        networkInterface: tagsFor("networkInterface"),
      };
      launchDevices(request.image, input.BlockDeviceMappings);
      const plans = planLaunch(call, input, request);
      const made = call.world.ids.make("r");
      for (const [index, planned] of plans.entries()) {
        launchOne(call, input, request, planned, { reservationId: made, index, tags });
      }
      return made;
    });
    const records = [...call.tables.instances.values()].filter(
      (record) => record.reservationId === reservationId,
    );
    // Only a replay can find that: what was launched is dead, or dead so long that it is forgotten.
    const living = records.filter(
      ({ instance }) => !["terminated", "shutting-down"].includes(instance.State?.Name ?? ""),
    );
    if (living.length === 0) {
      throw new Ec2Error(
        "IdempotentInstanceTerminated",
        "The request to launch an instance uses the same client token as a previous request for which the instance has been terminated.",
      );
    }
    return {
      ReservationId: reservationId,
      OwnerId: call.account,
      Groups: [],
      Instances: records.map((record) => viewOf(call, record).instance),
    };
  }),
};
