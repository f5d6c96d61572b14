import type { Clock } from "../../../src/clock.ts";

/** A clock that stands still until a test moves it; sleepers wake in the order of their times. */
export interface ManualClock extends Clock {
  /** Lets `ms` go by, waking whoever is due, with room for what each does next. */
  advance(ms: number): Promise<void>;
  /** Waits, in real time, until somebody sleeps. */
  asleep(): Promise<void>;
  /** Moves on from sleeper to sleeper until `work` is done. */
  finish<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  at: number;
  wake: () => void;
}

export function manualClock(start = Date.UTC(2026, 0, 2)): ManualClock {
  let now = start;
  let sleepers: Sleeper[] = [];
  const room = () => new Promise<void>((resolve) => setImmediate(resolve));
  const soonest = () =>
    sleepers.reduce<Sleeper | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
  const wake = async (sleeper: Sleeper) => {
    now = Math.max(now, sleeper.at);
    sleepers = sleepers.filter((each) => each !== sleeper);
    sleeper.wake();
    await room();
  };
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener(
          "abort",
          () => {
            sleepers = sleepers.filter((each) => each !== sleeper);
            reject(signal.reason);
          },
          { once: true },
        );
      }),
    advance: async (ms) => {
      const until = now + ms;
      await room();
      for (let next = soonest(); next && next.at <= until; next = soonest()) await wake(next);
      now = until;
      await room();
    },
    asleep: async () => {
      while (sleepers.length === 0) await room();
    },
    finish: async (work) => {
      let done = false;
      const mark = () => {
        done = true;
      };
      work.then(mark, mark);
      for (await room(); !done; ) {
        const next = soonest();
        if (next) await wake(next);
        else await room();
      }
      return work;
    },
  };
}
