import { afterAll, expect, test } from "vitest";
import { fastClock } from "./support/fast-clock.ts";
import { type Case, callsOf, nameOfCase, runThrough, troubles } from "./support/faulty.ts";
import { finishesDown, finishesUp, type Goal } from "./support/kill.ts";
import { openPlace } from "./support/place.ts";
import { chosen, eachOf } from "./support/points.ts";
import { prepare, upGoal } from "./support/prepared.ts";

/** Everything that can go wrong with a call, at each call of `up` and `down`. */

let total = 0;
afterAll(() => console.log(`${total} calls went wrong`));

for (const [args, before] of [
  [["up"], []],
  [["down"], [["up"]]],
] as [string[], string[][]][]) {
  test(`${args}`, async () => {
    const [up, { calls, folder }] = await Promise.all([upGoal(), prepare(before, args)]);
    const goal: Goal = args[0] === "up" ? up : { account: [], state: [] };
    const cases = troubles.flatMap((trouble): Case[] =>
      callsOf(calls)
        // One that lasts begins at the action's first call.
        .filter(({ nth }) => nth === 1 || (trouble.times ?? 1) <= 100)
        .filter(({ action }) => (trouble.only ?? /./).test(action))
        .map((call) => ({ trouble, ...call })),
    );
    expect(cases.length).toBeGreaterThan(100);
    await eachOf(
      chosen(cases),
      nameOfCase,
      async (each) => {
        const clock = fastClock(20);
        const place = await openPlace({ copyOf: folder, clock });
        try {
          if (await runThrough(place, args, each, goal, clock)) total++;
          await finishesUp(place, up, nameOfCase(each));
          await finishesDown(place, nameOfCase(each));
        } finally {
          await place.close();
        }
      },
      6,
    );
  });
}
