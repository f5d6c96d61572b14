import {
  DescribeAccountAttributesCommand,
  DescribeAvailabilityZonesCommand,
  type DescribeAvailabilityZonesCommandInput,
  DescribeDhcpOptionsCommand,
  DescribeRegionsCommand,
  type DescribeRegionsCommandInput,
  DescribeVpcClassicLinkCommand,
  DescribeVpcsCommand,
} from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { ec2For, labForTest, outcomeOf } from "../start.ts";

test("zones are those of the Region", async () => {
  const ec2 = ec2For(await labForTest(), { region: "eu-west-1" });
  const zones = async (input: DescribeAvailabilityZonesCommandInput) =>
    (await ec2.send(new DescribeAvailabilityZonesCommand(input))).AvailabilityZones?.map(
      (each) => `${each.ZoneName} ${each.ZoneId} ${each.State}`,
    );
  const all = ["a", "b", "c"].map((letter, index) => `eu-west-1${letter} euw1-az${index + 1} available`);
  expect(await zones({})).toEqual(all);
  expect(await zones({ ZoneNames: ["eu-west-1b"] })).toEqual([all[1]]);
  expect(await zones({ ZoneIds: ["euw1-az3"] })).toEqual([all[2]]);
  expect(await zones({ Filters: [{ Name: "opt-in-status", Values: ["opted-in"] }] })).toEqual([]);
  expect(await outcomeOf(zones({ ZoneNames: ["us-east-1a"] }))).toBe(
    "InvalidParameterValue: Invalid availability zone: [us-east-1a]",
  );
});

test("Regions: by name, by filter, and none that is not", async () => {
  const ec2 = ec2For(await labForTest());
  const regions = async (input: DescribeRegionsCommandInput) =>
    (await ec2.send(new DescribeRegionsCommand(input))).Regions;
  expect(await regions({ RegionNames: ["eu-west-2"] })).toEqual([
    { Endpoint: "ec2.eu-west-2.amazonaws.com", RegionName: "eu-west-2", OptInStatus: "opt-in-not-required" },
  ]);
  expect(
    await regions({ Filters: [{ Name: "opt-in-status", Values: ["opt-in-not-required"] }] }),
  ).toHaveLength(17);
  expect(await outcomeOf(regions({ RegionNames: ["moon-1"] }))).toMatch(/^InvalidParameterValue/);
});

test("account attributes name the default VPC", async () => {
  const ec2 = ec2For(await labForTest());
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
  const { AccountAttributes } = await ec2.send(
    new DescribeAccountAttributesCommand({ AttributeNames: ["default-vpc"] }),
  );
  expect(AccountAttributes).toEqual([
    { AttributeName: "default-vpc", AttributeValues: [{ AttributeValue: Vpcs?.[0]?.VpcId }] },
  ]);
});

test("the DHCP options that every VPC names are there", async () => {
  const ec2 = ec2For(await labForTest(), { region: "eu-west-1" });
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
  const DhcpOptionsIds = [Vpcs?.[0]?.DhcpOptionsId ?? ""];
  const { DhcpOptions } = await ec2.send(new DescribeDhcpOptionsCommand({ DhcpOptionsIds }));
  expect(DhcpOptions?.[0]?.DhcpConfigurations?.[0]).toEqual({
    Key: "domain-name",
    Values: [{ Value: "eu-west-1.compute.internal" }],
  });
  const call = ec2.send(new DescribeDhcpOptionsCommand({ DhcpOptionsIds: ["dopt-1"] }));
  expect(await outcomeOf(call)).toMatch(/^InvalidDhcpOptionID.NotFound/);
});

test("EC2-Classic is gone", async () => {
  const ec2 = ec2For(await labForTest());
  expect(await outcomeOf(ec2.send(new DescribeVpcClassicLinkCommand({})))).toMatch(/^UnsupportedOperation/);
});
