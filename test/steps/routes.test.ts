import { expect, test } from "vitest";
import { hurriedClock } from "../support/hurried-clock.ts";
import { bench, keysOf } from "../support/stack.ts";

const refusals = [
  { code: "InvalidStateTransition", message: "the peering is initiating-request", status: 400 },
  {
    code: "InvalidParameterValue",
    message: "the table and the gateway belong to different networks",
    status: 400,
  },
];

test.each(refusals)("$code: to what was made just now the route is tried again", async (fault) => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.faults({ action: "CreateRoute", fault, times: 2 });
  const up = await stack.up();
  expect(up.error).toBeUndefined();
  expect(keysOf(up, "made")).toHaveLength(26);
});

test.each(refusals)("$code: to what has long been there it is final", async (fault) => {
  const clock = hurriedClock();
  const stack = await bench({ clock });
  await stack.make(["create-vpcs", "peer"]);
  await clock.sleep(60_000);
  await stack.faults({ action: "CreateRoute", fault });
  const route = await stack.make(["route"]);
  expect(route.error?.message).toContain(`${fault.code}: ${fault.message}`);
  expect(route.calls.filter((action) => action === "CreateRoute").length).toBeLessThanOrEqual(2);
});
