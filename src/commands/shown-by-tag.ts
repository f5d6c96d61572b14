import type { Aws } from "../aws/aws.ts";
import { type Live, type LiveKind, liveStack } from "../aws/live.ts";
import { type Keys, stillThere, type Tagged, tagged } from "../aws/sweep.ts";
import { lastSent } from "../state/last-sent.ts";
import type { State } from "../state/schema.ts";
import { typeOf } from "../steps/board.ts";
import { recordedIn } from "./owned.ts";
import type { Run } from "./run.ts";

/** Where a stack is, and what is known of it. */
export type Place = Pick<State, "account" | "region" | "endpoint" | "resources" | "intents">;

/**
 * When AWS is sure to show all that was made or begun, in milliseconds since the epoch. Until then, that something is not
 * shown does not say that it is not there. Never more than `consistencyMs` from now, whatever clock the state file's times
 * are from.
 * @param now when this run began
 */
export function settledAt(
  { resources, intents }: Pick<Place, "resources" | "intents">,
  consistencyMs: number,
  now: number,
): number {
  const made = Object.values(resources).map(({ madeAt }) => Date.parse(madeAt));
  const begun = Object.values(intents).map((intent) => lastSent(intent, now));
  return Math.min(now, Math.max(0, ...made, ...begun)) + consistencyMs;
}

/** A first look at what carries a stack's tag, under way. */
export interface FirstLook {
  uuid: string;
  live: Live;
  found: Promise<Tagged[]>;
}

type Known = Pick<Place, "resources" | "intents">;

/**
 * Asks for the tags and, at the same time, for what may be over and still carry them, and for what tells what it is attached
 * to.
 * @param makes the types of key that go
 */
export function firstLook(aws: Aws, uuid: string, known: Known, makes: ReadonlySet<string>): FirstLook {
  const live = liveStack(aws, uuid);
  const found = tagged(aws, uuid, keysIn(known));
  const types = new Set([...Object.keys(known.resources), ...Object.keys(known.intents)].map(typeOf));
  const attached = (["address", "internet-gateway"] satisfies LiveKind[]).filter((kind) => makes.has(kind));
  const needed = (["instance", "peering", ...attached] satisfies LiveKind[]).filter((kind) =>
    types.has(kind),
  );
  // Who waits for an answer is told where there is none.
  for (const each of [found, ...needed.map(live.rows)]) each.catch(() => {});
  return { uuid, live, found };
}

/**
 * What carries the stack's tag and is not over. What was made, or begun, only just now may not be shown yet, and a delete by
 * its id then says that it is not there: where something is missing that AWS may still come to show, it waits for as long as
 * that may take. To be seen once is not enough, as one of AWS's servers may know of it before another does.
 * @returns also all that was shown, over or not
 */
export async function shownByTag(
  run: Run,
  aws: Aws,
  look: FirstLook,
  known: Known,
  settled: number,
): Promise<{ shown: Tagged[]; standing: Tagged[] }> {
  const { live } = look;
  const keys = keysIn(known);
  const shown = await look.found;
  const standing = await stillThere(shown, live);
  const ids = new Set(standing.map(({ id }) => id));
  const isWhole =
    Object.keys(known.intents).length === 0 &&
    standing.length === shown.length &&
    [...keys.keys()].every((id) => ids.has(id));
  if (isWhole || run.clock.now() >= settled) return { shown, standing };
  await untilSettled(run, settled);
  live.refresh();
  const then = await tagged(aws, look.uuid, keys);
  return { shown: then, standing: await stillThere(then, live) };
}

function keysIn(known: Known): Keys {
  return new Map(recordedIn(known).map(({ id, key }) => [id, key]));
}

/** Says that it waits, as it may take seconds. */
export async function untilSettled({ clock, signal, ui }: Run, settled: number): Promise<void> {
  ui.busy("waiting until AWS shows what was made just now");
  await clock.sleep(settled - clock.now(), signal);
  ui.idle();
}
