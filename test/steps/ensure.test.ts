import { expect, test } from "vitest";
import type { Fault } from "../../src/lab/faults.ts";
import { aws, instant } from "../../src/lab/profile.ts";
import { hurriedClock } from "../support/hurried-clock.ts";
import { bench, changesIn, keysOf } from "../support/stack.ts";

test("what a run before began without recording it is adopted, and nothing is made twice", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.up();
  const before = await stack.state();
  // As if it had been killed between every create and its record.
  await stack.edit((state) => {
    for (const [key, { step, madeAt: at }] of Object.entries(state.resources)) {
      state.intents[key] = { step, at, generation: state.generations[key]! };
    }
    state.resources = {};
  });
  const after = await stack.up();
  expect(after.error).toBeUndefined();
  expect(keysOf(after, "adopted")).toEqual(Object.keys(before.resources).sort());
  expect(keysOf(after, "made")).toEqual([]);
  expect(changesIn(after)).toEqual([]);
  const { resources, intents } = await stack.state();
  expect(intents).toEqual({});
  for (const [key, { id, attributes }] of Object.entries(before.resources)) {
    expect(resources[key]).toMatchObject({ id, attributes });
  }
});

const creates = [
  "CreateVpc",
  "CreateInternetGateway",
  "AttachInternetGateway",
  "CreateSubnet",
  "CreateRouteTable",
  "AssociateRouteTable",
  "CreateRoute",
  "CreateVpcPeeringConnection",
  "AcceptVpcPeeringConnection",
  "CreateSecurityGroup",
  "AuthorizeSecurityGroupIngress",
  "RunInstances",
  "AllocateAddress",
  "AssociateAddress",
];

const deletes = [
  "DisassociateAddress",
  "ReleaseAddress",
  "TerminateInstances",
  "DeleteVpcPeeringConnection",
  "DetachInternetGateway",
  "DeleteInternetGateway",
  "DeleteSubnet",
  "DeleteRouteTable",
  "DeleteSecurityGroup",
  "DeleteVpc",
];

/** A call whose answer does not come, or says nothing: it took effect, or it did not. */
test.each<Fault["fault"]>(["drop-before", "drop-after", "garbage", "truncated", "error-500", "error-503"])(
  "the first answer of each action is lost (%s): nothing is made twice, nothing is left out or behind",
  async (fault) => {
    const stack = await bench({ clock: hurriedClock() });
    await stack.faults(...[...creates, ...deletes].map((action): Fault => ({ action, fault, nth: 1 })));
    const up = await stack.up();
    expect(up.error).toBeUndefined();
    const { code, text } = await stack.status();
    expect(code, text).toBe(0);
    const down = await stack.teardown();
    expect(down.error).toBeUndefined();
    expect(down.data).toMatchObject({ audit: { left: [] } });
  },
);

test("each call throttled a few times: all is made, once", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.faults(...creates.map((action): Fault => ({ action, fault: "throttle", times: 2 })));
  const up = await stack.up();
  expect(up.error).toBeUndefined();
  expect(keysOf(up, "made")).toHaveLength(26);
  expect((await stack.status()).code).toBe(0);
});

test("on an AWS that takes its time, with Describe lagging behind Create and buckets that run dry", async () => {
  const clock = hurriedClock();
  const stack = await bench({ clock, profile: aws });
  const began = clock.now();
  const up = await stack.up();
  expect(up.error).toBeUndefined();
  expect(keysOf(up, "made")).toHaveLength(26);
  expect(clock.now() - began, "milliseconds, of which the boot takes nine seconds").toBeLessThan(60_000);
  expect((await stack.status()).code).toBe(0);
  const down = await stack.teardown();
  expect(down.error).toBeUndefined();
  expect(down.data).toMatchObject({ audit: { left: [] } });
});

test("what was made a moment ago is not missing because Describe does not show it yet", async () => {
  const stack = await bench({ clock: hurriedClock(), profile: { ...instant, describeLag: 8000 } });
  const fault = { code: "UnauthorizedOperation", message: "no", status: 403 };
  await stack.faults({ action: "CreateInternetGateway", nth: 2, fault });
  expect((await stack.up()).error).toBeDefined();
  await stack.faults();
  const { resources } = await stack.state();
  expect(Object.keys(resources).length).toBeGreaterThan(2);
  const early = await stack.status();
  expect(early.code, early.text).toBe(0);
  const up = await stack.up();
  expect(up.error).toBeUndefined();
  expect(keysOf(up, "missing")).toEqual([]);
  expect(keysOf(up, "kept")).toEqual(Object.keys(resources).sort());
  const Filters = [{ Name: "tag-key", Values: ["peerctl:key"] }];
  expect((await stack.ec2.describeVpcs({ Filters })).Vpcs).toHaveLength(2);
});

test("what was made some time ago and is not shown is missing at once", async () => {
  const clock = hurriedClock();
  const stack = await bench({ clock, profile: { ...instant, describeLag: 8000 } });
  expect((await stack.up()).error).toBeUndefined();
  const { resources } = await stack.state();
  await clock.sleep(30_000);
  await stack.ec2.terminateInstances({ InstanceIds: [resources["instance/vpc-2"]!.id] });
  const began = clock.now();
  const { data } = await stack.status();
  expect(clock.now() - began).toBeLessThan(1000);
  const instance = { key: "instance/vpc-2", standing: "missing" };
  expect(data).toMatchObject({ resources: expect.arrayContaining([expect.objectContaining(instance)]) });
});

test("what was removed a moment ago is not there because Describe still shows it", async () => {
  const clock = hurriedClock();
  const stack = await bench({ clock, profile: { ...instant, describeLag: 8000, stale: true } });
  await stack.up();
  await clock.sleep(30_000);
  expect((await stack.teardown(["eip"])).error).toBeUndefined();
  const up = await stack.up();
  expect(up.error).toBeUndefined();
  expect(keysOf(up, "made")).toEqual(["address-association/vpc-1", "address/vpc-1"]);
  await clock.sleep(30_000);
  expect((await stack.status()).code).toBe(0);

  // A down that could do nothing: all is there, and that is found out once.
  const refusal = { code: "UnauthorizedOperation", message: "no", status: 403 };
  await stack.faults(...deletes.map((action): Fault => ({ action, fault: refusal })));
  expect((await stack.teardown()).error).toBeDefined();
  await stack.faults();
  expect(keysOf(await stack.up(), "kept")).toHaveLength(26);
  const began = clock.now();
  expect(keysOf(await stack.up(), "kept")).toHaveLength(26);
  expect(clock.now() - began).toBeLessThan(5000);
});
