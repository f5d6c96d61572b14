import { expect, test } from "vitest";
import { hurriedClock } from "../support/hurried-clock.ts";
import { bench, keysOf } from "../support/stack.ts";

/** While an instance starts, EC2 may refuse an address even for its interface. */
test.each(["IncorrectState", "IncorrectInstanceState", "InvalidInstanceID", "Gateway.NotAttached"])(
  "%s passes: the address is tried again",
  async (code) => {
    const stack = await bench({ clock: hurriedClock() });
    await stack.faults({
      action: "AssociateAddress",
      fault: { code, message: "not yet", status: 400 },
      times: 3,
    });
    const up = await stack.up();
    expect(up.error).toBeUndefined();
    expect(up.calls.filter((action) => action === "AssociateAddress")).toHaveLength(4);
    expect(keysOf(up, "made")).toHaveLength(26);
  },
);

test("an address that EC2 will not give is an error that names it, and the rest is recorded", async () => {
  const stack = await bench();
  const fault = {
    code: "AddressLimitExceeded",
    message: "The maximum number of addresses has been reached.",
    status: 400,
  };
  await stack.faults({ action: "AllocateAddress", fault });
  const up = await stack.up();
  expect(up.error?.message).toMatch(
    /^eip failed on address\/vpc-1: AddressLimitExceeded: The maximum number/,
  );
  const { resources, intents } = await stack.state();
  expect(resources["address/vpc-1"]).toBeUndefined();
  expect(intents["address/vpc-1"]).toBeUndefined();
  await stack.faults();
  expect((await stack.teardown()).data).toMatchObject({ audit: { left: [] } });
});
