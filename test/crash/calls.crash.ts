import { afterAll, expect, test } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import { unaccounted } from "./support/inventory.ts";
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
  expect(points.length).toBeGreaterThan(2);
  await eachOf(chosen(points), nameOf, async (point) => {
    const place = await open();
    try {
      const { reached, signal, code, stderr } = await endAt(place, args, point);
      // How often a waiter looks depends on the moment: a look that did not come about was no point.
      if (!reached) expect(`${code} ${isRead(point.action)}`, stderr).toBe("0 true");
      else expect(signal).toBe("SIGKILL");
      if (reached) total++;
      if (!args[0]?.match(/down/)) expect(unaccounted(place), nameOf(point)).toEqual([]);
      // A torn down stack's rest can go down at once as well; every other point takes that way.
      if (args[0] === "down" && total % 2 === 0) return await finishesDown(place, nameOf(point));
      await finishesUp(place, goal, nameOf(point));
      await finishesDown(place, nameOf(point));
    } finally {
      await place.close();
    }
  });
});
