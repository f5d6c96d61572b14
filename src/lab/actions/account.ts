import {
  type AccountAttribute,
  type AvailabilityZone,
  DescribeAccountAttributes$,
  type DescribeAccountAttributesRequest,
  DescribeAvailabilityZones$,
  type DescribeAvailabilityZonesRequest,
  DescribeRegions$,
  type DescribeRegionsRequest,
  type Region,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, reads } from "../action.ts";
import { type FilterFields, filterTest } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { quota } from "../quotas.ts";
import { optInStatus, regionNames, zonesOf } from "../region.ts";

const zoneFilters: FilterFields<AvailabilityZone> = {
  "group-name": (zone) => zone.GroupName,
  "opt-in-status": (zone) => zone.OptInStatus,
  "region-name": (zone) => zone.RegionName,
  state: (zone) => zone.State,
  "zone-id": (zone) => zone.ZoneId,
  "zone-name": (zone) => zone.ZoneName,
  "zone-type": (zone) => zone.ZoneType,
};

const regionFilters: FilterFields<Region> = {
  endpoint: (region) => region.Endpoint,
  "opt-in-status": (region) => region.OptInStatus,
  "region-name": (region) => region.RegionName,
};

export const accountActions: Actions = {
  DescribeAvailabilityZones: reads(
    DescribeAvailabilityZones$,
    (input: DescribeAvailabilityZonesRequest, call) => {
      const all = zonesOf(call.region).map(
        (zone): AvailabilityZone => ({
          ZoneName: zone.name,
          ZoneId: zone.id,
          ZoneType: "availability-zone",
          State: "available",
          OptInStatus: "opt-in-not-required",
          Messages: [],
          RegionName: call.region,
          GroupName: `${call.region}-zg-1`,
          NetworkBorderGroup: call.region,
        }),
      );
      const odd =
        input.ZoneNames?.find((name) => !all.some((zone) => zone.ZoneName === name)) ??
        input.ZoneIds?.find((id) => !all.some((zone) => zone.ZoneId === id));
      if (odd !== undefined) {
        throw new Ec2Error("InvalidParameterValue", `Invalid availability zone: [${odd}]`);
      }
      const tests = (input.Filters ?? []).map((filter) => filterTest(call, filter, zoneFilters));
      const wanted = all
        .filter((zone) => !input.ZoneNames?.length || input.ZoneNames.includes(zone.ZoneName!))
        .filter((zone) => !input.ZoneIds?.length || input.ZoneIds.includes(zone.ZoneId!));
      return { AvailabilityZones: wanted.filter((zone) => tests.every((test) => test("", zone))) };
    },
  ),

  DescribeRegions: reads(DescribeRegions$, (input: DescribeRegionsRequest, call) => {
    const odd = input.RegionNames?.find((name) => !regionNames.includes(name));
    if (odd !== undefined) {
      throw new Ec2Error("InvalidParameterValue", `Invalid region names: [${odd}]`);
    }
    const tests = (input.Filters ?? []).map((filter) => filterTest(call, filter, regionFilters));
    const Regions = regionNames
      .filter((name) => !input.RegionNames?.length || input.RegionNames.includes(name))
      .map((name) => ({
        RegionName: name,
        Endpoint: `ec2.${name}.amazonaws.com`,
        OptInStatus: optInStatus(name),
      }));
    return { Regions: Regions.filter((region) => tests.every((test) => test("", region))) };
  }),

  DescribeAccountAttributes: reads(
    DescribeAccountAttributes$,
    (input: DescribeAccountAttributesRequest, call) => {
      const all = Object.entries(attributesOf(call));
      const names = input.AttributeNames as readonly string[] | undefined;
      const odd = names?.find((name) => !all.some(([known]) => known === name));
      if (odd !== undefined) {
        throw new Ec2Error("InvalidParameterValue", `Invalid account attribute name: ${odd}`);
      }
      const wanted = all.filter(([name]) => !names?.length || names.includes(name));
      const AccountAttributes = wanted.map(
        ([AttributeName, AttributeValue]): AccountAttribute => ({
          AttributeName,
          AttributeValues: [{ AttributeValue }],
        }),
      );
      return { AccountAttributes };
    },
  ),
};

function attributesOf({ world, tables }: Call): Record<string, string> {
  const defaultVpc = [...tables.vpcs.values()].find((vpc) => vpc.IsDefault);
  return {
    "supported-platforms": "VPC",
    "default-vpc": defaultVpc?.VpcId ?? "none",
    "max-instances": "20",
    "vpc-max-security-groups-per-interface": "5",
    "max-elastic-ips": String(quota(world, "elasticIps")),
    "vpc-max-elastic-ips": String(quota(world, "elasticIps")),
  };
}
