import { rmSync } from "node:fs";
import { afterAll } from "vitest";
import type { LogEntry } from "../../../src/lab/log.ts";
import { type Goal, goalOf } from "./kill.ts";
import { peerctl } from "./peerctl.ts";
import { openPlace, type Place, type PlaceOptions } from "./place.ts";

/** What a command starts from, to be had again and again, and what it does when nothing disturbs it. */
export interface Prepared {
  /** A new place in which everything stands as the command finds it. */
  open(): Promise<Place>;
  /** The folder to copy, for a place of one's own making. */
  folder: string;
  /** The command's calls, undisturbed. */
  calls: readonly LogEntry[];
}

const kept: string[] = [];
afterAll(() => {
  for (const folder of kept) rmSync(folder, { recursive: true, force: true });
});

/** In what all places of a suite are alike. One clock for all, as what is copied goes on in its time. */
export type Setting = Pick<PlaceOptions, "clock" | "profile">;

/**
 * Runs `before` one after the other, keeps what they came to, then runs `args` on a copy to see its calls. `lostFile` among
 * them stands for that.
 */
export function prepare(
  before: readonly (readonly string[])[],
  args: readonly string[],
  setting: Setting = {},
): Promise<Prepared> {
  const work = async (place: Place) => {
    for (const each of before) await must(place, each);
  };
  return prepareBy(work, args, setting);
}

/** The same, after whatever `work` does; that may begin where another ended. */
export async function prepareBy(
  work: (place: Place) => Promise<unknown>,
  args: readonly string[],
  { copyOf, ...setting }: Setting & Pick<PlaceOptions, "copyOf">,
): Promise<Prepared> {
  const first = await openPlace({ ...setting, copyOf, keep: true });
  await work(first);
  await first.close();
  rmSync(`${first.folder}/lab/url`);
  kept.push(first.folder);
  const open = () => openPlace({ ...setting, copyOf: first.folder });
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

export const lostFile: string[] = ["(the file is lost)"];

export async function must(place: Place, args: readonly string[]): Promise<void> {
  if (args === lostFile) return rmSync(place.statePath);
  const { code, stderr } = await peerctl(place, args);
  if (code !== 0) throw new Error(`peerctl ${args.join(" ")}: ${stderr}`);
}
