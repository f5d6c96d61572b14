import {
  AttachNetworkInterface$,
  type AttachNetworkInterfaceRequest,
  DetachNetworkInterface$,
  type DetachNetworkInterfaceRequest,
  type NetworkInterface,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { later } from "../transition.ts";
import { instanceTypeNamed } from "./instance-type-table.ts";
import { interfacesOf } from "./network-interface-rows.ts";

/** Ties an interface to an instance; the attachment is complete when its arrival, or the instance's, says so. */
export function attach(
  { world, account }: Call,
  eni: NetworkInterface,
  to: { instanceId: string; deviceIndex: number; deleteOnTermination: boolean },
): string {
  const AttachmentId = world.ids.make("eni-attach");
  eni.Status = "in-use";
  eni.Attachment = {
    AttachmentId,
    AttachTime: new Date(world.now),
    DeleteOnTermination: to.deleteOnTermination,
    DeviceIndex: to.deviceIndex,
    NetworkCardIndex: 0,
    InstanceId: to.instanceId,
    InstanceOwnerId: account,
    Status: "attaching",
  };
  return AttachmentId;
}

export function refuseIfAttached({ NetworkInterfaceId, Attachment }: NetworkInterface): void {
  if (Attachment) {
    throw new Ec2Error("InvalidNetworkInterface.InUse", `Interface: [${NetworkInterfaceId}] in use.`);
  }
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network-interface-attachments.html */
export const networkInterfaceAttachmentActions: Actions = {
  AttachNetworkInterface: changes(AttachNetworkInterface$, (input: AttachNetworkInterfaceRequest, call) => {
    const eni = find(call, "networkInterface", input.NetworkInterfaceId);
    const { instance } = find(call, "instance", input.InstanceId);
    const deviceIndex = input.DeviceIndex!;
    refuseIfAttached(eni);
    if (!["running", "stopped"].includes(instance.State?.Name ?? "")) {
      throw new Ec2Error(
        "IncorrectInstanceState",
        `Instance '${input.InstanceId}' is not in a valid state to attach a network interface.`,
      );
    }
    if (instance.Placement?.AvailabilityZone !== eni.AvailabilityZone) {
      throw new Ec2Error(
        "InvalidParameterCombination",
        "You may not attach a network interface to an instance if they are not in the same availability zone",
      );
    }
    const present = interfacesOf(call.tables, input.InstanceId!);
    if (present.some((each) => each.Attachment?.DeviceIndex === deviceIndex)) {
      throw new Ec2Error(
        "InvalidParameterValue",
        `Instance '${input.InstanceId}' already has an interface attached at device index '${deviceIndex}'.`,
      );
    }
    const most = instanceTypeNamed(instance.InstanceType)?.info.NetworkInfo?.MaximumNetworkInterfaces ?? 0;
    if (present.length >= most) {
      throw new Ec2Error(
        "AttachmentLimitExceeded",
        `Interface count ${present.length + 1} exceeds the limit for ${instance.InstanceType}`,
      );
    }
    const to = { instanceId: input.InstanceId!, deviceIndex, deleteOnTermination: false };
    const AttachmentId = attach(call, eni, to);
    const id = eni.NetworkInterfaceId!;
    later(call, {
      kind: "network-interface",
      id,
      to: "attached",
      while: "network-interface:attaching",
    });
    return { AttachmentId, NetworkCardIndex: 0 };
  }),

  DetachNetworkInterface: changes(DetachNetworkInterface$, (input: DetachNetworkInterfaceRequest, call) => {
    const eni = [...call.tables.networkInterfaces.values()].find(
      (each) => each.Attachment?.AttachmentId === input.AttachmentId,
    );
    if (!eni?.Attachment) {
      throw new Ec2Error(
        "InvalidAttachmentID.NotFound",
        `The interface attachment '${input.AttachmentId}' does not exist`,
      );
    }
    if (eni.Attachment.DeviceIndex === 0) {
      throw new Ec2Error(
        "OperationNotPermitted",
        "The network interface at device index 0 and network card index 0 cannot be detached.",
      );
    }
    eni.Attachment.Status = "detaching";
    eni.Status = "detaching";
    later(call, {
      kind: "network-interface",
      id: eni.NetworkInterfaceId!,
      to: "available",
      while: "network-interface:detaching",
    });
    return {};
  }),
};
