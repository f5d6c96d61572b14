import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { Fault } from "../../../src/lab/faults.ts";
import { inventory, readFile, recorded } from "./inventory.ts";
import { peerctl, startChild } from "./peerctl.ts";
import type { Place } from "./place.ts";
import { type CallPoint, hangAt } from "./points.ts";

/** Runs peerctl as a process and kills it at the first of these points; `reached` says whether there was one. */
export function endAt(place: Place, args: readonly string[], ...points: readonly CallPoint[]) {
  return endBy("SIGKILL", place, args, points.map(hangAt));
}

/**
 * The same with another signal, which leaves it time, at the first fault: at one that hangs when it has come to that, else
 * when its call has come in. `took`: milliseconds from the signal to its end.
 */
export async function endBy(
  how: NodeJS.Signals,
  place: Place,
  args: readonly string[],
  faults: readonly Fault[],
) {
  await place.faults(faults);
  const [answered, struck] = [place.lab.log.entries.length, place.struck.length];
  const child = startChild(place, args);
  const isHung = () => place.lab.log.entries.slice(answered).some(({ fault }) => fault?.startsWith("hang-"));
  const isLate = () => place.struck.slice(struck).some(({ fault }) => fault === "late-before");
  const held = () => isHung() || isLate();
  while (child.running && !held()) await pause(2);
  const reached = held();
  const at = performance.now();
  if (reached) child.kill(how);
  const end = await child.ended;
  await place.faults([]);
  return { ...end, reached, took: performance.now() - at };
}

/** What an undisturbed `up` comes to; every other way must come to the same. */
export interface Goal {
  account: string[];
  state: string[];
}

export function goalOf(place: Place): Goal {
  return { account: inventory(place), state: recorded(place) };
}

/** `up` completes: each thing is there exactly once, and the state file knows it. */
export async function finishesUp(place: Place, goal: Goal, note = ""): Promise<void> {
  const up = await peerctl(place, ["up"]);
  expect(up.code, `${note}\n${up.stderr}`).toBe(0);
  isAt(place, goal, `${note}\n${up.stderr}`);
}

/** What is there is the goal, and nothing else; a failure tells the lines that differ. */
export function isAt(place: Place, goal: Goal, note: string): void {
  const { account, state } = goalOf(place);
  const differs = [...differences(goal.account, account), ...differences(goal.state, state)];
  expect(differs, [note, ...differs].join("\n")).toEqual([]);
}

/** Lines that are wanted and not there, and there but not wanted, each as often as that. */
function differences(wanted: readonly string[], there: readonly string[]): string[] {
  const without = (some: readonly string[], others: readonly string[]) => {
    const rest = [...others];
    return some.filter((line) => {
      const at = rest.indexOf(line);
      if (at >= 0) rest.splice(at, 1);
      return at < 0;
    });
  };
  return [
    ...without(wanted, there).map((line) => `lacks: ${line}`),
    ...without(there, wanted).map((line) => `has too: ${line}`),
  ];
}

/** `down` completes, and leaves nothing: not in the account, and no file. */
export async function finishesDown(place: Place, note = ""): Promise<void> {
  const down = await peerctl(place, ["down", "--json", "--name", "peerctl"]);
  expect(down.code, `${note}\n${down.stderr}`).toBe(0);
  expect(inventory(place, true), note).toEqual([]);
  expect(readFile(place), note).toBeUndefined();
  expect(place.files(), note).toEqual([]);
  const { audit } = JSON.parse(down.stdout) as { audit: { left: unknown[]; usdAnHour: number } };
  expect(audit, note).toMatchObject({ left: [], usdAnHour: 0 });
}
