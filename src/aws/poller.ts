import type { Clock } from "../clock.ts";

/** Waits for several resources of one kind, with one Describe for all of them at a time. */
export interface Poller<Row> {
  /**
   * The row of `id` as soon as `done` says so of it; `done` may throw to give up. A row that Describe does not show (yet)
   * is `undefined`. Rejects with what Describe threw, and with TimedOut after `timeout` milliseconds.
   */
  until(id: string, done: (row: Row | undefined) => boolean, timeout?: number): Promise<Row | undefined>;
}

/** A resource did not get where it was expected to be in time. */
export class TimedOut extends Error {
  override name = "TimedOut";
}

interface Waiter<Row> {
  id: string;
  done(row: Row | undefined): boolean;
  deadline: number;
  resolve(row: Row | undefined): void;
  reject(error: unknown): void;
}

/**
 * Polls at once, then after `rhythm.first` (before which no such state changes), then at gaps that grow with the time
 * waited, so that a long wait costs few calls and a short one little time.
 */
export function poller<Row>(options: {
  describe(ids: string[]): Promise<ReadonlyMap<string, Row>>;
  clock: Clock;
  signal: AbortSignal;
  rhythm: { first: number; growth: number; longest: number };
}): Poller<Row> {
  const { describe, clock, signal, rhythm } = options;
  let waiters: Waiter<Row>[] = [];
  let polling = false;

  async function poll(): Promise<void> {
    polling = true;
    const began = clock.now();
    try {
      // Everyone who asks in this turn of the event loop shares the first Describe.
      await Promise.resolve();
      for (let slept = 0; waiters.length > 0; ) {
        const asked = new Set(waiters);
        settle(asked, await describe([...new Set(waiters.map(({ id }) => id))]));
        if (waiters.length === 0) break;
        // Who came meanwhile gets a first look at once, too.
        if (waiters.some((waiter) => !asked.has(waiter))) continue;
        const waited = clock.now() - began;
        const gap =
          slept === 0 ? rhythm.first : Math.min(rhythm.longest, Math.max(50, waited * rhythm.growth));
        await clock.sleep(gap, signal);
        slept++;
      }
    } catch (error) {
      for (const waiter of waiters) waiter.reject(error);
      waiters = [];
    } finally {
      polling = false;
    }
  }

  function settle(asked: ReadonlySet<Waiter<Row>>, rows: ReadonlyMap<string, Row>): void {
    waiters = waiters.filter((waiter) => {
      if (!asked.has(waiter)) return true;
      const row = rows.get(waiter.id);
      try {
        if (waiter.done(row)) waiter.resolve(row);
        else if (clock.now() > waiter.deadline) {
          waiter.reject(new TimedOut(`${waiter.id} did not become ready in time`));
        } else return true;
      } catch (error) {
        waiter.reject(error);
      }
      return false;
    });
  }

  return {
    until: (id, done, timeout = 600_000) =>
      new Promise((resolve, reject) => {
        waiters.push({ id, done, deadline: clock.now() + timeout, resolve, reject });
        if (!polling) void poll();
      }),
  };
}
