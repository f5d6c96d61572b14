import { afterAll, expect, test } from "vitest";
import { endAt, finishesDown, finishesUp } from "./support/kill.ts";
import { chosen, eachOf, nameOf, pointsOf } from "./support/points.ts";
import { prepare, upGoal } from "./support/prepared.ts";

/** Kill -9 before and after each API call's effect, in every command that changes something. */

const flows: { args: string[]; before: string[][] }[] = [
  { args: ["up"], before: [] },
  { args: ["down"], before: [["up"]] },
  { args: ["create-vpcs"], before: [] },
  { args: ["peer"], before: [["create-vpcs"]] },
  { args: ["route"], before: [["create-vpcs"], ["peer"]] },
  { args: ["launch"], before: [["create-vpcs"]] },
  { args: ["eip"], before: [["create-vpcs"], ["launch"]] },
  { args: ["open-icmp"], before: [["create-vpcs"], ["launch"]] },
  { args: ["teardown", "eip", "open-icmp"], before: [["up"]] },
];

let total = 0;
afterAll(() => console.log(`${total} kill points at calls`));

test.each(flows)("$args", async ({ args, before }) => {
  const [goal, { open, calls }] = await Promise.all([upGoal(), prepare(before, args)]);
  const points = pointsOf(calls);
  expect(points.length).toBeGreaterThan(3);
  await eachOf(chosen(points), nameOf, async (point) => {
    const place = await open();
    try {
      const { reached, signal, stderr } = await endAt(place, args, point);
      expect(reached, stderr).toBe(true);
      expect(signal).toBe("SIGKILL");
      total++;
      // A torn down stack's rest can go down at once as well; every other point takes that way.
      if (args[0] === "down" && total % 2 === 0) return await finishesDown(place, nameOf(point));
      await finishesUp(place, goal, nameOf(point));
      await finishesDown(place, nameOf(point));
    } finally {
      await place.close();
    }
  });
});
