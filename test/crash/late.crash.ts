import { setTimeout as pause } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import { instant } from "../../src/lab/profile.ts";
import { callsOf } from "./support/faulty.ts";
import { whole } from "./support/flows.ts";
import { endBy, finishesDown, finishesUp, type Goal } from "./support/kill.ts";
import { peerctl } from "./support/peerctl.ts";
import type { Place } from "./support/place.ts";
import { chosen, eachOf } from "./support/points.ts";
import { prepare, upGoal } from "./support/prepared.ts";

/**
 * Killed right after it sent a call, which takes effect only when the next run is at work, and is shown later still: all
 * within the time that AWS is given to become consistent (here three times the lag, 3 s).
 */
const profile = { ...instant, describeLag: 1000 };
const ms = 1200;

let total = 0;
afterAll(() => console.log(`${total} calls that took effect after their run was killed`));

const rows = whole.flatMap((flow) => ["up", "down"].map((next) => ({ name: flow.args[0]!, next, flow })));

test.each(rows)(
  "$name killed while a call is on its way, then $next at once",
  async ({ name, next, flow }) => {
    const [goal, { open, calls }] = await Promise.all([
      upGoal(),
      prepare(flow.before, flow.args, { profile }),
    ]);
    await eachOf(
      chosen(callsOf(calls).filter(({ action }) => !isRead(action))),
      ({ action, nth }) => `${action} ${nth}`,
      async ({ action, nth }) => {
        const place = await open();
        try {
          const { reached, code, stderr } = await endBy("SIGKILL", place, flow.args, [
            { action, nth, fault: "late-before", ms },
          ]);
          if (!reached) return expect(code, stderr).toBe(0);
          const arrived = pause(ms + 100);
          await goOn(place, `${name} ${next}`, goal, `${action} ${nth}`);
          await arrived;
          await finishesUp(place, goal, `${action} ${nth}: at the end`);
          await finishesDown(place, `${action} ${nth}: at the end`);
          total++;
        } finally {
          await place.close();
        }
      },
      8,
    );
  },
);

/** What the next run comes to while the call takes effect. */
async function goOn(place: Place, how: string, goal: Goal, note: string) {
  if (how === "up up") return finishesUp(place, goal, note);
  if (how.endsWith("down")) return finishesDown(place, note);
  // A delete that strikes what this run has just seen: no run can know. It must not end well and lack more than that.
  await peerctl(place, ["up"]);
}
