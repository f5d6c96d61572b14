import { expect, test } from "vitest";
import { poller, TimedOut } from "../../src/aws/poller.ts";
import { hurriedClock } from "../support/hurried-clock.ts";

const rhythm = { first: 4000, growth: 0.12, longest: 10_000 };

/** Rows that come to be, each at its time (ms after the start); Describe takes no time. */
function world(readyAt: Record<string, number>, how: Partial<typeof rhythm> = {}) {
  const clock = hurriedClock(0);
  const controller = new AbortController();
  const asked: { at: number; ids: string[] }[] = [];
  const watch = poller<boolean>({
    clock,
    signal: controller.signal,
    rhythm: { ...rhythm, ...how },
    describe: async (ids) => {
      asked.push({ at: clock.now(), ids });
      await Promise.resolve();
      return new Map(ids.filter((id) => id in readyAt).map((id) => [id, clock.now() >= readyAt[id]!]));
    },
  });
  return {
    clock,
    controller,
    asked,
    until: (id: string, timeout?: number) => watch.until(id, Boolean, timeout),
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
  // Then gaps of an eighth or so of the time waited.
  ["a usual boot", 9000, [0, 4000, 4480, 5018, 5620, 6294, 7049, 7895, 8843, 9904]],
])("%s: looks at these times", async (_what, ready, times) => {
  const { asked, until } = world({ a: ready });
  await until("a");
  expect(asked.map(({ at }) => Math.round(at))).toEqual(times);
});

test("a long wait costs few calls: the gaps grow up to the longest", async () => {
  const { asked, until } = world({ a: 400_000 });
  await until("a");
  expect(asked.length).toBeLessThan(70);
  expect(asked.at(-1)!.at - asked.at(-2)!.at).toBeCloseTo(rhythm.longest);
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
  const error = await until("a", 30_000).catch((thrown: unknown) => thrown);
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
