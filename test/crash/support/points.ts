import { isRead } from "../../../src/aws/aws.ts";
import type { Fault } from "../../../src/lab/faults.ts";
import type { LogEntry } from "../../../src/lab/log.ts";

/** A moment in a run: the `nth` call of an action, before or after it takes effect. */
export interface CallPoint {
  action: string;
  nth: number;
  side: "before" | "after";
}

/** Every moment of a run that made these calls. A read has no effect, so there is no second side to it. */
export function pointsOf(calls: readonly LogEntry[]): CallPoint[] {
  const counts = new Map<string, number>();
  return calls.flatMap(({ action }) => {
    const nth = (counts.get(action) ?? 0) + 1;
    counts.set(action, nth);
    const sides = isRead(action) ? (["before"] as const) : (["before", "after"] as const);
    return sides.map((side) => ({ action, nth, side }));
  });
}

export function hangAt({ action, nth, side }: CallPoint): Fault {
  return { action, nth, fault: `hang-${side}` };
}

export function nameOf({ action, nth, side }: CallPoint): string {
  return `${side} ${action} ${nth}`;
}

/**
 * Each of them, or with CRASH_STRIDE=n every n-th, for where time is short; CRASH_OFFSET says from which on, so that in
 * time all get run.
 */
export function chosen<Item>(items: readonly Item[]): Item[] {
  return everyNth(items, Number(process.env.CRASH_STRIDE ?? 1));
}

/** Where there are very many: every so-manieth of them, unless CRASH_ALL is set. */
export function aShare<Item>(items: readonly Item[], share: number): Item[] {
  return process.env.CRASH_ALL ? [...items] : everyNth(items, share);
}

function everyNth<Item>(items: readonly Item[], n: number): Item[] {
  const offset = Number(process.env.CRASH_OFFSET ?? 0);
  return items.filter((_, place) => (place + offset) % n === 0);
}

/** Runs `work` on every item, a few at a time. Goes on after a failure, and tells all of them at the end. */
export async function eachOf<Item>(
  items: readonly Item[],
  name: (item: Item) => string,
  work: (item: Item) => Promise<void>,
  atOnce = 3,
): Promise<void> {
  const rest = [...items];
  const failures: string[] = [];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
      const one = item;
      await work(one).catch((error: Error) => failures.push(`${name(one)}: ${error.stack ?? error.message}`));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.length > 0) {
    throw new Error(`${failures.length} of ${items.length} failed:\n${failures.join("\n---\n")}`);
  }
}
