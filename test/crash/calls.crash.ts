import { afterAll, expect, test } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import { goesOn, keepsRecord, parts, settings, whole } from "./support/flows.ts";
import { unaccounted } from "./support/inventory.ts";
import { endAt, finishesDown } from "./support/kill.ts";
import { aShare, chosen, eachOf, nameOf, pointsOf } from "./support/points.ts";
import { prepare, upGoal } from "./support/prepared.ts";

/** Kill -9 before and after each API call's effect, in every command that changes something. */

/** Where time passes, each command meets more states in the same calls: a share of those will do. */
const cases = Object.entries(settings).flatMap(([time, setting], slow) =>
  [...whole, ...parts].map((flow) => ({
    ...{ time, setting, flow, name: flow.args.join(" ") },
    share: slow ? 3 : 1,
  })),
);

let total = 0;
afterAll(() => console.log(`${total} kill points at calls`));

test.each(cases)("$name, $time", async ({ time, setting, flow, share }) => {
  const { args, before } = flow;
  const [goal, { open, calls }] = await Promise.all([upGoal(), prepare(before, args, setting)]);
  const points = pointsOf(calls);
  expect(points.length).toBeGreaterThan(2);
  await eachOf(
    aShare(chosen(points), share),
    nameOf,
    async (point) => {
      const place = await open();
      try {
        const { reached, signal, code, stderr } = await endAt(place, args, point);
        // How often a waiter looks depends on the moment, and so does what is repeated where AWS lags: no point then.
        if (!reached) expect(`${code} ${isRead(point.action) || time !== "at once"}`, stderr).toBe("0 true");
        else expect(signal).toBe("SIGKILL");
        if (reached) total++;
        if (keepsRecord(flow)) expect(unaccounted(place), nameOf(point)).toEqual([]);
        // A torn down stack's rest can go down at once as well; every other point takes that way.
        if (args[0] === "down" && total % 2 === 0) return await finishesDown(place, nameOf(point));
        await goesOn(place, flow, goal, nameOf(point));
      } finally {
        await place.close();
      }
    },
    setting.clock ? 6 : 3,
  );
});
