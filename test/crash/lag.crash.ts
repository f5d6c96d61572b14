import { existsSync, rmSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import { instant, type Profile } from "../../src/lab/profile.ts";
import { fastClock } from "./support/fast-clock.ts";
import { finishesDown, finishesUp } from "./support/kill.ts";
import { play } from "./support/model.ts";
import { peerctl } from "./support/peerctl.ts";
import { openPlace, type Place } from "./support/place.ts";
import { aShare, chosen, eachOf, nameOf, pointsOf } from "./support/points.ts";
import { must, prepare, upGoal } from "./support/prepared.ts";

/** AWS is eventually consistent: what was made, changed or deleted is not shown for seconds: here for many, since time runs fast. */

const lag = { ...instant, describeLag: 20_000 };
const profiles: Record<string, Profile> = {
  "what is new, for 20 s": lag,
  "what is new, now and then for 20 s": { ...lag, flicker: true },
  "every change, for 20 s": { ...lag, stale: true },
  "every change, now and then for 20 s": { ...lag, stale: true, flicker: true },
};

let total = 0;
afterAll(() => console.log(`${total} points with a lag of 20 s`));

async function lagged(profile: Profile, work: (place: Place) => Promise<void>) {
  const place = await openPlace({ clock: fastClock(20), profile });
  try {
    await work(place);
    total++;
  } finally {
    await place.close();
  }
}

/** What comes after a run that was killed. */
const ways: Record<string, (place: Place, goal: Parameters<typeof finishesUp>[1], note: string) => unknown> =
  {
    up: finishesUp,
    down: () => {},
    // By its name: of the file nothing is left.
    "lost, down": (place) => rmSync(place.statePath, { force: true }),
    "lost, recover, up": async (place, goal, note) => {
      rmSync(place.statePath, { force: true });
      const { code, stderr } = await peerctl(place, ["recover"]);
      // Of a stack that has no VPC yet, or just as good as nothing, nothing can be recovered: it goes by its name.
      if (code !== 0) {
        expect(stderr, note).toMatch(/there is no stack|no VPC/);
        await finishesDown(place, `${note}, nothing to recover: ${stderr}`);
      }
      await finishesUp(place, goal, note);
    },
  };

test.each(Object.entries(profiles))(
  "not shown %s: each change of up, its answer lost, or the run killed; then up, or down, at once",
  async (_name, profile) => {
    const [goal, { calls }] = await Promise.all([upGoal(), prepare([], ["up"])]);
    const points = pointsOf(calls).filter(({ action, side }) => side === "after" && !isRead(action));
    const cases = points.flatMap((point) => ["", ...Object.keys(ways)].map((way) => ({ ...point, way })));
    await eachOf(
      chosen(cases),
      (each) => `${each.way ? `killed, ${each.way}` : "answer lost"}: ${nameOf(each)}`,
      ({ action, nth, way, ...more }) =>
        lagged(profile, async (place) => {
          const note = `${way}: ${nameOf({ action, nth, ...more })}`;
          if (way) {
            await play(place, [], { kind: "crash", args: ["up"], action, nth, side: "after" });
            await ways[way]!(place, goal, note);
          } else {
            await place.faults([{ action, nth, fault: "drop-after" }]);
            await finishesUp(place, goal, note);
          }
          await finishesDown(place, note);
        }),
      6,
    );
  },
);

test.each(Object.entries(profiles))(
  "not shown %s: each change of down, its answer lost, or the run killed; then up, or down, at once",
  async (_name, profile) => {
    const goal = await upGoal();
    const { calls } = await prepare([["up"]], ["down"]);
    const points = pointsOf(calls).filter(({ action, side }) => side === "after" && !isRead(action));
    const cases = points.flatMap((point) =>
      ["", "up", "down", "lost, down"].map((way) => ({ ...point, way })),
    );
    await eachOf(
      aShare(chosen(cases), 2),
      (each) => `${each.way ? `killed, ${each.way}` : "answer lost"}: ${nameOf(each)}`,
      ({ action, nth, way, ...more }) =>
        lagged(profile, async (place) => {
          const note = `${way}: ${nameOf({ action, nth, ...more })}`;
          await must(place, ["up"]);
          if (way) {
            await play(place, [], { kind: "crash", args: ["down"], action, nth, side: "after" });
            if (existsSync(place.statePath)) await ways[way]!(place, goal, note);
          } else await place.faults([{ action, nth, fault: "drop-after" }]);
          await finishesDown(place, note);
        }),
      6,
    );
  },
);
