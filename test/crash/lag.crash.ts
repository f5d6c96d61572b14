import { afterAll, expect, test } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import { instant, type Profile } from "../../src/lab/profile.ts";
import { fastClock } from "./support/fast-clock.ts";
import { finishesDown, type Goal, goalOf } from "./support/kill.ts";
import { play } from "./support/model.ts";
import { peerctl } from "./support/peerctl.ts";
import { openPlace } from "./support/place.ts";
import { chosen, eachOf, nameOf, pointsOf } from "./support/points.ts";
import { prepare, upGoal } from "./support/prepared.ts";

/** AWS is eventually consistent: what was made is not shown, and not found by other calls, for seconds: here for many, since time runs fast. */

const profiles = {
  "for 20 s": { ...instant, describeLag: 20_000 },
  "now and then for 20 s": { ...instant, describeLag: 20_000, flicker: true },
};

let total = 0;
afterAll(() => console.log(`${total} points with a lag of 20 s`));

async function lagged(
  profile: Profile,
  work: (place: Awaited<ReturnType<typeof openPlace>>, clock: ReturnType<typeof fastClock>) => Promise<void>,
) {
  const clock = fastClock(20);
  const place = await openPlace({ clock, profile });
  try {
    await work(place, clock);
    total++;
  } finally {
    await place.close();
  }
}

async function up(
  place: Awaited<ReturnType<typeof openPlace>>,
  goal: Goal,
  clock: ReturnType<typeof fastClock>,
  note: string,
) {
  const { code, stderr } = await peerctl(place, ["up"], { clock });
  expect(code, `${note}\n${stderr}`).toBe(0);
  expect(goalOf(place), note).toEqual(goal);
}

test.each(Object.entries(profiles))(
  "not shown %s: each change of up, its answer lost, or the run killed; then up, or down, at once",
  async (_name, profile) => {
    const [goal, { calls }] = await Promise.all([upGoal(), prepare([], ["up"])]);
    const points = pointsOf(calls).filter(({ action, side }) => side === "after" && !isRead(action));
    const cases = points.flatMap((point) =>
      ["lost", "killed, up", "killed, down"].map((how) => ({ ...point, how })),
    );
    await eachOf(
      chosen(cases),
      (each) => `${each.how}: ${nameOf(each)}`,
      (each) =>
        lagged(profile, async (place, clock) => {
          const { action, nth, how } = each;
          if (how === "lost") {
            await place.faults([{ action, nth, fault: "drop-after" }]);
            await up(place, goal, clock, nameOf(each));
          } else {
            await play(place, [], clock, { kind: "crash", args: ["up"], action, nth, side: "after" });
            if (how === "killed, up") await up(place, goal, clock, nameOf(each));
          }
          await finishesDown(place, `${how}: ${nameOf(each)}`, clock);
        }),
      6,
    );
  },
);
