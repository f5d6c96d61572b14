import { afterAll, expect, test } from "vitest";
import { endAt, finishesDown, finishesUp } from "./support/kill.ts";
import { peerctl } from "./support/peerctl.ts";
import { type CallPoint, chosen, eachOf, nameOf, pointsOf } from "./support/points.ts";
import { prepare, upGoal } from "./support/prepared.ts";

/** A killed run's own resume is killed too. */

let total = 0;
afterAll(() => console.log(`${total} kill points in resumed runs`));

/** Changes alone: what a read was asked before it was killed makes no difference to what stands. */
const isChange = ({ action }: CallPoint) => !/^(Describe|Get)/.test(action);

for (const [args, before] of [
  [["up"], []],
  [["down"], [["up"]]],
] as [string[], string[][]][]) {
  test(`${args}: killed in the middle, then its resume at each of its calls`, async () => {
    const [goal, { open, calls }] = await Promise.all([upGoal(), prepare(before, args)]);
    const changes = pointsOf(calls).filter(isChange);
    const middle = changes[Math.floor(changes.length / 2)]!;
    const scout = await open();
    await endAt(scout, args, middle);
    const seen = scout.lab.log.entries.length;
    await peerctl(scout, args);
    const points = pointsOf(scout.lab.log.entries.slice(seen));
    await scout.close();
    await eachOf(chosen(points), nameOf, async (point) => {
      const place = await open();
      try {
        await endAt(place, args, middle);
        // How far the first run came varies; a call that its resume does not need is not reached, and it ends well.
        const { reached, code, stderr } = await endAt(place, args, point);
        if (reached) total += 2;
        else expect(code, stderr).toBe(0);
        await finishesUp(place, goal, nameOf(point));
        await finishesDown(place, nameOf(point));
      } finally {
        await place.close();
      }
    });
  });

  test(`${args}: killed after its first change, and so is each resume, until there is nothing to change`, async () => {
    const [goal, { open, calls }] = await Promise.all([upGoal(), prepare(before, args)]);
    const actions = new Set(
      pointsOf(calls)
        .filter(isChange)
        .map(({ action }) => action),
    );
    const place = await open();
    try {
      // `down` asks again for what is gone but still recorded, and may be killed at just that again: it has to end.
      for (let round = 1; round <= 40; round++) {
        const anyChange = [...actions].map((action) => ({ action, nth: 1, side: "after" as const }));
        const { reached, code, stderr } = await endAt(place, args, ...anyChange);
        if (reached) total++;
        else {
          expect(code, stderr).toBe(0);
          break;
        }
      }
      await finishesUp(place, goal);
      await finishesDown(place);
    } finally {
      await place.close();
    }
  });
}
