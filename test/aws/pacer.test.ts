import { setMaxListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { learningPacer } from "../../src/aws/pacer.ts";
import { createBuckets } from "../../src/lab/buckets.ts";
import { manualClock } from "../lab/data-plane/manual-clock.ts";

const { signal } = new AbortController();
setMaxListeners(0, signal);

/** Sends `count` calls at once through a pacer to the lab's token buckets; each answer takes 50 ms to come. */
async function send(action: string, count: number, guess: number) {
  const clock = manualClock();
  const buckets = createBuckets();
  const pacer = learningPacer(clock, guess);
  const began = clock.now();
  let throttles = 0;
  const call = async () => {
    for (;;) {
      const ticket = await pacer.turn(signal);
      const taken = buckets.take("account", action, { MaxCount: 1, VpcIds: [] }, clock.now());
      await clock.sleep(50);
      if (taken) return pacer.passed(ticket);
      throttles += 1;
      pacer.throttled(ticket);
    }
  };
  await clock.finish(Promise.all(Array.from({ length: count }, call)));
  return { seconds: (clock.now() - began) / 1000, throttles, pacer, clock };
}

describe("against a bucket that holds `burst` and gets `refill` a second", () => {
  test.each([
    { action: "CreateRoute", burst: 50, refill: 5, guess: 5 },
    { action: "CreateRoute", burst: 50, refill: 5, guess: 2 },
    { action: "CreateRoute", burst: 50, refill: 5, guess: 20 },
    { action: "DescribeVpcs", burst: 100, refill: 20, guess: 5 },
    { action: "CreateTags", burst: 100, refill: 10, guess: 5 },
  ])("$action, $burst and $refill, guessed at $guess: no slower than the bucket", async (row) => {
    const count = 600;
    const { seconds, throttles } = await send(row.action, count, row.guess);
    const least = (count - row.burst) / row.refill;
    expect(seconds / least).toBeLessThan(1.1);
    // The calls that were under way when the bucket first ran dry were throttled together.
    const first = count - row.burst;
    expect(throttles - first).toBeLessThan(count * 0.15);
  });
});

test("nothing is held back until AWS says so", async () => {
  const { seconds, throttles } = await send("CreateVpc", 50, 5);
  expect({ seconds, throttles }).toEqual({ seconds: 0.05, throttles: 0 });
});

test("after a pause the burst is there again, as far as it was seen", async () => {
  const { pacer, clock } = await send("CreateVpc", 60, 5);
  await clock.advance(60_000);
  const began = clock.now();
  await Promise.all(Array.from({ length: 40 }, () => pacer.turn(signal)));
  expect(clock.now()).toBe(began);
});

test("turns come in the order of asking", async () => {
  const clock = manualClock();
  const pacer = learningPacer(clock, 5);
  pacer.throttled(await pacer.turn(signal));
  const order: number[] = [];
  await clock.finish(Promise.all([1, 2, 3, 4].map((n) => pacer.turn(signal).then(() => order.push(n)))));
  expect(order).toEqual([1, 2, 3, 4]);
  expect(clock.now()).toBeGreaterThanOrEqual(manualClock().now() + 800);
});

test("says for how long all that was tried was throttled: a pause in which nothing was tried does not count", async () => {
  const clock = manualClock();
  const pacer = learningPacer(clock, 5);
  const ticket = await pacer.turn(signal);
  pacer.passed(ticket);
  await clock.advance(300_000);
  expect(pacer.throttled(ticket)).toBe(0);
  await clock.advance(7000);
  expect(pacer.throttled(ticket)).toBe(7000);
  pacer.passed(ticket);
  await clock.advance(7000);
  expect(pacer.throttled(ticket)).toBe(0);
});

test("who waits for a turn stops with the run", async () => {
  const clock = manualClock();
  const stop = new AbortController();
  const pacer = learningPacer(clock, 5);
  pacer.throttled(await pacer.turn(stop.signal));
  const turns = [pacer.turn(stop.signal), pacer.turn(stop.signal)];
  const ends = Promise.allSettled(turns);
  stop.abort("enough");
  expect(await ends).toEqual([
    { status: "rejected", reason: "enough" },
    { status: "rejected", reason: "enough" },
  ]);
});
