import { afterAll, expect, test } from "vitest";
import { goesOn, keepsRecord, parts, whole } from "./support/flows.ts";
import { unaccounted } from "./support/inventory.ts";
import { startChild } from "./support/peerctl.ts";
import { chosen, eachOf } from "./support/points.ts";
import { prepare, upGoal } from "./support/prepared.ts";

/**
 * Kill -9 at each change of the state file and its lock: when the temporary file is complete, and when it has taken its
 * name; before and after the lock is taken and given back, and the file removed.
 */

/** The one that has no file writes none. */
const flows = [...whole, ...parts].filter(({ args }) => !args.includes("--name"));

/** More writes than any of these runs makes; past its last one, a run just ends. */
const most = 60;

let total = 0;
afterAll(() => console.log(`${total} kill points at state writes`));

test.each(flows)("$args", async (flow) => {
  const { args, before } = flow;
  const [goal, { open }] = await Promise.all([upGoal(), prepare(before, args)]);
  let last = most;
  const points = Array.from({ length: most }, (_, n) => n + 1);
  const moments = points.flatMap((nth) => [`${nth} before`, `${nth} after`]);
  await eachOf(
    chosen(moments),
    (moment) => moment,
    async (moment) => {
      if (Number.parseInt(moment, 10) > last) return;
      const place = await open();
      try {
        const { signal, code, stderr } = await startChild(place, args, moment).ended;
        if (signal === null) {
          expect(code, stderr).toBe(0);
          last = Math.min(last, Number.parseInt(moment, 10) - 1);
          return;
        }
        total++;
        if (keepsRecord(flow)) expect(unaccounted(place), moment).toEqual([]);
        await goesOn(place, flow, goal, moment);
      } finally {
        await place.close();
      }
    },
  );
  expect(last).toBeGreaterThan(2);
});
