import { expect, test } from "vitest";
import { leastMs } from "../../bench/token-buckets.ts";
import type { LogEntry } from "../../src/lab/log.ts";

const calls = (count: number, action: string, more: Partial<LogEntry> = {}): LogEntry[] =>
  Array.from({ length: count }, () => ({
    ...{ requestId: "", service: "ec2", account: "123456789012", region: "us-east-1", action },
    ...{ start: 0, end: 0, status: 200, used: [], made: [], ...more },
  }));

test.each([
  ["CreateRoute", 50, 0],
  ["CreateRoute", 400, 70_000],
  ["DescribeVpcs", 100, 0],
  ["DescribeVpcs", 140, 2000],
  ["RunInstances", 20, 7500],
  ["TerminateInstances", 105, 1000],
  ["CreateTags", 110, 1000],
])("%s: %i calls take %i ms at least", (action, count, ms) => {
  expect(leastMs(calls(count, action))).toBe(ms);
});

test("each action has a bucket of its own, and the fullest counts", () => {
  expect(
    leastMs([...calls(50, "CreateVpc"), ...calls(55, "CreateRoute"), ...calls(50, "CreateSubnet")]),
  ).toBe(1000);
});

test("what failed was not let through, throttled or refused; another service's calls have other limits", () => {
  const refused = calls(50, "CreateRoute", { error: "InvalidRouteTableID.NotFound" });
  const throttled = calls(50, "CreateRoute", { error: "RequestLimitExceeded" });
  const others = calls(500, "GetCallerIdentity", { service: "sts" });
  expect(leastMs([...calls(55, "CreateRoute"), ...refused, ...throttled, ...others])).toBe(1000);
});
