import {
  DescribeInstanceTypeOfferings$,
  type DescribeInstanceTypeOfferingsRequest,
  DescribeInstanceTypes$,
  type DescribeInstanceTypesRequest,
  type Filter,
  type InstanceTypeInfo,
} from "@aws-sdk/client-ec2";
import { type Actions, reads } from "../action.ts";
import { type FilterFields, page, wildcard } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { zonesOf } from "../region.ts";
import { instanceTypes, isOffered } from "./instance-type-table.ts";
import { invalidValue } from "./parameters.ts";

const typeFields: FilterFields<InstanceTypeInfo> = {
  "auto-recovery-supported": (type) => String(type.AutoRecoverySupported),
  "bare-metal": (type) => String(type.BareMetal),
  "burstable-performance-supported": (type) => String(type.BurstablePerformanceSupported),
  "current-generation": (type) => String(type.CurrentGeneration),
  "dedicated-hosts-supported": (type) => String(type.DedicatedHostsSupported),
  "free-tier-eligible": (type) => String(type.FreeTierEligible),
  "hibernation-supported": (type) => String(type.HibernationSupported),
  hypervisor: (type) => type.Hypervisor,
  "instance-storage-supported": (type) => String(type.InstanceStorageSupported),
  "instance-type": (type) => type.InstanceType,
  "memory-info.size-in-mib": (type) => String(type.MemoryInfo?.SizeInMiB),
  "network-info.ena-support": (type) => type.NetworkInfo?.EnaSupport,
  "network-info.ipv6-supported": (type) => String(type.NetworkInfo?.Ipv6Supported),
  "network-info.maximum-network-interfaces": (type) => String(type.NetworkInfo?.MaximumNetworkInterfaces),
  "network-info.network-performance": (type) => type.NetworkInfo?.NetworkPerformance,
  "processor-info.supported-architecture": (type) => type.ProcessorInfo?.SupportedArchitectures,
  "supported-boot-mode": (type) => type.SupportedBootModes,
  "supported-root-device-type": (type) => type.SupportedRootDeviceTypes,
  "supported-usage-class": (type) => type.SupportedUsageClasses,
  "supported-virtualization-type": (type) => type.SupportedVirtualizationTypes,
  "vcpu-info.default-cores": (type) => String(type.VCpuInfo?.DefaultCores),
  "vcpu-info.default-vcpus": (type) => String(type.VCpuInfo?.DefaultVCpus),
};

/** Types have no id and no tags, so the plain rule of filters is all there is to choose them by. */
function matching<Row>(
  rows: readonly Row[],
  filters: readonly Filter[] | undefined,
  fields: FilterFields<Row>,
): Row[] {
  const tests = (filters ?? []).map(({ Name = "", Values = [] }) => {
    const field = fields[Name];
    if (!field) throw new Ec2Error("InvalidParameterValue", `The filter '${Name}' is invalid`);
    const patterns = Values.map(wildcard);
    return (row: Row) =>
      [field(row)].flat().some((value) => patterns.some((pattern) => pattern.test(value ?? "")));
  });
  return rows.filter((row) => tests.every((test) => test(row)));
}

/** The places of a Region by the kind of place that the request asks for; a type is offered where a zone has it. */
function places(region: string, locationType: string | undefined): { location: string; zones: string[] }[] {
  const zones = zonesOf(region);
  switch (locationType ?? "region") {
    case "region":
      return [{ location: region, zones: zones.map((zone) => zone.name) }];
    case "availability-zone":
      return zones.map((zone) => ({ location: zone.name, zones: [zone.name] }));
    case "availability-zone-id":
      return zones.map((zone) => ({ location: zone.id, zones: [zone.name] }));
    default:
      throw invalidValue(locationType, "LocationType", "Unknown location type.");
  }
}

export const instanceTypeActions: Actions = {
  DescribeInstanceTypes: reads(DescribeInstanceTypes$, (input: DescribeInstanceTypesRequest) => {
    const names = input.InstanceTypes ?? [];
    const unknown = names.filter((name) => !instanceTypes.has(name));
    if (unknown.length > 0) {
      throw new Ec2Error(
        "InvalidInstanceType",
        `The following supplied instance types do not exist: [${unknown.join(", ")}]`,
      );
    }
    const all = [...instanceTypes.values()].map(({ info }) => info);
    const named = all.filter((info) => names.length === 0 || names.includes(info.InstanceType!));
    const wanted = matching(named, input.Filters, typeFields);
    const { rows, nextToken } = page(wanted, input.MaxResults, input.NextToken);
    return { InstanceTypes: rows, NextToken: nextToken };
  }),

  DescribeInstanceTypeOfferings: reads(
    DescribeInstanceTypeOfferings$,
    (input: DescribeInstanceTypeOfferingsRequest, call) => {
      const LocationType = input.LocationType ?? "region";
      const offerings = places(call.region, LocationType).flatMap(({ location, zones }) =>
        [...instanceTypes]
          .filter(([, row]) => zones.some((zone) => isOffered(row, zone)))
          .map(([InstanceType]) => ({ InstanceType, LocationType, Location: location })),
      );
      const wanted = matching(offerings, input.Filters, {
        "instance-type": (row) => row.InstanceType,
        location: (row) => row.Location,
      });
      const { rows, nextToken } = page(wanted, input.MaxResults, input.NextToken);
      return { InstanceTypeOfferings: rows, NextToken: nextToken };
    },
  ),
};
