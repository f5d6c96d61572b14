import { CreateVpcCommand, DescribeSubnetsCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createFaults, type Fault } from "../../src/lab/faults.ts";
import { ec2For, labForTest, outcomeOf } from "./start.ts";

describe("when a fault strikes", () => {
  const rows: [string, Omit<Fault, "fault">[], string[], (number | undefined)[]][] = [
    ["always", [{ action: "A" }], ["A", "A", "B"], [0, 0, undefined]],
    [
      "the nth call only",
      [{ action: "A", nth: 2 }],
      ["A", "B", "A", "A"],
      [undefined, undefined, 0, undefined],
    ],
    ["the first calls", [{ action: "*", times: 2 }], ["A", "B", "A"], [0, 0, undefined]],
    [
      "the first of two",
      [
        { action: "A", nth: 2 },
        { action: "*", times: 2 },
      ],
      ["A", "A", "A"],
      [1, 0, undefined],
    ],
  ];
  test.each(rows)("%s", (_name, list, calls, expected) => {
    const faults = list.map((each): Fault => ({ ...each, fault: "throttle" }));
    const set = createFaults(faults);
    const struck = calls.map((call) => faults.indexOf(set.strike(call) as Fault));
    expect(struck).toEqual(expected.map((index) => index ?? -1));
  });
});

describe("what a fault does", () => {
  const rows: [Fault["fault"], RegExp, boolean][] = [
    ["throttle", /^RequestLimitExceeded: Request limit exceeded\.$/, false],
    ["error-500", /^InternalError/, false],
    ["error-503", /^Unavailable/, false],
    [
      { code: "InsufficientCapacity", message: "no more", status: 400 },
      /^InsufficientCapacity: no more$/,
      false,
    ],
    ["drop-before", /socket hang up|ECONNRESET/, false],
    ["drop-after", /socket hang up|ECONNRESET/, true],
    ["late", /^done$/, true],
    ["garbage", /./, true],
    ["truncated", /aborted|ECONNRESET|terminated/i, true],
  ];
  test.each(rows)("%j", async (fault, expected, tookEffect) => {
    const lab = await labForTest({ faults: [{ action: "CreateVpc", fault, ms: 1 }] });
    const ec2 = ec2For(lab);
    const outcome = await outcomeOf(ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" })));
    expect(outcome).toMatch(expected);
    if (fault !== "late") expect(outcome).not.toBe("done");
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
    expect(Vpcs?.length).toBe(tookEffect ? 2 : 1);
    expect(lab.log.entries[0]?.fault).toBe(typeof fault === "string" ? fault : fault.code);
  });
});

test.each([
  ["hang-before", 1],
  ["hang-after", 2],
] as const)("%s keeps the caller waiting", async (fault, vpcs) => {
  const lab = await labForTest({ faults: [{ action: "CreateVpc", fault }] });
  const ec2 = ec2For(lab);
  const patience = new AbortController();
  const outcome = outcomeOf(
    ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }), { abortSignal: patience.signal }),
  );
  await vi.waitUntil(() => lab.log.entries.length === 1, { interval: 1 });
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
  expect(Vpcs?.length).toBe(vpcs);
  patience.abort();
  expect(await outcome).toMatch(/^AbortError/);
});

test("late-before takes effect later, though its caller has gone; it is told of at once", async () => {
  const struck: string[] = [];
  const lab = await labForTest({
    faults: [{ action: "CreateVpc", fault: "late-before", ms: 150 }],
    onFault: ({ action }) => struck.push(action),
  });
  const ec2 = ec2For(lab);
  const gone = new AbortController();
  const outcome = outcomeOf(
    ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }), { abortSignal: gone.signal }),
  );
  await vi.waitUntil(() => struck.length === 1, { interval: 1 });
  gone.abort();
  expect(await outcome).toMatch(/^AbortError/);
  const count = async () => (await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.length;
  expect(await count()).toBe(1);
  await vi.waitUntil(async () => (await count()) === 2, { interval: 10 });
});

test("what hangs is cut when faults are set anew", async () => {
  const lab = await labForTest({ faults: [{ action: "CreateVpc", fault: "hang-after" }] });
  const outcome = outcomeOf(ec2For(lab).send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" })));
  await vi.waitUntil(() => lab.log.entries.length === 1, { interval: 1 });
  await fetch(`${lab.url}/_lab/faults`, { method: "POST", body: "[]" });
  expect(await outcome).toMatch(/socket hang up|ECONNRESET/);
});

test("refuse cuts all calls, and nobody can connect until its time is over", async () => {
  let reopen = () => {};
  const clock = {
    ...systemClock,
    sleep: () =>
      new Promise<void>((resolve) => {
        reopen = resolve;
      }),
  };
  const lab = await labForTest({
    clock,
    faults: [
      { action: "DescribeSubnets", fault: "hang-before" },
      { action: "CreateVpc", nth: 1, fault: "refuse", ms: 5000 },
    ],
  });
  const ec2 = ec2For(lab);
  const hanging = outcomeOf(ec2.send(new DescribeSubnetsCommand({})));
  await vi.waitUntil(() => lab.log.entries.length === 1, { interval: 1 });
  const create = () => outcomeOf(ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" })));
  expect(await create()).toMatch(/socket hang up|ECONNRESET/);
  expect(await hanging).toMatch(/socket hang up|ECONNRESET/);
  expect(await create()).toMatch(/ECONNREFUSED/);
  expect(lab.log.entries.map(({ fault, status }) => [fault, status])).toEqual([
    ["hang-before", 0],
    ["refuse", 0],
  ]);
  reopen();
  await vi.waitUntil(async () => (await create()) === "done", { interval: 5 });
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
  expect(Vpcs?.filter(({ IsDefault }) => !IsDefault)).toHaveLength(1);
});

test("a lab stops while it refuses", async () => {
  const lab = await labForTest({ faults: [{ action: "DescribeVpcs", fault: "refuse", ms: 600_000 }] });
  expect(await outcomeOf(ec2For(lab).send(new DescribeVpcsCommand({})))).toMatch(/socket hang up|ECONNRESET/);
  await lab.stop();
});

test("the SDK's retries get over a fault that goes by", async () => {
  const lab = await labForTest({ faults: [{ action: "DescribeVpcs", times: 1, fault: "error-503" }] });
  const { Vpcs } = await ec2For(lab, { maxAttempts: 3 }).send(new DescribeVpcsCommand({}));
  expect(Vpcs?.length).toBe(1);
  expect(lab.log.entries.map((each) => each.status)).toEqual([503, 200]);
});

test("faults are set over HTTP; what is no list of faults is refused", async () => {
  const lab = await labForTest();
  const set = (body: unknown) =>
    fetch(`${lab.url}/_lab/faults`, { method: "POST", body: JSON.stringify(body) });
  expect((await set([{ action: "DescribeVpcs", nth: 1, fault: "throttle" }])).status).toBe(200);
  expect(await outcomeOf(ec2For(lab).send(new DescribeVpcsCommand({})))).toMatch(/^RequestLimitExceeded/);
  const bad = [
    {},
    [{ action: "A" }],
    [{ action: "A", fault: "fire" }],
    [{ action: "A", fault: "late", nth: 0 }],
    [{ fault: "late", action: "A", odd: 1 }],
  ];
  for (const body of bad) expect((await set(body)).status).toBe(400);
});
