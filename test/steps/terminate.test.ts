import { expect, test } from "vitest";
import { aws } from "../../src/lab/profile.ts";
import { hurriedClock } from "../support/hurried-clock.ts";
import { bench } from "../support/stack.ts";

const timing = { ...aws, latency: 0, throttle: false, describeLag: 0 };

test("stopped instances end at once, and that is seen at once", async () => {
  const clock = hurriedClock();
  const stack = await bench({ clock, profile: timing });
  await stack.up();
  const { Reservations } = await stack.ec2.describeInstances();
  const InstanceIds = Reservations!.flatMap(({ Instances }) => Instances!.map((each) => each.InstanceId!));
  await stack.ec2.stopInstances({ InstanceIds });
  await clock.sleep(19_000);
  await clock.sleep(19_000);

  const began = clock.now();
  const { code, error } = await stack.teardown();
  expect(error).toBeUndefined();
  expect(code).toBe(0);
  expect(clock.now() - began).toBeLessThan(10_000);
});
