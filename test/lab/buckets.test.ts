import { DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { createBuckets } from "../../src/lab/buckets.ts";
import { aws } from "../../src/lab/profile.ts";
import { ec2For, labForTest } from "./start.ts";

/** https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html */
describe("EC2's request limits", () => {
  const rows: [string, Record<string, unknown>, number, number][] = [
    ["DescribeVpcs", {}, 100, 20],
    ["GetConsoleOutput", {}, 100, 20],
    ["DescribeInstances", {}, 50, 10],
    ["DescribeInstances", { InstanceIds: ["i-1"] }, 100, 20],
    ["DescribeSecurityGroups", { MaxResults: undefined }, 50, 10],
    ["DescribeNetworkInterfaces", { Filters: [] }, 100, 20],
    ["CreateVpc", {}, 50, 5],
    ["RunInstances", { MaxCount: 1 }, 5, 2],
    ["TerminateInstances", {}, 100, 5],
    ["CreateTags", {}, 100, 10],
  ];
  test.each(rows)("%s %j: %i at once, then %i a second", (action, input, burst, refill) => {
    const buckets = createBuckets();
    const taken = (now: number) => {
      let count = 0;
      while (buckets.take("a/r", action, input, now)) count += 1;
      return count;
    };
    expect(taken(0)).toBe(burst);
    expect(taken(1000)).toBe(refill);
    expect(taken(1_000_000)).toBe(burst);
    expect(buckets.take("b/r", action, input, 0)).toBe(true);
    expect(buckets.take("a/r", "Other", {}, 0)).toBe(true);
  });

  test("RunInstances pays for its instances too", () => {
    const buckets = createBuckets();
    expect(buckets.take("a/r", "RunInstances", { MaxCount: 1000 }, 0)).toBe(true);
    expect(buckets.take("a/r", "RunInstances", { MaxCount: 1 }, 0)).toBe(false);
    expect(buckets.take("a/r", "RunInstances", { MaxCount: 2 }, 1000)).toBe(true);
  });
});

test("only a profile that throttles throttles", async () => {
  const clock = { now: () => 0, sleep: async () => undefined };
  const lab = await labForTest({ profile: { ...aws, latency: 0 }, clock });
  const ec2 = ec2For(lab);
  const calls = Array.from({ length: 103 }, () => ec2.send(new DescribeVpcsCommand({})));
  const refused = (await Promise.allSettled(calls)).filter((each) => each.status === "rejected");
  expect(refused.length).toBe(3);
  expect(String(refused[0]?.reason)).toMatch(/Request limit exceeded/);
});
