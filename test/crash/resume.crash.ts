import { afterAll, expect, test } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import { settings, whole } from "./support/flows.ts";
import { endAt, finishesDown, finishesUp } from "./support/kill.ts";
import { aShare, type CallPoint, chosen, eachOf, nameOf, pointsOf } from "./support/points.ts";
import { type Prepared, prepare, prepareBy, upGoal } from "./support/prepared.ts";

/** A killed run's own resume is killed too. */

let total = 0;
afterAll(() => console.log(`${total} resumed runs killed`));

/** Changes alone: what a read was asked before it was killed makes no difference to what stands. */
const isAfterChange = ({ action, side }: CallPoint) => side === "after" && !isRead(action);

/** The run is gone on with, or undone. Where time passes, the same pairs meet more states: fewer of those will do. */
const rows = Object.entries(settings).flatMap(([time, setting], slow) =>
  whole.flatMap((flow) =>
    ["up", "down"].map((resume) => ({
      name: flow.args[0],
      resume,
      time,
      flow,
      setting,
      share: slow ? 16 : 4,
    })),
  ),
);

test.each(rows)("$name killed after each change, then $resume after each of its own, $time", async (row) => {
  const { flow, setting, share } = row;
  const resume = [row.resume];
  const [goal, { folder, calls }] = await Promise.all([upGoal(), prepare(flow.before, flow.args, setting)]);
  const cases: { first: CallPoint; left: Prepared; second: CallPoint }[] = [];
  await eachOf(chosen(pointsOf(calls).filter(isAfterChange)), nameOf, async (first) => {
    const kill = (place: Parameters<typeof endAt>[0]) => endAt(place, flow.args, first);
    const left = await prepareBy(kill, resume, { ...setting, copyOf: folder });
    const seconds = pointsOf(left.calls).filter(isAfterChange);
    cases.push(...seconds.map((second) => ({ first, left, second })));
  });
  const name = ({ first, second }: (typeof cases)[number]) => `${nameOf(first)}, then ${nameOf(second)}`;
  // Those that were prepared at a time came in any order: which are chosen must not hang on that.
  cases.sort((a, b) => (name(a) < name(b) ? -1 : 1));
  await eachOf(
    aShare(cases, share),
    name,
    async (each) => {
      const place = await each.left.open();
      try {
        const { reached, code, stderr } = await endAt(place, resume, each.second);
        // Of calls under way at once, how many get done before the end varies, and so does what the resume needs.
        if (reached) total++;
        else expect(code, stderr).toBe(0);
        await finishesUp(place, goal, name(each));
        await finishesDown(place, name(each));
      } finally {
        await place.close();
      }
    },
    setting.clock ? 6 : 3,
  );
});

test.each(whole)(
  "$args: killed after its first change, and so is each resume, until there is none",
  async (flow) => {
    const { args, before } = flow;
    const [goal, { open, calls }] = await Promise.all([upGoal(), prepare(before, args)]);
    const changes = calls.map(({ action }) => action).filter((action) => !isRead(action));
    const anyChange = [...new Set(changes)].map((action) => ({ action, nth: 1, side: "after" as const }));
    const place = await open();
    try {
      // `down` asks again for what is gone but still recorded, and may be killed at just that again: it has to end.
      for (let round = 1; round <= 40; round++) {
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
  },
);
