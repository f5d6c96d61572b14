import type { Clock } from "../../../src/clock.ts";

/** A clock on which sleeping costs nothing; `pass` lets time go by as a slow call would. */
export function fakeClock(): Clock & { slept: number[]; pass(ms: number): void } {
  let now = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    pass: (ms) => {
      now += ms;
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      now += ms;
    },
  };
}
