import {
  type _InstanceType,
  DescribeInstanceAttribute$,
  type DescribeInstanceAttributeRequest,
  DescribeInstanceCreditSpecifications$,
  type DescribeInstanceCreditSpecificationsRequest,
  ModifyInstanceAttribute$,
  type ModifyInstanceAttributeRequest,
  ModifyInstanceMetadataOptions$,
  type ModifyInstanceMetadataOptionsRequest,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes, reads } from "../action.ts";
import { select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import type { InstanceRecord } from "../world.ts";
import { instanceTypeNamed } from "./instance-type-table.ts";
import { viewOf } from "./instance-view.ts";
import { checkUserData } from "./launch-request.ts";
import { metadataOptions } from "./metadata-options.ts";
import { groupsFor, interfacesOf } from "./network-interface-rows.ts";
import { invalidValue, refuseUnmodelled } from "./parameters.ts";

/** How DescribeInstanceAttribute answers for each attribute. */
const readers: Readonly<Record<string, (call: Call, record: InstanceRecord) => object>> = {
  blockDeviceMapping: (_, { instance }) => ({ BlockDeviceMappings: instance.BlockDeviceMappings }),
  disableApiStop: (_, record) => ({ DisableApiStop: { Value: record.disableApiStop } }),
  disableApiTermination: (_, record) => ({ DisableApiTermination: { Value: record.disableApiTermination } }),
  ebsOptimized: (_, { instance }) => ({ EbsOptimized: { Value: instance.EbsOptimized } }),
  enaSupport: (_, { instance }) => ({ EnaSupport: { Value: instance.EnaSupport } }),
  enclaveOptions: (_, { instance }) => ({ EnclaveOptions: instance.EnclaveOptions }),
  groupSet: (call, record) => ({ Groups: viewOf(call, record).instance.SecurityGroups }),
  instanceInitiatedShutdownBehavior: (_, record) => ({
    InstanceInitiatedShutdownBehavior: { Value: record.shutdownBehavior },
  }),
  instanceType: (_, { instance }) => ({ InstanceType: { Value: instance.InstanceType } }),
  kernel: () => ({ KernelId: {} }),
  productCodes: () => ({ ProductCodes: [] }),
  ramdisk: () => ({ RamdiskId: {} }),
  rootDeviceName: (_, { instance }) => ({ RootDeviceName: { Value: instance.RootDeviceName } }),
  sourceDestCheck: (call, record) => ({
    SourceDestCheck: { Value: viewOf(call, record).instance.SourceDestCheck },
  }),
  sriovNetSupport: () => ({ SriovNetSupport: { Value: "simple" } }),
  userData: (_, record) => ({ UserData: record.userData === undefined ? {} : { Value: record.userData } }),
};

function refuseUnlessStopped({ instance }: InstanceRecord): void {
  if (instance.State?.Name === "stopped") return;
  throw new Ec2Error(
    "IncorrectInstanceState",
    `The instance '${instance.InstanceId}' is not in the 'stopped' state.`,
  );
}

const flag = (value: unknown, name: string): boolean => {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw invalidValue(String(value), name, "Expecting true or false.");
};

/** How ModifyInstanceAttribute sets each attribute. */
const writers: Readonly<Record<string, (call: Call, record: InstanceRecord, value: unknown) => void>> = {
  disableApiStop: (_, record, value) => {
    record.disableApiStop = flag(value, "disableApiStop");
  },
  disableApiTermination: (_, record, value) => {
    record.disableApiTermination = flag(value, "disableApiTermination");
  },
  ebsOptimized: (_, record, value) => {
    refuseUnlessStopped(record);
    record.instance.EbsOptimized = flag(value, "ebsOptimized");
  },
  groupSet: (call, record, value) => {
    const [primary] = onlyInterface(call, record, "groupSet");
    primary.Groups = groupsFor(call, primary, [value].flat().map(String));
  },
  instanceInitiatedShutdownBehavior: (_, record, value) => {
    if (value !== "stop" && value !== "terminate") {
      throw invalidValue(String(value), "instanceInitiatedShutdownBehavior", "Expecting stop or terminate.");
    }
    record.shutdownBehavior = value;
  },
  instanceType: (_, record, value) => {
    const type = instanceTypeNamed(String(value));
    if (!type) throw new Ec2Error("InvalidParameterValue", `Invalid value '${value}' for InstanceType.`);
    refuseUnlessStopped(record);
    record.instance.InstanceType = value as _InstanceType;
  },
  sourceDestCheck: (call, record, value) => {
    const [primary] = onlyInterface(call, record, "sourceDestCheck");
    primary.SourceDestCheck = flag(value, "sourceDestCheck");
  },
  userData: (_, record, value) => {
    refuseUnlessStopped(record);
    const text = value instanceof Uint8Array ? Buffer.from(value).toString("base64") : String(value);
    checkUserData(text);
    record.userData = text;
  },
};

/** What an instance with several interfaces has of each is set on the interface. */
function onlyInterface(call: Call, { instance }: InstanceRecord, attribute: string) {
  const [primary, ...more] = interfacesOf(call.tables, instance.InstanceId!);
  if (primary && more.length === 0) return [primary] as const;
  throw new Ec2Error(
    "InvalidInstanceID",
    `There are multiple interfaces attached to instance '${instance.InstanceId}'. Please specify an interface ID for the operation instead. (${attribute})`,
  );
}

/** The one attribute that a request sets: a member of its own, or spelled out by Attribute and Value. */
function change(input: ModifyInstanceAttributeRequest): [name: string, value: unknown] {
  const members: [string, unknown][] = [
    ["disableApiStop", input.DisableApiStop?.Value],
    ["disableApiTermination", input.DisableApiTermination?.Value],
    ["ebsOptimized", input.EbsOptimized?.Value],
    ["groupSet", input.Groups?.length ? input.Groups : undefined],
    ["instanceInitiatedShutdownBehavior", input.InstanceInitiatedShutdownBehavior?.Value],
    ["instanceType", input.InstanceType?.Value],
    ["sourceDestCheck", input.SourceDestCheck?.Value],
    ["userData", input.UserData?.Value],
  ];
  if (input.Attribute !== undefined) members.push([input.Attribute, input.Value]);
  const given = members.filter(([, value]) => value !== undefined);
  const [first] = given;
  if (!first) throw new Ec2Error("InvalidParameterCombination", "No attributes specified.");
  if (given.length > 1) {
    throw new Ec2Error(
      "InvalidParameterCombination",
      `Fields for multiple attribute types specified: ${given.map(([name]) => name).join(", ")}`,
    );
  }
  return first;
}

export const instanceAttributeActions: Actions = {
  DescribeInstanceAttribute: reads(
    DescribeInstanceAttribute$,
    (input: DescribeInstanceAttributeRequest, call) => {
      const record = find(call, "instance", input.InstanceId);
      const read = readers[input.Attribute ?? ""];
      if (!read) throw invalidValue(input.Attribute, "attribute", "Unknown attribute.");
      return { InstanceId: input.InstanceId, ...read(call, record) };
    },
  ),

  ModifyInstanceAttribute: changes(
    ModifyInstanceAttribute$,
    (input: ModifyInstanceAttributeRequest, call) => {
      refuseUnmodelled(input, [
        "BlockDeviceMappings",
        "EnaSupport",
        "EnclaveOptions",
        "Kernel",
        "Ramdisk",
        "SriovNetSupport",
      ]);
      const record = find(call, "instance", input.InstanceId);
      const [name, value] = change(input);
      const write = writers[name];
      if (!write) throw invalidValue(name, "attribute", "Unknown attribute.");
      write(call, record, value);
      return {};
    },
  ),

  ModifyInstanceMetadataOptions: changes(
    ModifyInstanceMetadataOptions$,
    (input: ModifyInstanceMetadataOptionsRequest, call) => {
      const { instance } = find(call, "instance", input.InstanceId);
      const options = metadataOptions(instance.MetadataOptions, input);
      instance.MetadataOptions = { ...options, State: "applied" };
      return { InstanceId: input.InstanceId, InstanceMetadataOptions: options };
    },
  ),

  DescribeInstanceCreditSpecifications: reads(
    DescribeInstanceCreditSpecifications$,
    (input: DescribeInstanceCreditSpecificationsRequest, call) => {
      const { rows, nextToken } = select(
        call,
        "instance",
        call.tables.instances,
        {
          ids: input.InstanceIds,
          filters: input.Filters,
          maxResults: input.MaxResults,
          nextToken: input.NextToken,
        },
        { "instance-id": ({ instance }) => instance.InstanceId },
      );
      // T3 and later are unlimited by default, T2 is not; other families have no credits.
      const burstable = rows.filter(([, { instance }]) => instance.InstanceType?.startsWith("t"));
      const specifications = burstable.map(([InstanceId, { instance, cpuCredits }]) => ({
        InstanceId,
        CpuCredits: cpuCredits ?? (instance.InstanceType?.startsWith("t2.") ? "standard" : "unlimited"),
      }));
      return { InstanceCreditSpecifications: specifications, NextToken: nextToken };
    },
  ),
};
