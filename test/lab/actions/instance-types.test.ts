import { expect, test } from "vitest";
import { outcomeOf } from "../start.ts";
import { awsForTest } from "./aws.ts";

test("types say what they are, and which the free tier covers", async () => {
  const { ec2 } = await awsForTest();
  const { InstanceTypes } = await ec2.describeInstanceTypes({ InstanceTypes: ["t4g.micro"] });
  expect(InstanceTypes?.[0]).toMatchObject({
    InstanceType: "t4g.micro",
    FreeTierEligible: true,
    Hypervisor: "nitro",
    ProcessorInfo: { SupportedArchitectures: ["arm64"] },
    VCpuInfo: { DefaultVCpus: 2, DefaultCores: 2, DefaultThreadsPerCore: 1 },
    MemoryInfo: { SizeInMiB: 1024 },
    NetworkInfo: { MaximumNetworkInterfaces: 2, Ipv4AddressesPerInterface: 2 },
  });
  const named = async (Name: string, ...Values: string[]) =>
    (await ec2.describeInstanceTypes({ Filters: [{ Name, Values }] })).InstanceTypes?.map(
      (type) => type.InstanceType,
    );
  expect(await named("free-tier-eligible", "true")).toEqual([
    "t3.micro",
    "t3.small",
    "t4g.micro",
    "t4g.small",
    "c7i-flex.large",
    "m7i-flex.large",
  ]);
  expect(await named("processor-info.supported-architecture", "arm64")).toEqual([
    "t4g.nano",
    "t4g.micro",
    "t4g.small",
    "t4g.medium",
  ]);
  expect(await named("instance-type", "t3.*")).toHaveLength(5);
  expect(await outcomeOf(named("colour", "red"))).toBe(
    "InvalidParameterValue: The filter 'colour' is invalid",
  );
  expect(await outcomeOf(ec2.describeInstanceTypes({ InstanceTypes: ["t9.micro" as "t3.micro"] }))).toBe(
    "InvalidInstanceType: The following supplied instance types do not exist: [t9.micro]",
  );
});

test("pages", async () => {
  const { ec2 } = await awsForTest();
  const names = [];
  let NextToken: string | undefined;
  do {
    const page = await ec2.describeInstanceTypes({ MaxResults: 5, NextToken });
    names.push(...(page.InstanceTypes ?? []).map((type) => type.InstanceType));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  const all = await ec2.describeInstanceTypes({});
  expect(names).toEqual(all.InstanceTypes?.map((type) => type.InstanceType));
});

test("offerings: one zone lacks the newer types", async () => {
  const { ec2, at } = await awsForTest();
  const places = async (
    LocationType: "region" | "availability-zone" | "availability-zone-id",
    client = ec2,
  ) => {
    const Filters = [{ Name: "instance-type", Values: ["t3.micro"] }];
    const { InstanceTypeOfferings } = await client.describeInstanceTypeOfferings({ LocationType, Filters });
    return InstanceTypeOfferings?.map((each) => each.Location);
  };
  expect(await places("region")).toEqual(["us-east-1"]);
  expect(await places("availability-zone")).toEqual(["a", "b", "c", "d", "f"].map((z) => `us-east-1${z}`));
  expect(await places("availability-zone-id")).toHaveLength(5);
  expect(await places("availability-zone", at("123456789012", "eu-west-1"))).toHaveLength(3);
  const { InstanceTypeOfferings } = await ec2.describeInstanceTypeOfferings({
    LocationType: "availability-zone",
    Filters: [{ Name: "location", Values: ["us-east-1e"] }],
  });
  expect(InstanceTypeOfferings?.map((each) => each.InstanceType)).toContain("t2.micro");
  expect(await outcomeOf(places("planet" as "region"))).toMatch(/^InvalidParameterValue/);
});
