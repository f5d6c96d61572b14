import type { IntentRecord } from "./schema.ts";

/** Milliseconds from an intent to the last try of its create: throttling, and what AWS does not know yet, are waited for before. */
const sentWithin = 300_000;

/**
 * The latest moment (ms since the epoch) at which the create that an earlier run began can have been sent. From then on
 * counts how long AWS may not show what it made.
 * @param now when this run began; later the earlier run sent nothing. It also bounds times from a clock that was ahead
 */
export function lastSent({ at }: Pick<IntentRecord, "at">, now: number): number {
  return Math.min(now, Date.parse(at) + sentWithin);
}
