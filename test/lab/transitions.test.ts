import { CreateVpcCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { aws, instant } from "../../src/lab/profile.ts";
import { settle } from "../../src/lab/transitions.ts";
import { createWorld, tablesOf } from "../../src/lab/world-store.ts";
import { ec2For, labForTest, outcomeOf } from "./start.ts";

test("what is due happens in its order, the rest waits", () => {
  const world = createWorld({ profile: instant, seed: 1, now: 0 });
  const { vpcs } = tablesOf(world, "a", "us-east-1");
  const at = { a: "early", b: "late", c: "never" };
  const plan = { account: "a", region: "us-east-1", kind: "vpc", to: "available" } as const;
  for (const id of Object.values(at)) vpcs.set(id, { VpcId: id, State: "pending" });
  world.due.push({ ...plan, id: at.b, at: 20 }, { ...plan, id: at.c, at: 31 }, { ...plan, id: at.a, at: 10 });
  world.now = 5;
  expect(settle(world)).toBe(false);
  world.now = 30;
  expect(settle(world)).toBe(true);
  expect(Object.values(at).map((id) => vpcs.get(id)?.State)).toEqual(["available", "available", "pending"]);
  expect([world.now, world.due.map((each) => each.id)]).toEqual([30, [at.c]]);
  vpcs.delete(at.c);
  world.now = 31;
  expect(settle(world)).toBe(true);
});

test("with the aws profile a VPC is pending for a while, and Describe lags behind the create", async () => {
  let now = 1_000_000;
  const slept: number[] = [];
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      slept.push(ms);
    },
  };
  const lab = await labForTest({ profile: aws, clock });
  const ec2 = ec2For(lab);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  expect(Vpc?.State).toBe("pending");
  const look = () => ec2.send(new DescribeVpcsCommand({ VpcIds: [Vpc?.VpcId ?? ""] }));
  expect(await outcomeOf(look())).toMatch(/^InvalidVpcID.NotFound/);
  now += aws.describeLag;
  expect((await look()).Vpcs?.[0]?.State).toBe("pending");
  now += 1000;
  expect((await look()).Vpcs?.[0]?.State).toBe("available");
  const total = slept.reduce((sum, ms) => sum + ms, 0);
  expect(total).toBeGreaterThanOrEqual(4 * aws.latency);
  expect(total).toBeLessThanOrEqual(4 * aws.latency * 1.2);
});

test("what happens by itself reaches the data plane though nobody calls", async () => {
  const states: (string | undefined)[] = [];
  const cidr = "10.0.0.0/16";
  const profile = { ...instant, lasts: { "vpc:pending": 5 } };
  let seen: () => void = () => undefined;
  const available = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const lab = await labForTest({
    profile,
    dataPlane: {
      name: "model",
      apply: (world) => {
        const vpcs = world.tables.get("123456789012/us-east-1")?.vpcs.values() ?? [];
        const state = [...vpcs].find(({ CidrBlock }) => CidrBlock === cidr)?.State;
        states.push(state);
        if (state === "available") seen();
      },
      connect: () => undefined,
      close: async () => undefined,
    },
  });
  await ec2For(lab).send(new CreateVpcCommand({ CidrBlock: cidr }));
  await available;
  expect(states.at(-1)).toBe("available");
});
