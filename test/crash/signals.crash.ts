import { existsSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import { readState } from "../../src/state/read.ts";
import { unaccounted } from "./support/inventory.ts";
import { endBy, finishesDown, finishesUp } from "./support/kill.ts";
import { chosen, eachOf, nameOf, pointsOf } from "./support/points.ts";
import { prepare, upGoal } from "./support/prepared.ts";

/** Ctrl-C and SIGTERM, while a call hangs that will never be answered: the worst moment for them. */

const signals = ["SIGINT", "SIGTERM"] as const;

let total = 0;
afterAll(() => console.log(`${total} runs interrupted by a signal`));

for (const [args, before] of [
  [["up"], []],
  [["down"], [["up"]]],
] as [string[], string[][]][]) {
  test(`${args}`, async () => {
    const [goal, { open, calls }] = await Promise.all([upGoal(), prepare(before, args)]);
    const points = pointsOf(calls).flatMap((point) => signals.map((how) => ({ ...point, how })));
    await eachOf(
      chosen(points),
      (each) => `${each.how}: ${nameOf(each)}`,
      async ({ how, ...point }) => {
        const place = await open();
        try {
          const { reached, code, stderr, took } = await endBy(how, place, args, [point]);
          if (!reached && isRead(point.action)) return;
          expect(reached, stderr).toBe(true);
          expect(code, stderr).toBe(130);
          expect(took).toBeLessThan(2000);
          // Before there is a state file, there is nothing to go on with.
          const says = existsSync(place.statePath) ? ".*Go on with the same command" : "nothing was made$";
          expect(stderr).toMatch(new RegExp(`${how}: stopped; ${says}`, "m"));
          await readState(place.statePath);
          if (args[0] === "up") expect(unaccounted(place), nameOf(point)).toEqual([]);
          expect(place.files()).toEqual(place.files().filter((name) => name === "peerctl.state.json"));
          total++;
          await finishesUp(place, goal, nameOf(point));
          await finishesDown(place, nameOf(point));
        } finally {
          await place.close();
        }
      },
      // Most of their time goes by waiting.
      6,
    );
  });
}
