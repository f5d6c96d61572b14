import { afterAll, expect, test } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import { instant } from "../../src/lab/profile.ts";
import { fastClock } from "./support/fast-clock.ts";
import { unaccounted } from "./support/inventory.ts";
import { finishesDown, finishesUp } from "./support/kill.ts";
import { startChild } from "./support/peerctl.ts";
import { openPlace } from "./support/place.ts";
import { chosen, eachOf } from "./support/points.ts";
import { prepare, upGoal } from "./support/prepared.ts";

/**
 * A change is throttled for longer than AWS takes to become consistent, then takes effect, and at once the run is killed.
 * The intent is old by then, and what it made is not shown yet.
 */
const profile = { ...instant, describeLag: 30_000 };
/** Milliseconds; the lab gives AWS three times the lag. */
const throttledFor = 95_000;

let total = 0;
afterAll(() =>
  console.log(`${total} changes that were throttled for long, took effect and were not recorded`),
);

test.each(["up", "down"])("then %s", async (next) => {
  const [goal, { calls }] = await Promise.all([upGoal(), prepare([], ["up"])]);
  const actions = [...new Set(calls.map(({ action }) => action))].filter((action) => !isRead(action));
  await eachOf(
    chosen(actions),
    (action) => action,
    async (action) => {
      const clock = fastClock(10);
      const place = await openPlace({ clock, profile });
      try {
        await place.faults([{ action, fault: "throttle" }]);
        const child = startChild(place, ["up"]);
        while (place.struck.length === 0) await clock.sleep(20);
        await clock.sleep(throttledFor);
        await place.faults([{ action, nth: 1, fault: "hang-after" }]);
        const held = () => place.lab.log.entries.some(({ fault }) => fault === "hang-after");
        while (child.running && !held()) await clock.sleep(20);
        child.kill("SIGKILL");
        const { signal, stderr } = await child.ended;
        // Of two that are throttled at once, the first may just have lost its patience.
        if (signal === null)
          return expect(stderr).toContain(`RequestLimitExceeded: Request limit exceeded. (${action})`);
        await place.faults([]);
        expect(unaccounted(place)).toEqual([]);
        total++;
        if (next === "up") await finishesUp(place, goal, action);
        await finishesDown(place, action);
      } finally {
        await place.close();
      }
    },
    actions.length,
  );
});
