import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { inventory, readFile, recorded } from "./inventory.ts";
import { peerctl, startChild } from "./peerctl.ts";
import type { Place } from "./place.ts";
import { type CallPoint, hangAt } from "./points.ts";

/** Runs peerctl as a process and kills it at the first of these points; `reached` says whether there was one. */
export function endAt(place: Place, args: readonly string[], ...points: readonly CallPoint[]) {
  return endBy("SIGKILL", place, args, points);
}

/** The same with another signal, which leaves it time. `took`: milliseconds from the signal to its end. */
export async function endBy(
  how: NodeJS.Signals,
  place: Place,
  args: readonly string[],
  points: readonly CallPoint[],
) {
  await place.faults(points.map(hangAt));
  const before = place.lab.log.entries.length;
  const child = startChild(place, args);
  const held = () => place.lab.log.entries.slice(before).some(({ fault }) => fault?.startsWith("hang-"));
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
  expect(goalOf(place), note).toEqual(goal);
}

/** `down` completes, and leaves nothing: not in the account, and no file. */
export async function finishesDown(place: Place, note = "", clock = systemClock): Promise<void> {
  const down = await peerctl(place, ["down", "--json"], { clock });
  expect(down.code, `${note}\n${down.stderr}`).toBe(0);
  expect(inventory(place), note).toEqual([]);
  expect(readFile(place), note).toBeUndefined();
  expect(place.files(), note).toEqual([]);
  const { audit } = JSON.parse(down.stdout) as { audit: { left: unknown[]; usdAnHour: number } };
  expect(audit, note).toMatchObject({ left: [], usdAnHour: 0 });
}
