import {
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
import { find } from "../kinds.ts";
import type { InstanceRecord } from "../world.ts";
import { attributeChange, setAttribute } from "./instance-attribute-changes.ts";
import { viewOf } from "./instance-view.ts";
import { metadataOptions } from "./metadata-options.ts";
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

export const instanceAttributeActions: Actions = {
  DescribeInstanceAttribute: reads(
    DescribeInstanceAttribute$,
    (input: DescribeInstanceAttributeRequest, call) => {
      const record = find(call, "instance", input.InstanceId);
      const attribute = input.Attribute ?? "";
      const read = Object.hasOwn(readers, attribute) ? readers[attribute] : undefined;
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
      const [name, value] = attributeChange(input);
      setAttribute(call, record, name, value);
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
