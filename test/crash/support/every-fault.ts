import { expect } from "vitest";
import { fastClock } from "./fast-clock.ts";
import { type Case, callsOf, nameOfCase, runThrough, troubles } from "./faulty.ts";
import { finishesDown, finishesUp, type Goal } from "./kill.ts";
import { openPlace } from "./place.ts";
import { chosen, eachOf } from "./points.ts";
import { prepare, upGoal } from "./prepared.ts";

/** Runs `args` once for everything that can go wrong with each of its calls; resolves with how many calls did. */
export async function everyFault(args: string[], before: string[][]): Promise<number> {
  const [up, { calls, folder }] = await Promise.all([upGoal(), prepare(before, args)]);
  const goal: Goal = args[0] === "up" ? up : { account: [], state: [] };
  const cases = troubles.flatMap((trouble): Case[] =>
    callsOf(calls)
      // One that lasts begins at the action's first call, or for all at every third.
      .filter(({ nth, place }) => (trouble.all ? place % 3 === 0 : nth === 1 || (trouble.times ?? 1) <= 100))
      .filter(({ action }) => (trouble.only ?? /./).test(action))
      .map((call) => ({ trouble, ...call })),
  );
  expect(cases.length).toBeGreaterThan(100);
  let struck = 0;
  await eachOf(
    chosen(cases),
    nameOfCase,
    async (each) => {
      const place = await openPlace({ copyOf: folder, clock: fastClock(20) });
      try {
        if (await runThrough(place, args, each, goal)) struck++;
        await finishesUp(place, up, nameOfCase(each));
        await finishesDown(place, nameOfCase(each));
      } finally {
        await place.close();
      }
    },
    6,
  );
  return struck;
}
