import { codeOf, isNotFoundYet, isThrottle, isUncertain } from "./codes.ts";

export interface CallOptions {
  /**
   * What to do when it is not known whether the call took effect. `repeat` (the default) is for reads and for actions that
   * may be done twice; `throw` for a create without a token, whose caller looks by tag for what was made.
   */
  uncertain?: "repeat" | "throw";
  /** The call names ids that were only just made: that AWS does not know them passes. */
  fresh?: boolean;
  /** Other errors that pass once AWS has caught up with an earlier call, e.g. `Gateway.NotAttached`. */
  passing?: readonly string[];
}

/** What may be in a call's way for a while. */
export type Trouble = "throttled" | "unknown yet" | "uncertain" | "passing";

/** Undefined where the error is the last word. */
export function troubleOf(error: unknown, { uncertain, fresh, passing }: CallOptions): Trouble | undefined {
  if (isThrottle(error)) return "throttled";
  if (fresh && isNotFoundYet(error)) return "unknown yet";
  if (isUncertain(error)) return uncertain === "throw" ? undefined : "uncertain";
  return passing?.includes(codeOf(error)) ? "passing" : undefined;
}

/** How long a trouble is borne, in milliseconds from when the call first met it, and how many times. */
const bounds = {
  "unknown yet": { ms: 120_000, times: Number.POSITIVE_INFINITY },
  uncertain: { ms: 100_000, times: 4 },
  passing: { ms: 120_000, times: Number.POSITIVE_INFINITY },
};

/** How long throttling is borne while no call of the action comes through, in milliseconds. */
export const throttledFor = 120_000;

/** Milliseconds before a call is made again, for the first time: a state of AWS's takes a second or so to pass. */
const firstPause = { uncertain: 100, passing: 1200 };
const longestPause = 4000;

/** What one call has borne, each trouble for itself. Throttling is not among them: that is the pacer's, for all calls. */
export interface Patience {
  /** Whether it is at an end, now that the call has met this trouble once more; it always is without a trouble's name. */
  endsWith(trouble: keyof typeof bounds | undefined): boolean;
  /** How long to wait before the call is made again, in milliseconds. */
  pause(trouble: keyof typeof firstPause): number;
}

/**
 * @param now milliseconds on a clock that stands still while the call only waits for its turn: a long queue is no trouble
 * @param random gives a number, 0 <= n < 1
 */
export function startPatience(now: () => number, random: () => number): Patience {
  const met = new Map<Trouble, { first: number; times: number }>();
  return {
    endsWith: (trouble) => {
      if (!trouble) return true;
      const { first, times } = met.get(trouble) ?? { first: now(), times: 0 };
      met.set(trouble, { first, times: times + 1 });
      return times >= bounds[trouble].times || now() - first > bounds[trouble].ms;
    },
    pause: (trouble) => {
      const again = (met.get(trouble)?.times ?? 1) - 1;
      return Math.min(longestPause, firstPause[trouble] * 1.6 ** again) * (0.75 + random() / 2);
    },
  };
}
