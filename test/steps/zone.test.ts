import { expect, test } from "vitest";
import { hurriedClock } from "../support/hurried-clock.ts";
import { bench } from "../support/stack.ts";

const full = {
  code: "InsufficientInstanceCapacity",
  message: "We currently do not have sufficient t3.micro capacity in the Availability Zone you requested.",
  status: 500,
};

test("where a zone has no room, the subnet moves to the next, with its route table", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.faults(
    { action: "RunInstances", nth: 1, fault: full },
    { action: "RunInstances", nth: 2, fault: full },
  );
  const up = await stack.up();
  expect(up.error).toBeUndefined();
  expect(up.said.join("\n")).toMatch(/no room in us-east-1a for the instance in vpc-\d: trying us-east-1b/);
  expect((await stack.status()).code).toBe(0);
  const { resources } = await stack.state();
  const { Reservations } = await stack.ec2.describeInstances({
    Filters: [{ Name: "instance-state-name", Values: ["running"] }],
  });
  const zones = Reservations?.flatMap(({ Instances }) => Instances ?? []).map(({ Placement }) => Placement);
  expect(zones?.map((each) => each?.AvailabilityZone)).toEqual(["us-east-1b", "us-east-1b"]);
  expect(resources["subnet/vpc-1"]?.attributes).toEqual({ zone: "us-east-1b" });
  const down = await stack.teardown();
  expect(down.data).toMatchObject({ audit: { left: [] } });
});

test("where no zone has room, it says so, and a later up goes on", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.faults({ action: "RunInstances", fault: full });
  const { error } = await stack.up();
  expect(error?.message).toMatch(/no zone of us-east-1 has room for .*\(asked: us-east-1a, .*RunInstances/);
  expect(error).toMatchObject({ remedy: expect.any(String) });
  await stack.faults();
  const again = await stack.up();
  expect(again.error).toBeUndefined();
  expect((await stack.status()).code).toBe(0);
});

test("a refusal of a repeated call does not say that the first try made nothing", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.faults(
    { action: "CreateRouteTable", nth: 1, fault: "drop-after" },
    {
      action: "CreateRouteTable",
      nth: 2,
      fault: { code: "UnauthorizedOperation", message: "no", status: 403 },
    },
    {
      action: "CreateRouteTable",
      nth: 3,
      fault: { code: "UnauthorizedOperation", message: "no", status: 403 },
    },
  );
  await stack.make(["create-vpcs"]);
  await stack.faults();
  const { error } = await stack.make(["create-vpcs"]);
  expect(error).toBeUndefined();
  const { RouteTables } = await stack.ec2.describeRouteTables({
    Filters: [{ Name: "tag-key", Values: ["peerctl:stack"] }],
  });
  expect(RouteTables?.length).toBe(2);
});

test("a call that is never answered is given up, and what it made is found", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.faults(
    { action: "CreateVpc", nth: 1, fault: "hang-after" },
    { action: "DescribeSubnets", nth: 1, fault: "hang-before" },
  );
  const up = await stack.up();
  expect(up.error).toBeUndefined();
  const { Vpcs } = await stack.ec2.describeVpcs({ Filters: [{ Name: "is-default", Values: ["false"] }] });
  expect(Vpcs?.length).toBe(2);
});
