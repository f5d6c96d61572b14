import type { Clock } from "../clock.ts";

/**
 * Keeps the calls of one action within AWS's token bucket for it, for all who share it, so that no one backs off alone.
 * What the bucket holds nobody says: the answers show it.
 */
export interface Pacer {
  /** Resolves when the next call may start, in the order of asking, with a ticket to hand back with the answer. */
  turn(signal: AbortSignal): Promise<Ticket>;
  /** AWS took the call, whatever it then said to it. */
  passed(ticket: Ticket): void;
  /** Returns how long ago the first throttle was since a call last came through, in milliseconds. */
  throttled(ticket: Ticket): number;
}

/** The instant at which a call started, milliseconds since the epoch. */
type Ticket = number;

/**
 * With each call that passes the rate goes up by this much, so that a bucket that refills faster is found out: in steps
 * while it was only guessed, and hardly at all once it was seen.
 */
const probing = { guessed: 1.05, seen: 1.01 };
/** So many calls that passed between two throttles tell the rate; with fewer it is only known to be too high. */
const enough = 5;
/** Calls a second: it goes on trying. */
const slowest = 0.1;

/**
 * Nothing is held back until the first throttle: then the bucket is known to be empty, and what came through before was its
 * burst. From then on a bucket like it is kept here. Between two moments at which AWS's is empty as many calls come through
 * as it was refilled by, and that is its rate.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 * @param guess calls a second, until there is something to learn from
 */
export function learningPacer(clock: Clock, guess: number): Pacer {
  const queue: { resolve(ticket: Ticket): void; reject(cause: unknown): void }[] = [];
  let pumping = false;
  let burst = 0;
  let perSecond = guess;
  let isGuess = true;
  /** Undefined until the first throttle. */
  let bucket: { tokens: number; at: number } | undefined;
  /** When AWS's bucket was last seen empty, and what has passed since. */
  let empty = { at: 0, passed: 0, wasFullSince: false };
  /** When the first call was throttled since one last passed. */
  let throttledSince: number | undefined;

  function refill(held: NonNullable<typeof bucket>): void {
    const now = clock.now();
    held.tokens += ((now - held.at) / 1000) * perSecond;
    held.at = now;
    if (held.tokens < burst) return;
    held.tokens = burst;
    empty.wasFullSince = true;
  }

  async function pump(signal: AbortSignal): Promise<void> {
    pumping = true;
    try {
      while (queue.length > 0) {
        if (bucket) {
          refill(bucket);
          const missing = 1 - bucket.tokens;
          if (missing > 0) {
            await clock.sleep(Math.ceil((missing / perSecond) * 1000), signal);
            continue;
          }
          bucket.tokens -= 1;
        }
        queue.shift()?.resolve(clock.now());
      }
    } catch (cause) {
      for (const each of queue.splice(0)) each.reject(cause);
    } finally {
      pumping = false;
    }
  }

  return {
    turn: (signal) =>
      new Promise((resolve, reject) => {
        queue.push({ resolve, reject });
        if (!pumping) void pump(signal);
      }),
    passed: (ticket) => {
      throttledSince = undefined;
      // What started before the bucket was seen empty came out of what it held then.
      if (!bucket || ticket < empty.at) {
        burst += 1;
        return;
      }
      empty.passed += 1;
      perSecond *= isGuess ? probing.guessed : probing.seen;
    },
    throttled: (ticket) => {
      const now = clock.now();
      throttledSince ??= now;
      // Calls already under way are throttled together: that is one lesson.
      if (!bucket || ticket >= empty.at) {
        if (bucket && !empty.wasFullSince) {
          const seconds = (now - empty.at) / 1000;
          isGuess &&= empty.passed < enough;
          perSecond = empty.passed < enough ? perSecond * 0.75 : empty.passed / seconds;
          perSecond = Math.max(slowest, perSecond);
        }
        burst = Math.max(2, burst);
        bucket = { tokens: 0, at: now };
        empty = { at: now, passed: 0, wasFullSince: false };
      }
      return now - throttledSince;
    },
  };
}
