import { rmSync } from "node:fs";
import { afterAll } from "vitest";
import type { LogEntry } from "../../../src/lab/log.ts";
import { type Goal, goalOf } from "./kill.ts";
import { peerctl } from "./peerctl.ts";
import { openPlace, type Place } from "./place.ts";

/** What a command starts from, to be had again and again, and what it does when nothing disturbs it. */
export interface Prepared {
  /** A new place in which everything stands as the command finds it. */
  open(): Promise<Place>;
  /** The folder to copy, for a place of one's own making. */
  folder: string;
  /** The command's calls, undisturbed. */
  calls: readonly LogEntry[];
}

/** Runs `before` one after the other, keeps what they came to, then runs `args` on a copy to see its calls. */
export async function prepare(
  before: readonly (readonly string[])[],
  args: readonly string[],
): Promise<Prepared> {
  const first = await openPlace({ keep: true });
  for (const each of before) await must(first, each);
  await first.close();
  rmSync(`${first.folder}/lab/url`);
  afterAll(() => rmSync(first.folder, { recursive: true, force: true }));
  const open = () => openPlace({ copyOf: first.folder });
  const copy = await open();
  await must(copy, args);
  const calls = [...copy.lab.log.entries];
  await copy.close();
  return { open, folder: first.folder, calls };
}

export async function upGoal(): Promise<Goal> {
  const place = await openPlace();
  await must(place, ["up"]);
  const goal = goalOf(place);
  await place.close();
  return goal;
}

async function must(place: Place, args: readonly string[]): Promise<void> {
  const { code, stderr } = await peerctl(place, args);
  if (code !== 0) throw new Error(`peerctl ${args.join(" ")}: ${stderr}`);
}
