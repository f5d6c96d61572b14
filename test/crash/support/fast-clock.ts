import type { Clock } from "../../../src/clock.ts";

/** A clock that a process of its own can follow. */
export interface FastClock extends Clock {
  /** For fast-time.js, as CRASH_CLOCK. */
  readonly forChild: string;
}

/**
 * Time that runs `factor` times as fast as it does: what waits half a minute is done in a second or so, and the lab and
 * peerctl, given the same clock, agree on it.
 */
export function fastClock(factor: number): FastClock {
  const origin = Date.now();
  const start = performance.now();
  return {
    forChild: `${origin} ${performance.timeOrigin + start} ${factor}`,
    now: () => origin + (performance.now() - start) * factor,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const timer = setTimeout(() => {
          signal?.removeEventListener("abort", stop);
          resolve();
        }, ms / factor);
        const stop = () => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", stop, { once: true });
      }),
  };
}
