import { afterAll, expect, test } from "vitest";
import { unaccounted } from "./support/inventory.ts";
import { finishesDown, finishesUp } from "./support/kill.ts";
import { startChild } from "./support/peerctl.ts";
import { chosen, eachOf } from "./support/points.ts";
import { prepare, upGoal } from "./support/prepared.ts";

/** The disk fills up, or becomes read-only, before each write of the state file: nothing is made that it does not know of. */

const flows: { args: string[]; before: string[][] }[] = [
  { args: ["up"], before: [] },
  { args: ["down"], before: [["up"]] },
];
const codes = { ENOSPC: "the disk is full", EROFS: "the disk is read-only" };

/** More writes than any of these runs makes. */
const most = 60;

let total = 0;
afterAll(() => console.log(`${total} times the disk took no more`));

test.each(flows)("$args", async ({ args, before }) => {
  const [goal, { open }] = await Promise.all([upGoal(), prepare(before, args)]);
  let last = most;
  const cases = Array.from({ length: most }, (_, n) => n + 1).flatMap((nth) =>
    Object.entries(codes).map(([code, says]) => ({ nth, code, says })),
  );
  await eachOf(
    chosen(cases),
    ({ nth, code }) => `${code} at ${nth}`,
    async ({ nth, code, says }) => {
      if (nth > last) return;
      const place = await open();
      try {
        const child = startChild(place, args, `${nth} ${code}`);
        const end = await child.ended;
        if (end.code === 0) {
          last = Math.min(last, nth - 1);
          return;
        }
        expect(end.code, end.stderr).toBe(1);
        expect(end.stderr).toContain(`cannot write the state file ${place.statePath}: ${says}`);
        expect(end.stderr).toContain("--state FILE");
        if (args[0] === "up") expect(unaccounted(place), end.stderr).toEqual([]);
        // Found before the first call that changes anything.
        if (nth === 1)
          expect(place.lab.log.entries.filter(({ action }) => !/^(Describe|Get)/.test(action))).toEqual([]);
        total++;
        await finishesUp(place, goal, end.stderr);
        await finishesDown(place, end.stderr);
      } finally {
        await place.close();
      }
    },
  );
  expect(last).toBeGreaterThan(2);
});
