import type { Clock } from "../../src/clock.ts";

interface Sleeper {
  at: number;
  wake(): void;
}

/** No pause between two tries is as long as this, in milliseconds. */
const guard = 20_000;

/**
 * Time that passes only by sleeping, and then a thousand times as fast, in the order of the times asked for. So minutes of
 * waiting beside real sockets take milliseconds, and every deadline is kept. A guard against what never answers sleeps
 * long: it is woken only after a second without any other sleeper, so that it does not strike those who do answer.
 */
export function hurriedClock(start = Date.UTC(2026, 0, 2)): Clock {
  let now = start;
  let sleepers: Sleeper[] = [];
  let timer: NodeJS.Timeout | undefined;

  const soonest = () => sleepers.reduce((a, b) => (a.at <= b.at ? a : b));
  const wind = () => {
    clearTimeout(timer);
    if (sleepers.length === 0) return;
    const gap = soonest().at - now;
    timer = setTimeout(
      () => {
        const next = soonest();
        now = Math.max(now, next.at);
        sleepers = sleepers.filter((each) => each !== next);
        next.wake();
        wind();
      },
      gap > guard ? 1000 : gap / 1000,
    );
  };

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => {
          sleepers = sleepers.filter((each) => each !== sleeper);
          wind();
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          at: now + ms,
          wake: () => {
            signal?.removeEventListener("abort", stop);
            resolve();
          },
        };
        sleepers.push(sleeper);
        signal?.addEventListener("abort", stop, { once: true });
        wind();
      }),
  };
}
