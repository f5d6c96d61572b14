import { liveKinds } from "../aws/live.ts";
import { type Keys, type Tagged, tagged } from "../aws/sweep.ts";
import type { State } from "../state/schema.ts";
import { typeOf } from "../steps/board.ts";
import type { Access } from "./access.ts";
import type { Run } from "./run.ts";

/** Where a stack is, and what is known of it. */
export type Place = Pick<State, "account" | "region" | "endpoint" | "resources" | "intents">;

/**
 * When AWS is sure to show all that was made or begun, in milliseconds since the epoch. Until then, that something is not
 * shown does not say that it is not there. Never more than `consistencyMs` from now, whatever clock the state file's times
 * are from.
 */
export function settledAt({ resources, intents }: Place, consistencyMs: number, now: number): number {
  const made = Object.values(resources).map(({ madeAt }) => Date.parse(madeAt));
  const begun = Object.values(intents).map(({ at }) => Date.parse(at));
  return Math.min(now, Math.max(0, ...made, ...begun)) + consistencyMs;
}

/**
 * What carries the stack's tag. What was made, or begun, only just now may not be shown yet, and a delete by its id then
 * says that it is not there: where something is missing that AWS may still come to show, it waits for as long as that may
 * take. To be seen once is not enough, as one of AWS's servers may know of it before another does.
 */
export async function shownByTag(
  run: Run,
  { aws }: Access,
  { resources, intents }: Place,
  uuid: string,
  settled: number,
): Promise<Tagged[]> {
  const keys: Keys = new Map(
    Object.entries(resources)
      .filter(([key]) => liveKinds.some((kind) => kind === typeOf(key)))
      .map(([key, { id }]) => [id, key]),
  );
  const found = await tagged(aws, uuid, keys);
  const shown = new Set(found.map(({ id }) => id));
  const isWhole = Object.keys(intents).length === 0 && [...keys.keys()].every((id) => shown.has(id));
  if (isWhole || run.clock.now() >= settled) return found;
  await untilSettled(run, settled);
  return tagged(aws, uuid, keys);
}

/** Says that it waits, as it may take seconds. */
export async function untilSettled({ clock, signal, ui }: Run, settled: number): Promise<void> {
  ui.busy("waiting until AWS shows what was made just now");
  await clock.sleep(settled - clock.now(), signal);
  ui.idle();
}
