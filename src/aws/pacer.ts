import type { Clock } from "../clock.ts";

/** Learns from EC2's throttling how fast it may go, for everyone who shares it. */
export interface Pacer {
  /** Resolves when the next call may start. */
  turn(signal: AbortSignal): Promise<void>;
  throttled(): void;
  succeeded(): void;
}

/**
 * Additive increase, multiplicative decrease, as TCP does it: no pacing until the first throttle; from then on calls start
 * a `gap` apart, which doubles when a call is throttled and shrinks by a tenth when one succeeds. One pacer serves one
 * token bucket, so that no step backs off alone while the others go on hitting the bucket's bottom.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
export function adaptivePacer(clock: Clock): Pacer {
  const shortest = 10;
  const longest = 5000;
  let gap = 0;
  let nextStart = 0;
  let lastSlowdown = 0;
  return {
    turn: async (signal) => {
      const now = clock.now();
      const start = Math.max(now, nextStart);
      nextStart = start + gap;
      if (start > now) await clock.sleep(start - now, signal);
    },
    throttled: () => {
      // Calls already under way are throttled together: one such burst is one lesson.
      if (gap > 0 && clock.now() - lastSlowdown < gap) return;
      lastSlowdown = clock.now();
      gap = gap === 0 ? 200 : Math.min(longest, gap * 2);
    },
    succeeded: () => {
      gap = gap * 0.9 < shortest ? 0 : gap * 0.9;
    },
  };
}
