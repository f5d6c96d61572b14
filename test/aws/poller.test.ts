import { expect, test } from "vitest";
import { poller, TimedOut } from "../../src/aws/poller.ts";
import { hurriedClock } from "../support/hurried-clock.ts";
import { manualClock } from "../lab/data-plane/manual-clock.ts";

const rhythm = { first: 4000, usual: 8000, gap: 400, longest: 10_000 };

/** Rows that come to be, each at its time (ms after the start); Describe takes no time. */
function world(readyAt: Record<string, number>) {
  const clock = manualClock(0);
  const controller = new AbortController();
  const asked: { at: number; ids: string[] }[] = [];
  const watch = poller<boolean>({
    clock,
    signal: controller.signal,
    rhythm,
    describe: async (ids) => {
      asked.push({ at: Math.round(clock.now()), ids });
      await Promise.resolve();
      return new Map(ids.filter((id) => id in readyAt).map((id) => [id, clock.now() >= readyAt[id]!]));
    },
  });
  return {
    clock,
    controller,
    asked,
    times: () => asked.map(({ at }) => at),
    until: (id: string, how?: Parameters<typeof watch.until>[2]) => watch.until(id, Boolean, how),
  };
}

test("one Describe for all who ask together", async () => {
  const { asked, until } = world({ a: 0, b: 0 });
  await Promise.all([until("a"), until("b"), until("a")]);
  expect(asked).toEqual([{ at: 0, ids: ["a", "b"] }]);
});

test.each<[string, number, number[]]>([
  ["at once", 0, [0]],
  ["at the second look", 3000, [0, 4000]],
  ["sooner than usual", 5000, [0, 4000, 6000]],
  ["as usual", 9000, [0, 4000, 6000, 8000, 8400, 8830, 9294]],
])("%s: looks at these times", async (_what, ready, times) => {
  const { clock, times: looks, until } = world({ a: ready });
  await clock.finish(until("a"));
  expect(looks()).toEqual(times);
});

test("a long wait costs few calls: the gaps grow up to the longest", async () => {
  const { clock, times, until } = world({ a: 400_000 });
  await clock.finish(until("a"));
  expect(times().length).toBeLessThan(70);
  expect(times().at(-1)! - times().at(-2)!).toBe(rhythm.longest);
});

test.each<[string, number, number[]]>([
  ["what began before is waited for from then on", 993_000, [0, 1000, 1400, 1830]],
  ["what began long ago may be over any moment", 0, [0, 400, 830, 1294, 1795]],
  ["what began in the future, by a clock that is ahead, begins now", 1_060_000, [0, 4000]],
])("%s", async (_what, since, times) => {
  const start = 1_000_000;
  const { clock, times: looks, until } = world({ a: start + 1500 });
  await clock.advance(start);
  await clock.finish(until("a", { since }));
  expect(looks().map((at) => at - start)).toEqual(times);
});

test("who comes during a pause is looked at by its own time, and wakes the others' look", async () => {
  const { clock, asked, until } = world({ a: 6000, b: 2000 });
  const first = until("a");
  await clock.advance(1000);
  // It began so long ago that it may be over any moment.
  const second = until("b", { since: -60_000 });
  await clock.finish(Promise.all([first, second]));
  expect(asked).toEqual([
    { at: 0, ids: ["a"] },
    { at: 1400, ids: ["a", "b"] },
    { at: 1830, ids: ["a", "b"] },
    { at: 2294, ids: ["a", "b"] },
    // From then on by the time of `a`.
    { at: 4000, ids: ["a"] },
    { at: 6000, ids: ["a"] },
  ]);
});

test("many who began at different times share their looks, which are no closer than the gap", async () => {
  const ids = Array.from({ length: 40 }, (_, n) => `i-${n}`);
  const { clock, times, until } = world(Object.fromEntries(ids.map((id, n) => [id, n * 250 + 9000])));
  const all = ids.map(async (id, n) => {
    await clock.sleep(n * 250);
    await until(id);
  });
  await clock.finish(Promise.all(all));
  const gaps = times().map((at, n) => at - (times()[n - 1] ?? Number.NEGATIVE_INFINITY));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(rhythm.gap);
  expect(clock.now()).toBeLessThan(39 * 250 + 9000 + 500);
});

test("who comes while a Describe is under way is looked at at once, and not taken for missing", async () => {
  const { asked, until } = world({ a: 0, b: 0 });
  const first = until("a");
  // The Describe for `a` has gone out.
  while (asked.length === 0) await Promise.resolve();
  const second = until("b");
  expect(await Promise.all([first, second])).toEqual([true, true]);
  expect(asked).toEqual([
    { at: 0, ids: ["a"] },
    { at: 0, ids: ["b"] },
  ]);
});

test("what Describe does not show is undefined, and waited for until the deadline", async () => {
  const { until, clock } = world({});
  const waiting = until("a", { timeout: 30_000 }).catch((thrown: unknown) => thrown);
  const error = await clock.finish(waiting);
  expect(error).toBeInstanceOf(TimedOut);
  expect(clock.now()).toBeGreaterThan(30_000);
  expect(clock.now()).toBeLessThan(45_000);
});

test("one who gives up does not disturb the others; an error of Describe is everyone's; so is the end of the run", async () => {
  const clock = hurriedClock(0);
  const controller = new AbortController();
  let fail: Error | undefined;
  const { until } = poller<string>({
    clock,
    signal: controller.signal,
    rhythm,
    describe: async (ids) => {
      if (fail) throw fail;
      return new Map(ids.map((id) => [id, clock.now() > 5000 ? "done" : "waiting"]));
    },
  });
  const dead = new Error("it died");
  const results = await Promise.allSettled([
    until("a", () => {
      throw dead;
    }),
    until("b", (row) => row === "done"),
  ]);
  expect(results).toMatchObject([
    { status: "rejected", reason: dead },
    { status: "fulfilled", value: "done" },
  ]);

  fail = new Error("no Describe");
  await expect(until("a", () => true)).rejects.toBe(fail);
  fail = undefined;

  const waiting = until("a", () => false);
  const cause = new Error("interrupted");
  controller.abort(cause);
  await expect(waiting).rejects.toBe(cause);
});
