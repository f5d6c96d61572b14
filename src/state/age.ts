import type { IntentRecord } from "./schema.ts";

/** So long after it was begun a create may still go out, in milliseconds: AWS may throttle it, or not know what it names yet. */
const longestWait = 300_000;

/**
 * When at the latest the create that left this intent behind took effect, in milliseconds since the epoch. It was begun by
 * a run that has ended, so no later than `now`; a clock may have been set back since.
 */
export function lastEffect({ at }: IntentRecord, now: number): number {
  return Math.min(now, Date.parse(at) + longestWait);
}
