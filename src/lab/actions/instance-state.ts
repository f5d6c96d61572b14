import {
  type InstanceState,
  type NetworkInterface,
  RebootInstances$,
  type RebootInstancesRequest,
  StartInstances$,
  type StartInstancesRequest,
  StopInstances$,
  type StopInstancesRequest,
  TerminateInstances$,
  type TerminateInstancesRequest,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import type { InstanceRecord } from "../world.ts";
import { enterState, planNext } from "./instance-lifecycle.ts";
import { interfacesOf } from "./network-interface-rows.ts";
import { freePublicAddresses, setAutoAddress } from "./public-addresses.ts";

/** All of the instances, or an error: EC2 changes either all or none of those that a request names. */
function recordsOf(call: Call, ids: readonly string[] | undefined): InstanceRecord[] {
  if (!ids?.length)
    throw new Ec2Error("MissingParameter", "The request must contain the parameter InstanceId");
  return [...new Set(ids)].map((id) => find(call, "instance", id));
}

function refuseUnless(records: readonly InstanceRecord[], states: readonly string[], done: string): void {
  const wrong = records.find(({ instance }) => !states.includes(instance.State?.Name ?? ""));
  if (!wrong) return;
  throw new Ec2Error(
    "IncorrectInstanceState",
    `The instance '${wrong.instance.InstanceId}' is not in a state from which it can be ${done}.`,
  );
}

function refuseProtected(record: InstanceRecord | undefined, done: string, attribute: string): void {
  if (!record) return;
  throw new Ec2Error(
    "OperationNotPermitted",
    `The instance '${record.instance.InstanceId}' may not be ${done}. Modify its '${attribute}' instance attribute and try again.`,
  );
}

/** Runs `change` on each and says for each from which state it came and to which it went. */
function changing(records: readonly InstanceRecord[], change: (record: InstanceRecord) => void) {
  return records.map((record) => {
    const PreviousState: InstanceState = { ...record.instance.State };
    change(record);
    return { InstanceId: record.instance.InstanceId, CurrentState: record.instance.State, PreviousState };
  });
}

const isIn = ({ instance }: InstanceRecord, ...states: string[]) =>
  states.includes(instance.State?.Name ?? "");

/** The primary interface of a stopped instance that is to have a public address of Amazon's when it starts. */
function needsAddress({ tables }: Call, record: InstanceRecord): NetworkInterface | undefined {
  const [primary] = interfacesOf(tables, record.instance.InstanceId!);
  const lacksOne = record.autoPublicIp && isIn(record, "stopped") && !primary?.Association;
  return lacksOne ? primary : undefined;
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html */
export const instanceStateActions: Actions = {
  StartInstances: changes(StartInstances$, (input: StartInstancesRequest, call) => {
    const records = recordsOf(call, input.InstanceIds);
    refuseUnless(records, ["stopped", "pending", "running"], "started");
    const publicAddresses = freePublicAddresses(
      call.world,
      records.filter((record) => needsAddress(call, record)).length,
    );
    const StartingInstances = changing(records, (record) => {
      if (!isIn(record, "stopped")) return;
      const { instance } = record;
      const primary = needsAddress(call, record);
      if (primary) setAutoAddress(primary, publicAddresses.pop()!);
      enterState(instance, "pending", call.world.now, "start");
      instance.LaunchTime = new Date(call.world.now);
      planNext(call, instance.InstanceId!, "pending");
    });
    return { StartingInstances };
  }),

  StopInstances: changes(StopInstances$, (input: StopInstancesRequest, call) => {
    const records = recordsOf(call, input.InstanceIds);
    refuseUnless(records, ["running", "stopping", "stopped"], "stopped");
    refuseProtected(
      records.find((record) => record.disableApiStop && isIn(record, "running")),
      "stopped",
      "disableApiStop",
    );
    if (input.Hibernate) {
      throw new Ec2Error(
        "UnsupportedHibernationConfiguration",
        `The instance '${input.InstanceIds?.[0]}' is not configured for hibernation.`,
      );
    }
    const StoppingInstances = changing(records, (record) => {
      if (!isIn(record, "running")) return;
      enterState(record.instance, "stopping", call.world.now);
      delete record.runningSince;
      planNext(call, record.instance.InstanceId!, "stopping");
    });
    return { StoppingInstances };
  }),

  TerminateInstances: changes(TerminateInstances$, (input: TerminateInstancesRequest, call) => {
    const records = recordsOf(call, input.InstanceIds);
    const living = records.filter((record) => !isIn(record, "terminated", "shutting-down"));
    refuseProtected(
      living.find((record) => record.disableApiTermination),
      "terminated",
      "disableApiTermination",
    );
    refuseProtected(
      living.find((record) => record.disableApiStop),
      "terminated",
      "disableApiStop",
    );
    const TerminatingInstances = changing(records, (record) => {
      if (!living.includes(record)) return;
      const from = isIn(record, "stopped") ? "shutting-down-stopped" : "shutting-down";
      enterState(record.instance, "shutting-down", call.world.now);
      delete record.runningSince;
      planNext(call, record.instance.InstanceId!, from);
    });
    return { TerminatingInstances };
  }),

  RebootInstances: changes(RebootInstances$, (input: RebootInstancesRequest, call) => {
    const records = recordsOf(call, input.InstanceIds);
    refuseUnless(records, ["running"], "rebooted");
    // The state stays `running`, but sshd has to start again.
    for (const record of records) record.runningSince = call.world.now;
    return {};
  }),
};
