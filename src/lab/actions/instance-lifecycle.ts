import type { Instance, InstanceStateName } from "@aws-sdk/client-ec2";
import { hostKeyOf } from "../host-key.ts";
import { type Arrival, later, type Owner } from "../transition.ts";
import type { InstanceRecord, Tables } from "../world.ts";
import { interfacesOf, removeInterface } from "./network-interface-rows.ts";
import { setAssociation } from "./public-addresses.ts";

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html */
const codes: Readonly<Record<InstanceStateName, number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

const stateNamed = (Name: InstanceStateName) => ({ Code: codes[Name], Name });

/** `User initiated (2026-01-02 03:04:05 GMT)` and its like; none while the instance runs. */
export function enterState(
  instance: Instance,
  state: InstanceStateName,
  now: number,
  by: "user" | "start" = "user",
): void {
  instance.State = stateNamed(state);
  if (state === "pending" || state === "running") {
    instance.StateTransitionReason = "";
    delete instance.StateReason;
    if (by === "start") instance.StateReason = { Code: "pending", Message: "pending" };
    return;
  }
  const time = new Date(now).toISOString().slice(0, 19).replace("T", " ");
  if (state === "stopping" || state === "shutting-down") {
    instance.StateTransitionReason = `User initiated (${time} GMT)`;
    instance.StateReason = {
      Code: "Client.UserInitiatedShutdown",
      Message: "Client.UserInitiatedShutdown: User initiated shutdown",
    };
  }
}

const after = {
  pending: "running",
  stopping: "stopped",
  "shutting-down": "terminated",
  "shutting-down-stopped": "terminated",
} as const;

/** Plans how a state that does not last goes over into the next one. */
export function planNext(owner: Owner, id: string, from: keyof typeof after): void {
  later(owner, { kind: "instance", id, to: after[from], while: `instance:${from}` });
}

const before: Readonly<Record<string, InstanceStateName>> = {
  running: "pending",
  stopped: "stopping",
  terminated: "shutting-down",
};

/** What time does to an instance; nothing, where it has gone another way meanwhile (terminated while it stopped). */
export const instanceArrival: Arrival = (world, { account, region, id, to }) => {
  const tables = world.tables.get(`${account}/${region}`);
  const record = tables?.instances.get(id);
  if (!tables || !record || record.instance.State?.Name !== before[to]) return;
  enterState(record.instance, to as InstanceStateName, world.now);
  if (to === "running") run(tables, record, world.now);
  if (to === "stopped") releaseAutoAddress(tables, record);
  if (to === "terminated") {
    release(tables, record);
    later({ world, account, region }, { kind: "forget", id, to: "", while: "instance:terminated" });
  }
};

function run(tables: Tables, record: InstanceRecord, now: number): void {
  record.runningSince = now;
  hostKeyOf(record);
  record.instance.MetadataOptions = { ...record.instance.MetadataOptions, State: "applied" };
  for (const eni of interfacesOf(tables, record.instance.InstanceId!)) eni.Attachment!.Status = "attached";
  for (const mapping of record.instance.BlockDeviceMappings ?? []) mapping.Ebs!.Status = "attached";
  for (const volume of tables.volumes.values()) {
    for (const attachment of volume.Attachments ?? []) {
      if (attachment.InstanceId !== record.instance.InstanceId) continue;
      attachment.State = "attached";
      volume.State = "in-use";
    }
  }
}

/** A public address of Amazon's pool is the instance's only while it runs; an Elastic IP stays. */
function releaseAutoAddress(tables: Tables, { instance }: InstanceRecord): void {
  for (const eni of interfacesOf(tables, instance.InstanceId!)) {
    if (eni.Association?.IpOwnerId === "amazon") setAssociation(eni, eni.PrivateIpAddress!, undefined);
  }
}

/** Gives back all that a terminated instance had; what was not to be deleted with it is only detached. */
function release(tables: Tables, record: InstanceRecord): void {
  const { instance } = record;
  const id = instance.InstanceId!;
  releaseAutoAddress(tables, record);
  for (const eni of interfacesOf(tables, id)) {
    if (eni.Attachment?.DeleteOnTermination) {
      removeInterface(tables, eni);
      continue;
    }
    delete eni.Attachment;
    eni.Status = "available";
  }
  for (const [volumeId, volume] of tables.volumes) {
    const attachment = volume.Attachments?.find((each) => each.InstanceId === id);
    if (!attachment) continue;
    if (attachment.DeleteOnTermination) {
      tables.volumes.delete(volumeId);
      tables.tags.delete(volumeId);
    } else {
      volume.Attachments = volume.Attachments?.filter((each) => each !== attachment);
      volume.State = "available";
    }
  }
  instance.BlockDeviceMappings = [];
  delete instance.PrivateIpAddress;
  delete instance.SubnetId;
  delete instance.VpcId;
  delete record.runningSince;
}

/** What was dead long enough is gone from the tables, whatever kind it is. */
export const forgetArrival: Arrival = (world, { account, region, id }) => {
  const peering = world.peerings.get(id);
  const tables = world.tables.get(`${account}/${region}`);
  tables?.instances.delete(id);
  tables?.tags.delete(id);
  if (!peering) return;
  for (const side of [peering.RequesterVpcInfo, peering.AccepterVpcInfo]) {
    world.tables.get(`${side?.OwnerId}/${side?.Region}`)?.tags.delete(id);
  }
  world.peerings.delete(id);
};
