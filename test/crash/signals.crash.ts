import { existsSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import { aws } from "../../src/lab/profile.ts";
import { readState } from "../../src/state/read.ts";
import { goesOn, keepsRecord, parts, whole } from "./support/flows.ts";
import { unaccounted } from "./support/inventory.ts";
import { endBy, type Goal } from "./support/kill.ts";
import { startChild } from "./support/peerctl.ts";
import type { Place } from "./support/place.ts";
import { aShare, chosen, eachOf, hangAt, nameOf, pointsOf } from "./support/points.ts";
import { prepare, upGoal } from "./support/prepared.ts";

/** Ctrl-C and SIGTERM: while a call hangs that will never be answered, while the file is written, while AWS takes its time. */

const signals = ["SIGINT", "SIGTERM"] as const;
/** All flows, of which the parts are made of the same calls as the wholes: a share of their points will do. */
const flows = [...whole.map((flow) => ({ flow, share: 1 })), ...parts.map((flow) => ({ flow, share: 3 }))];
const named = flows.map((each) => ({ ...each, name: each.flow.args.join(" ") }));

let total = 0;
afterAll(() => console.log(`${total} runs interrupted by a signal`));

type Flow = (typeof flows)[number]["flow"];

/** It ended soon, says how to go on, and what it made is on record. */
async function wasStopped(
  place: Place,
  flow: Flow,
  how: string,
  end: { code: number | null; stderr: string; took: number },
) {
  expect(end.code, end.stderr).toBe(130);
  expect(end.took, end.stderr).toBeLessThan(2000);
  expect(end.stderr).toMatch(new RegExp(`${how}: stopped${goingOn(place, flow)}`, "m"));
  await isWhole(place, flow);
}

/** How it says to go on: a removal always, and who makes things once there is a state file. */
function goingOn(place: Place, { args: [command] }: Flow): string {
  if (command === "recover") return "$";
  if (command === "down" || command === "teardown")
    return "; something may be left. Go on with the same command";
  return existsSync(place.statePath) ? ".*Go on with the same command.*peerctl down" : "; nothing was made$";
}

async function isWhole(place: Place, flow: Flow) {
  await readState(place.statePath);
  if (keepsRecord(flow)) expect(unaccounted(place)).toEqual([]);
  expect(place.files()).toEqual(place.files().filter((name) => name === "peerctl.state.json"));
  total++;
}

test.each(named)("$name, while a call hangs", async ({ flow, share }) => {
  const { args, before } = flow;
  const [goal, { open, calls }] = await Promise.all([upGoal(), prepare(before, args)]);
  const points = pointsOf(calls).flatMap((point) => signals.map((how) => ({ ...point, how })));
  await eachOf(
    aShare(chosen(points), share),
    (each) => `${each.how}: ${nameOf(each)}`,
    async ({ how, ...point }) => {
      const place = await open();
      try {
        const end = await endBy(how, place, args, [hangAt(point)]);
        if (!end.reached && isRead(point.action)) return;
        expect(end.reached, end.stderr).toBe(true);
        // What was asked ahead and turned out not to be needed keeps no run: it may have ended before the signal came.
        if (end.code === 0 && isRead(point.action)) await isWhole(place, flow);
        else await wasStopped(place, flow, how, end);
        await goesOn(place, flow, goal, nameOf(point));
      } finally {
        await place.close();
      }
    },
    // Most of their time goes by waiting.
    6,
  );
});

test.each(named)("$name, at each change of the state file", async ({ flow, share }) => {
  const { args, before } = flow;
  if (args.includes("--name")) return;
  const [goal, { open }] = await Promise.all([upGoal(), prepare(before, args)]);
  let last = 60;
  const moments = Array.from({ length: last }, (_, n) => n + 1).flatMap((nth) =>
    ["before", "after"].map((side, n) => ({ nth, side, how: signals[(nth + n) % 2]! })),
  );
  await eachOf(
    aShare(chosen(moments), share),
    ({ nth, how, side }) => `${how} ${side} ${nth}`,
    async ({ nth, how, side }) => {
      if (nth > last) return;
      const place = await open();
      try {
        const { code, stderr } = await startChild(place, args, `${nth} ${how} ${side}`).ended;
        // Past the last change it just ends, as it may when the last one is under way.
        if (code === 0) last = Math.min(last, nth - 1);
        else expect(code, stderr).toBe(130);
        await isWhole(place, flow);
        await goesOn(place, flow, goal, `${how} ${side} ${nth}`);
      } finally {
        await place.close();
      }
    },
    6,
  );
});

/** Until when a run waits for AWS: from the last call of that action on, for seconds. */
const waits: { flow: Flow; action: string; nth: number }[] = [
  { flow: whole[0]!, action: "AssociateAddress", nth: 1 },
  { flow: whole[1]!, action: "TerminateInstances", nth: 1 },
  { flow: { args: ["peer"], before: [["create-vpcs"]] }, action: "CreateVpcPeeringConnection", nth: 1 },
  { flow: { args: ["peer"], before: [["create-vpcs"]] }, action: "AcceptVpcPeeringConnection", nth: 1 },
  { flow: { args: ["launch"], before: [["create-vpcs"]] }, action: "RunInstances", nth: 2 },
  { flow: { args: ["teardown", "launch"], before: [["up"]] }, action: "TerminateInstances", nth: 1 },
];

test("while AWS takes its time", async () => {
  const goal = await upGoal();
  const cases = waits.flatMap((wait) => signals.map((how) => ({ ...wait, how })));
  await eachOf(
    chosen(cases),
    ({ flow, action, how }) => `${how} after ${action} of ${flow.args}`,
    (each) => whileItWaits(each, goal),
    cases.length,
  );
});

async function whileItWaits(
  { flow, action, nth, how }: (typeof waits)[number] & { how: NodeJS.Signals },
  goal: Goal,
) {
  const { open } = await prepare(flow.before, flow.args, { profile: aws });
  const place = await open();
  try {
    const child = startChild(place, flow.args);
    const count = () => place.lab.log.entries.filter((each) => each.action === action).length;
    while (child.running && count() < nth) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const at = performance.now();
    child.kill(how);
    const end = await child.ended;
    await wasStopped(place, flow, how, { ...end, took: performance.now() - at });
    await goesOn(place, flow, goal, `${how} after ${action}`);
  } finally {
    await place.close();
  }
}
