import { rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { recover } from "../../src/commands/recover.ts";
import { settledAt } from "../../src/commands/shown-by-tag.ts";
import { teardown } from "../../src/commands/teardown.ts";
import { instant } from "../../src/lab/profile.ts";
import { hurriedClock } from "../support/hurried-clock.ts";
import { type Bench, bench, changesIn, keysOf, stepNames } from "../support/stack.ts";

const fresh = { state: "fresh.json" };
const named = { flags: { ...fresh, name: "peerctl" } };

/** A run that was killed a moment ago: its last things are not shown yet, and its state file is elsewhere. */
async function killed(): Promise<Bench> {
  const stack = await bench({ clock: hurriedClock(), profile: { ...instant, describeLag: 5000 } });
  const fault = { code: "UnauthorizedOperation", message: "no", status: 403 };
  await stack.faults({ action: "AssociateAddress", fault });
  expect((await stack.up()).error).toBeDefined();
  await stack.faults();
  return stack;
}

async function standing({ ec2 }: Bench): Promise<unknown[]> {
  const { Addresses } = await ec2.describeAddresses();
  const { Reservations } = await ec2.describeInstances();
  const { Vpcs } = await ec2.describeVpcs({ Filters: [{ Name: "is-default", Values: ["false"] }] });
  const instances = Reservations!
    .flatMap(({ Instances }) => Instances!)
    .filter(({ State }) => State?.Name !== "terminated");
  return [...Addresses!, ...instances, ...Vpcs!];
}

test("without a state file, what AWS does not show yet is waited for and removed", async () => {
  const stack = await killed();
  const down = await stack.teardown(undefined, named);
  expect(down).toMatchObject({ code: 0, error: undefined, data: { audit: { left: [], usdAnHour: 0 } } });
  expect(await standing(stack)).toEqual([]);
});

test("recover records what AWS did not show yet when it began", async () => {
  const stack = await killed();
  const { resources } = await stack.state();
  await rm(stack.file);
  expect(await stack.command((run) => recover(run, undefined))).toMatchObject({ code: 0 });
  expect(Object.keys((await stack.state()).resources).sort()).toEqual(Object.keys(resources).sort());
});

test("a look is final only as long after the last try of a create as AWS may lag", () => {
  const now = Date.UTC(2026, 0, 2);
  const intents = (ago: number) => ({
    "vpc/vpc-1": { step: "create-vpcs", at: new Date(now - ago).toISOString(), generation: 1 },
  });
  const settled = (ago: number) => settledAt({ resources: {}, intents: intents(ago) }, 10_000, now) - now;
  // It may have been sent up to the end of its run, and up to five minutes after it was begun.
  expect(settled(1000)).toBe(10_000);
  expect(settled(299_000)).toBe(10_000);
  expect(settled(304_000)).toBe(6000);
  expect(settled(400_000)).toBeLessThan(0);
  // From a clock that was ahead.
  expect(settled(-3_600_000)).toBe(10_000);
  expect(settledAt({ resources: {}, intents: {} }, 10_000, now)).toBeLessThan(now);
});

test("without a state file the stack has to be named; a dry run and an empty account need no name", async () => {
  const stack = await bench();
  await stack.up();
  const guessed = await stack.teardown(undefined, { flags: fresh });
  expect(guessed.error?.message).toMatch(/^there is no state file .*fresh\.json, and the stack "peerctl"/);
  expect(guessed.error).toMatchObject({ remedy: expect.stringContaining("--name peerctl") });
  expect(changesIn(guessed)).toEqual([]);
  const part = await stack.teardown(["eip"], { flags: fresh });
  expect(part.error?.message).toContain("may be somebody else's");

  const dry = await stack.command((run) => teardown(run, { names: stepNames, dryRun: true }), {
    flags: fresh,
  });
  expect(dry.code).toBe(0);
  expect((dry.data as { wouldRemove: unknown[] }).wouldRemove).toHaveLength(14);

  expect(await stack.teardown(undefined, named)).toMatchObject({ code: 0 });
  expect(await standing(stack)).toEqual([]);
  const again = await stack.teardown(undefined, { flags: fresh });
  expect(again).toMatchObject({ code: 0, data: { audit: { left: [] } } });
  expect(again.said[0]).toBe('there is no stack "peerctl" here: no state file, and nothing under its tag');
});

test("of several stacks of one name, one is chosen by its uuid", async () => {
  const stack = await bench();
  await stack.up();
  const first = (await stack.state()).stack.uuid;
  // A second one comes by somebody who tags the same name in another tool's way.
  const { Vpc } = await stack.ec2.createVpc({
    CidrBlock: "10.9.0.0/16",
    TagSpecifications: [
      {
        ResourceType: "vpc",
        Tags: [
          { Key: "peerctl:stack", Value: "0d3f4a52-6a54-4f4e-9a5e-0c4f6f1f7a11" },
          { Key: "peerctl:key", Value: "vpc/vpc-1" },
          { Key: "peerctl:name", Value: "peerctl" },
        ],
      },
    ],
  });
  const both = await stack.teardown(undefined, named);
  expect(both.error).toMatchObject({ remedy: "choose one: --uuid UUID" });
  expect(both.error?.message).toContain(first);
  expect(changesIn(both)).toEqual([]);

  const undo = (uuid: string, how = named) =>
    stack.command((run) => teardown(run, { names: stepNames, dryRun: false, uuid }), how);
  const one = await undo("0d3f4a52-6a54-4f4e-9a5e-0c4f6f1f7a11");
  expect(one).toMatchObject({ code: 0, error: undefined });
  expect(one.data).toMatchObject({ removed: [{ key: "vpc/vpc-1", id: Vpc!.VpcId }] });
  expect((await stack.status()).code).toBe(0);
  const none = await undo("0d3f4a52-6a54-4f4e-9a5e-0c4f6f1f7a11");
  expect(none.said[0]).toContain('no stack "peerctl" with the uuid 0d3f4a52');

  // The state file's stack is the one that goes.
  const other = await stack.command((run) =>
    teardown(run, { names: stepNames, dryRun: false, uuid: "0d3f4a52-6a54-4f4e-9a5e-0c4f6f1f7a11" }),
  );
  expect(other.error?.message).toContain(`is of the stack ${first}, not 0d3f4a52`);
  expect(keysOf(await stack.teardown(), "removed")).toHaveLength(14);
});
