import { setTimeout as pause } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { unaccounted } from "./support/inventory.ts";
import { finishesDown, finishesUp } from "./support/kill.ts";
import { type Child, startChild } from "./support/peerctl.ts";
import { chosen, eachOf } from "./support/points.ts";
import { prepare, upGoal } from "./support/prepared.ts";

/** Two processes on one state file: one works, the other is told by whom; and a killed one's lock is nobody's. */

const pairs: { first: string[]; second: string[]; before: string[][] }[] = [
  { first: ["up"], second: ["up"], before: [] },
  { first: ["up"], second: ["down"], before: [["create-vpcs"]] },
  { first: ["down"], second: ["up"], before: [["up"]] },
  { first: ["down"], second: ["down"], before: [["up"]] },
  { first: ["launch"], second: ["peer"], before: [["create-vpcs"]] },
];
/** How much later the second starts, in milliseconds: from at once to when the first is long at work. */
const delays = [0, 30, 80, 150, 250, 400, 600];

let total = 0;
let refused = 0;
afterAll(() => console.log(`${total} times two at once, of which one was refused ${refused} times`));

test.each(pairs)("$first and $second", async ({ first, second, before }) => {
  const [goal, { open }] = await Promise.all([upGoal(), prepare(before, first)]);
  const cases = delays.flatMap((delay) => [false, true].map((killed) => ({ delay, killed })));
  await eachOf(
    chosen(cases),
    ({ delay, killed }) => `${delay} ms later${killed ? ", one killed" : ""}`,
    async ({ delay, killed }) => {
      const place = await open();
      const children: Child[] = [];
      try {
        children.push(startChild(place, first));
        await pause(delay);
        children.push(startChild(place, second));
        if (killed) {
          await pause(delay);
          children[0]!.kill("SIGKILL");
        }
        for (const child of children) {
          const { code, signal, stderr } = await child.ended;
          if (signal === null && code !== 0) {
            // In the lock's words, or those of a second run that found the first one's work gone or half done.
            expect(stderr).toMatch(
              /is in use by `peerctl .*`, process \d+ on \S+, for \d+ s|there is no |is a stack named/,
            );
            if (stderr.includes("is in use by")) refused++;
          }
        }
        if (first[0] !== "down" && second[0] !== "down") expect(unaccounted(place)).toEqual([]);
        total++;
        await finishesUp(place, goal);
        await finishesDown(place);
      } finally {
        await Promise.all(children.map((child) => child.ended));
        await place.close();
      }
    },
  );
});
